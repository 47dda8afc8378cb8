"""A redis-server of the tests' own."""

import json
import os
import shutil
from pathlib import Path

from . import redis_users
from .ports import free_port
from .process import ChildProcess
from .resp import RedisError, RedisProbe
from .waiting import wait_until

_START = Path(__file__).resolve().parents[3] / "deploy" / "redis" / "start.sh"


class RedisServer:
    """redis-server on a free loopback port with an append-only file in `directory`, and with the users that an
    operator's Redis has (deploy/redis/users.acl), besides the tests' own, `admin`, who may do everything."""

    login = ("admin", redis_users.PASSWORDS["redis-admin-password"])

    def __init__(self, directory: Path, fsync: str = "everysec", tls: tuple[Path, Path] | None = None):
        """`fsync`: `always` where a test kills Redis and counts what was acknowledged. `tls`: a certificate and its key, for
        a second port, `tls_port`."""
        self.directory = directory
        self.directory.mkdir(parents=True, exist_ok=True)
        self._fsync = fsync
        self.port = free_port()
        self.tls_port = free_port()
        self._tls = ["--tls-port", str(self.tls_port), "--tls-cert-file", str(tls[0]), "--tls-key-file", str(tls[1]),
                     "--tls-ca-cert-file", str(tls[0]), "--tls-auth-clients", "no"] if tls else []
        self._process: ChildProcess | None = None
        self.start()

    @property
    def url(self) -> str:
        """For nodes and commands, which find the password in a file."""
        return redis_users.url(self.port)

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self) -> None:
        """Starts on the same port and data as before, and waits until commands are answered."""
        self._process = ChildProcess("redis", [
            str(_START), "redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.directory),
            "--appendonly", "yes", "--appendfsync", self._fsync, "--save", "", "--maxmemory-policy", "noeviction",
            *self._tls,
        ], self.directory / "redis.log", os.environ | redis_users.environment(self.directory))
        wait_until(self._answers, 10, "redis-server to answer")

    def kill(self) -> None:
        self._process.kill()

    def stop(self) -> None:
        self._process.stop()

    def cont(self) -> None:
        self._process.cont()

    def close(self) -> None:
        self._process.close()

    def erase(self) -> None:
        """Removes the data of a server that has ended: the next start comes up empty."""
        for data in self.directory.glob("appendonlydir"):
            shutil.rmtree(data)

    def command(self, *words: str | int):
        """One command over a connection of its own."""
        with RedisProbe(self.port, login=self.login) as probe:
            return probe.command(*words)

    def hash(self, key: str) -> dict[str, str]:
        flat = self.command("HGETALL", key)
        return dict(zip(flat[::2], flat[1::2]))

    def log(self, room: str) -> list[dict]:
        """A room's stored entries, oldest first. The stream's form is part of what operators rely on, so it is checked."""
        entries = []
        for identifier, fields in self.command("XRANGE", f"martlet:room:{{{room}}}:log", "-", "+"):
            assert len(fields) == 2, f"a log entry has one field, not {fields[::2]}"
            entry = json.loads(fields[1])
            assert identifier == f"{entry['offset']}-0", f"entry {entry['offset']} of {room} has the ID {identifier}"
            entries.append(entry)
        return entries

    def _answers(self) -> bool:
        if not self._process.running:
            raise AssertionError(f"redis-server ended: {self._process.text()[-2000:]}")
        try:
            return self.command("PING") == "PONG"
        except (OSError, RedisError):
            return False
