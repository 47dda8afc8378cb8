"""Free TCP ports on loopback."""

import os
import random
import socket

LOOPBACK = "127.0.0.1"

# Runs that go on at the same time take theirs from ranges of their own.
_LOWEST, _HIGHEST = map(int, os.environ.get("MARTLET_TEST_PORTS", "15000-31999").split("-"))


def free_port() -> int:
    """A port nobody listens on now. Whoever binds it should be ready to be refused and ask again.

    Below those that the kernel gives to outgoing connections: one of the many that a test makes would take it.
    """
    while True:
        port = random.randint(_LOWEST, _HIGHEST)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port


def accepts(port: int) -> bool:
    """Whether something takes TCP connections on the port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=0.5):
            return True
    except OSError:
        return False
