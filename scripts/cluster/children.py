"""Child processes that never outlive the cluster."""

import asyncio
import contextlib
import os
import shutil
import signal
from pathlib import Path


class ChildFailed(Exception):
    """Something did not start or did not keep running. The text says what and where to look."""


class Child:
    """One process in a session of its own, so that Ctrl-C reaches the supervisor only and it decides the order."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path):
        self.name = name
        self.log = log
        self.stopping = False
        # Until then whoever started it waits for it and tells what went wrong.
        self.ready = False
        self._process = process

    @classmethod
    async def start(cls, name: str, command: list[str], log: Path, environment: dict[str, str] | None = None) -> "Child":
        """`environment`: variables besides those of this process."""
        if shutil.which(command[0]) is None:
            raise ChildFailed(f"{command[0]} is missing: `make deps` installs what the cluster needs, "
                              "`make build` makes the node")
        log.write_bytes(b"")
        # To be appended to: nginx opens its standard output a second time, and each would write over the other's lines.
        with open(log, "ab") as output:
            # setpriv: the kernel ends the child when the supervisor dies, even by kill -9.
            process = await asyncio.create_subprocess_exec(
                "setpriv", "--pdeathsig", "TERM", "--", *command, env=os.environ | (environment or {}),
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        return cls(name, process, log)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    async def ended(self) -> int:
        return await self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    def kill(self) -> None:
        """Kills the process and whatever it started. Idempotent."""
        self.stopping = True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    async def stop(self, seconds: float) -> None:
        """Asks politely, waits at most `seconds`, then kills."""
        self.stopping = True
        self.signal(signal.SIGTERM)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.ended(), seconds)
        self.kill()
        await self.ended()

    def last_lines(self, count: int = 5) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-count:])


async def answers(child: Child, address: str, port: int, path: str | None = None, seconds: float = 30) -> None:
    """Waits until `child` accepts connections, and with `path` until a GET of it is answered 200."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not await _answers_once(address, port, path):
        if not child.running:
            raise ChildFailed(f"{child.name} ended at once:\n{child.last_lines()}")
        if asyncio.get_running_loop().time() > deadline:
            raise ChildFailed(f"{child.name} is not ready after {seconds:.0f} s, see {child.log}:\n{child.last_lines()}")
        await asyncio.sleep(0.05)
    child.ready = True


async def _answers_once(address: str, port: int, path: str | None) -> bool:
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(address, port)
            try:
                if path is None:
                    return True
                writer.write(f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
