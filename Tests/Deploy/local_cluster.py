"""`scripts/cluster` as an operator uses it: started, scaled, asked and ended as a command."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from harness.node import built_binary
from harness.ports import free_port
from harness import secret_scan
from harness.process import ChildProcess, also_log
from harness.redis_server import RedisServer
from harness.waiting import wait_until

REPOSITORY = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, str(REPOSITORY / "scripts" / "cluster")]


class ClusterRedis(RedisServer):
    """The cluster's own Redis, to look into as its operator may. The supervisor starts and ends it."""

    def __init__(self, status: dict):  # pylint: disable=super-init-not-called
        self.port = int(status["redis"].rsplit(":", 1)[1].split("/")[0])
        self.login = ("operator", (Path(status["secrets"]) / "redis-operator-password").read_text().strip())


class LocalCluster:
    """One running `scripts/cluster up` with nginx on a free port."""

    def __init__(self, directory: Path, nodes: int, program: str | None = None):
        self.directory = directory
        self.port = free_port()
        directory.mkdir(parents=True, exist_ok=True)
        self._supervisor = ChildProcess("cluster", [
            *COMMAND, "--directory", str(directory), "up", "--nodes", str(nodes), "--port", str(self.port),
            "--martlet", program or str(built_binary())], directory / "cluster.log")
        try:
            wait_until(self._complete, 60, "the cluster to be complete")
        except BaseException:
            self.close()
            raise
        also_log(directory / "logs")
        self.redis = ClusterRedis(self.status())
        for secret in (directory / "secrets").iterdir():
            secret_scan.note(f"Redis's {secret.name}", secret.read_text().strip())

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    @property
    def plain_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/"

    @property
    def nginx_log(self) -> str:
        """What nginx has logged, up to its last whole line: it writes while this is read."""
        text = (self.directory / "logs" / "nginx.log").read_text()
        return text[:text.rfind("\n") + 1]

    def status(self) -> dict:
        return json.loads(subprocess.run(
            [*COMMAND, "--directory", str(self.directory), "status"], check=True, capture_output=True, timeout=30).stdout)

    def pids(self) -> list[int]:
        """Every process of the cluster, nginx's workers included, but for the supervisor."""
        status = self.status()
        parents = [node["pid"] for node in status["nodes"].values()] + list(status["services"].values())
        children = [int(pid) for parent in parents
                    for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
        return parents + children

    async def scale(self, nodes: int) -> dict:
        """Returns when exactly so many nodes run."""
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "--directory", str(self.directory), "scale", str(nodes),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        output, _ = await asyncio.wait_for(process.communicate(), 90)
        assert process.returncode == 0, output.decode()
        return json.loads(output)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self._supervisor.pid, number)

    def ended(self, within: float = 60) -> int:
        return self._supervisor.wait(within)

    def text(self) -> str:
        return self._supervisor.text()

    def close(self) -> None:
        self._supervisor.close(grace=60)

    def _complete(self) -> bool:
        assert self._supervisor.running, f"the cluster ended:\n{self.text()}"
        return "Ctrl-C ends everything" in self.text()
