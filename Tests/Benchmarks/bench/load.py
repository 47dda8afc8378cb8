"""The load generator's process: built when its sources have changed, told to go, asked for events."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .machine import LOAD_CORE, pinned
from .server import Unsupported

SOURCES = Path(__file__).parents[1] / "load"
#: The generator's exit status when the server refused permessage-deflate.
NOT_NEGOTIATED = 5


def compile_c(sources: Sequence[Path], program: Path, options: Sequence[str]) -> Path:
    """Compiles a program unless it is newer than its sources."""
    if program.exists() and all(each.stat().st_mtime < program.stat().st_mtime for each in sources):
        return program
    compiler = os.environ.get("CC") or next((each for each in ("cc", "gcc", "clang") if shutil.which(each)), "cc")
    files = [str(each) for each in sources if each.suffix == ".c"]
    program.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [compiler, "-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror", *files, "-o", str(program), *options], check=True
    )
    return program


def build(folder: Path) -> Path:
    """The generator's program, in `folder`."""
    return compile_c(sorted(SOURCES.glob("*.[ch]")), folder / "load", ["-lssl", "-lcrypto", "-lz"])


class LoadGenerator:
    """A context manager; `event()` waits for the next line that the generator prints."""

    def __init__(self, program: Path, ports: list[int], options: Sequence[str]) -> None:
        command = [str(program), *(f"--port={port}" for port in ports), *options]
        self._child = subprocess.Popen(
            pinned(command, LOAD_CORE), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def __enter__(self) -> LoadGenerator:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.communicate()

    def go(self) -> None:
        assert self._child.stdin is not None
        self._child.stdin.write("go\n")
        self._child.stdin.flush()

    def event(self, name: str) -> dict[str, Any]:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            reason = self._child.communicate()[1].strip()
            if self._child.returncode == NOT_NEGOTIATED:
                raise Unsupported("no permessage-deflate")
            raise RuntimeError(f"the load generator ended with status {self._child.returncode}: {reason}")
        event: dict[str, Any] = json.loads(line)
        if event["event"] != name:
            raise RuntimeError(f"expected {name}, got {line.strip()}")
        return event
