"""Node processes: the built binary on a free port."""

import http.client
import os
import signal
from pathlib import Path

from . import redis_users
from .ports import LOOPBACK, free_port
from .process import ChildProcess
from .waiting import wait_until

REPOSITORY = Path(__file__).resolve().parents[3]


def built_binary(product: str = "martlet") -> Path:
    """The program under test: `MARTLET_BIN`, or the release build. Other products are looked for beside it."""
    martlet = Path(os.environ.get("MARTLET_BIN") or REPOSITORY / ".build" / "release" / "martlet")
    return martlet if product == "martlet" else martlet.parent / product


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without anything that would configure a node by accident, and with the password of
    the tests' Redis servers."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MARTLET_")}
    return kept | {"MARTLET_REDIS_PASSWORD_FILE": redis_users.PASSWORD_FILE} | more


class Node:
    """One `martlet serve`. Without `redis` it keeps its private Redis in `data`."""

    def __init__(self, name: str, data: Path, redis: str | None = None, threads: int = 2, port: int | None = None,
                 options: tuple[str, ...] = (), environment: dict[str, str] | None = None, wait: bool = True):
        self.name = name
        self.data = data
        self.redis = redis
        self._threads = threads
        self._options = options
        self._environment = environment or {}
        self.port = port or free_port()
        self._process: ChildProcess | None = None
        self.data.mkdir(parents=True, exist_ok=True)
        self.start(wait)

    @property
    def url(self) -> str:
        """The address of the protocol (`/ws`)."""
        return f"ws://{LOOPBACK}:{self.port}/ws"

    @property
    def plain_url(self) -> str:
        """The address of the plain dialect (`/`)."""
        return f"ws://{LOOPBACK}:{self.port}/"

    @property
    def http(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.running

    def start(self, wait: bool = True) -> None:
        """Starts a new life of the node on the same port, and waits until it is ready."""
        arguments = [
            str(built_binary()), "serve", "--host", LOOPBACK, "--port", str(self.port), "--node", self.name,
            "--data", str(self.data), "--threads", str(self._threads),
        ]
        if self.redis:
            arguments += ["--redis", self.redis]
        self._process = ChildProcess(f"node {self.name}", arguments + list(self._options),
                                     self.data.with_name(f"{self.data.name}.log"),
                                     clean_environment(**self._environment))
        if wait:
            self.wait_ready()

    def wait_ready(self, within: float = 15) -> None:
        def ready() -> bool:
            if not self.running:
                raise AssertionError(f"node {self.name} ended ({self._process.returncode}) before it was ready:\n"
                                     + self._process.text()[-4000:])
            return self.status("/readyz") == 200
        wait_until(ready, within, f"node {self.name} to be ready")

    def status(self, path: str) -> int | None:
        """The HTTP status of a GET, or None when nobody answers within a second."""
        response = self.get(path, within=1)
        return response[0] if response else None

    def get(self, path: str, within: float = 5) -> tuple[int, dict[str, str], bytes] | None:
        """(status, headers by lower-case name, body) of a GET, or None when nobody answers."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=within)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return response.status, headers, response.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def term(self) -> None:
        self._process.term()

    def kill(self) -> None:
        self._process.kill()

    def stop(self) -> None:
        self._process.stop()

    def cont(self) -> None:
        self._process.cont()

    def interrupt(self) -> None:
        os.kill(self.pid, signal.SIGINT)

    def wait_end(self, within: float) -> int:
        return self._process.wait(within)

    def close(self) -> None:
        self._process.close()

    def log_text(self) -> str:
        return self._process.text()

    def rss(self) -> int:
        """Resident memory in bytes (Linux)."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")
