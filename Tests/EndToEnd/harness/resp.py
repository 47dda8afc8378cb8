"""A few lines of RESP, so that the checker reads Redis without a client library."""

import socket

from .ports import LOOPBACK


class RedisError(Exception):
    """An error reply."""


class RedisProbe:
    """One blocking connection. Replies are str, int, None or lists of those."""

    def __init__(self, port: int, timeout: float = 5.0, login: tuple[str, str] | None = None):
        """`login`: user and password."""
        self._socket = socket.create_connection((LOOPBACK, port), timeout=timeout)
        self._file = self._socket.makefile("rb")
        if login:
            self.command("AUTH", *login)

    def command(self, *words: str | int):
        """Sends one command and returns its reply."""
        parts = [str(word).encode() for word in words]
        request = b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
        self._socket.sendall(request)
        return self._reply()

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def __enter__(self) -> "RedisProbe":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def _reply(self):
        line = self._file.readline()
        if not line:
            raise ConnectionError("Redis closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            raise RedisError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            length = int(rest)
            return None if length < 0 else self._file.read(length + 2)[:-2].decode(errors="surrogateescape")
        if kind == b"*":
            count = int(rest)
            return None if count < 0 else [self._reply() for _ in range(count)]
        raise RedisError(f"not RESP2: {line!r}")
