"""What is compared: builds of Martlet, other programs that speak its protocol, servers that run already."""

from __future__ import annotations

import contextlib
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from .machine import SERVER_CORE, accepts, free_port, is_ready, pinned, process, redis_server, wait_until
from .workloads import Workload


class Unsupported(Exception):
    """The server does not have what the workload needs."""


@dataclass(frozen=True)
class Running:
    ports: list[int]
    pids: list[int]
    redis_pid: int | None


@dataclass(frozen=True)
class Server:
    """`specification`: a martlet program, a command with `{port}` and `{redis}`, or `PORT@PID` of a running one."""

    name: str
    specification: str

    @classmethod
    def parse(cls, text: str) -> Server:
        name, separator, specification = text.partition("=")
        if not separator or not name or not specification:
            raise SystemExit(f"{text!r}: want NAME=PROGRAM, NAME='COMMAND {{port}} {{redis}}' or NAME=PORT@PID")
        server = cls(name, specification)
        if server._is_martlet and not Path(specification).is_file():
            raise SystemExit(f"{specification}: no such program; `make build` makes .build/release/martlet")
        return server

    @property
    def _is_martlet(self) -> bool:
        return "{port}" not in self.specification and "@" not in self.specification

    @cached_property
    def _help(self) -> str:
        command = [self.specification, "serve", "--help"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    @contextlib.contextmanager
    def running(self, workload: Workload, folder: Path, under: Sequence[str] = ()) -> Iterator[Running]:
        """As many nodes as the workload needs, on a Redis of their own, on one core; `under` goes before commands."""
        if "@" in self.specification:
            known_port, _, pid = self.specification.partition("@")
            yield Running([int(known_port)], [int(pid)], None)
            return
        if not self._is_martlet and (workload.nodes > 1 or workload.tls or workload.environment):
            raise Unsupported("only Martlet")
        environment = {
            "MARTLET_RATE": "10000",
            "MARTLET_BURST": "10000",
            "MARTLET_THREADS": "1",
            **workload.environment,
        }
        if workload.tls:
            environment |= self._certificate(folder)
        log = folder / f"{self.name}.log"
        with contextlib.ExitStack() as stack:
            redis, redis_pid = stack.enter_context(redis_server(folder))
            ports: list[int] = []
            pids: list[int] = []
            for number in range(workload.nodes):
                port = free_port()
                # The name of a node is a word of Redis keys; the rest of it is drawn.
                command = pinned([*under, *self._command(port, redis, number)], SERVER_CORE)
                if workload.environment.get("MARTLET_THREADS", "1") != "1":
                    command = self._command(port, redis, number)
                child = stack.enter_context(process(command, log, environment))
                ready = is_ready if self._is_martlet and not workload.tls else accepts
                wait_until(partial(ready, port), f"{self.name} is not ready", log)
                ports.append(port)
                pids.append(child.pid)
            yield Running(ports, pids, redis_pid)

    def _command(self, port: int, redis: int, number: int) -> list[str]:
        if not self._is_martlet:
            return [part.format(port=port, redis=redis) for part in shlex.split(self.specification)]
        return [
            self.specification,
            "serve",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--redis",
            f"redis://127.0.0.1:{redis}/0",
            "--node",
            f"bench{number}",
        ]

    def _certificate(self, folder: Path) -> dict[str, str]:
        if "--tls-certificate" not in self._help:
            raise Unsupported("this build has no TLS")
        certificate, key = folder / "certificate.pem", folder / "key.pem"
        subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=IP:127.0.0.1",
                "-out",
                str(certificate),
                "-keyout",
                str(key),
            ],
            check=True,
            capture_output=True,
        )
        return {"MARTLET_TLS_CERTIFICATE": str(certificate), "MARTLET_TLS_KEY": str(key)}
