"""One child process with a captured log, that never outlives the tests."""

import atexit
import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

from .waiting import wait_until

_started: list["ChildProcess"] = []
_logs: dict[Path, None] = {}

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_the_tests() -> None:
    # Covers a test run that is itself killed with SIGKILL, where neither teardown nor atexit runs.
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class ChildProcess:
    """Starts at once. Standard output and error go to `log`; signals go to this process only."""

    def __init__(self, name: str, arguments: list[str], log: Path, environment: dict[str, str] | None = None,
                 group: bool = False):
        """`group`: a process group of its own that `kill` ends as a whole (for a parent of workers such as nginx)."""
        self.name = name
        self.log = log
        self._group = group
        self._stopped = False
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment,
                start_new_session=group, preexec_fn=_die_with_the_tests if _libc else None)
        _started.append(self)
        _logs[log] = None

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def returncode(self) -> int | None:
        """The exit code once the process has ended (minus the signal's number when one ended it), else None."""
        return self._popen.poll()

    @property
    def running(self) -> bool:
        return self.returncode is None

    def term(self) -> None:
        self._signal(signal.SIGTERM)

    def stop(self) -> None:
        """SIGSTOP: the process stands still and its sockets stay open."""
        self._signal(signal.SIGSTOP)
        self._stopped = True

    def cont(self) -> None:
        self._signal(signal.SIGCONT)
        self._stopped = False

    def kill(self) -> None:
        """SIGKILL, and waits for the end."""
        if self._group:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        elif self.running:
            self._popen.kill()
        self._popen.wait(timeout=10)

    def wait(self, within: float) -> int:
        """The exit code, once it is there."""
        wait_until(lambda: not self.running, within, f"the end of {self.name} ({self.pid})")
        return self._popen.returncode

    def close(self, grace: float = 3.0) -> None:
        """Ends the process whatever state it is in: politely first, then not."""
        try:
            if self.running:
                if self._stopped:
                    self.cont()
                self.term()
                self._popen.wait(timeout=grace)
        except (subprocess.TimeoutExpired, ProcessLookupError):
            pass
        finally:
            self.kill()
            if self in _started:
                _started.remove(self)

    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def _signal(self, number: int) -> None:
        if self.running:
            self._popen.send_signal(number)


def also_log(path: Path) -> None:
    """A file, or a folder of files, that a process writes besides what it prints."""
    _logs[path] = None


def every_log() -> list[Path]:
    """The logs of all processes of this run, also of those that have ended."""
    return [file for path in _logs for file in (sorted(path.glob("*.log")) if path.is_dir() else [path])]


class LogMarks:
    """Remembers where every log ended, so that a failed test shows only what was written during it."""

    def __init__(self):
        self._sizes = {child.log: child.log.stat().st_size for child in _started if child.log.exists()}
        self._before = list(_started)

    def since(self, lines: int = 80) -> list[tuple[str, str]]:
        """(title, last lines) of every process that ran during the test."""
        result, seen = [], set()
        for child in [*self._before, *_started]:
            if child.log in seen or not child.log.exists():
                continue
            seen.add(child.log)
            with child.log.open("rb") as file:
                file.seek(self._sizes.get(child.log, 0))
                text = file.read().decode(errors="replace").splitlines()
            state = "running" if child.running else f"ended: {child.returncode}"
            if text:
                result.append((f"{child.name} (pid {child.pid}, {state})", "\n".join(text[-lines:])))
        return result


@atexit.register
def _end_all() -> None:
    for child in list(_started):
        child.close(grace=0.5)
