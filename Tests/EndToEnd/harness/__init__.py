"""What the end-to-end tests are made of: real servers, protocol clients, faults and a checker.

Everything here talks to the built binary from outside, over sockets, signals and exit codes. Nothing knows the sources.
"""
