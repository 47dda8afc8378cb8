"""A random schedule of faults against a real cluster that people talk on. `python -m chaos --help`; needs `harness`."""
