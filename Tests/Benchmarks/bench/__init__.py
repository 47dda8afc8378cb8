"""Benchmarks of real nodes over loopback: `python -m bench --help` in Tests/Benchmarks, or `make bench`."""
