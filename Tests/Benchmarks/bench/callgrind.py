"""Counts the instructions that a node executes outside the kernel, with `valgrind --tool=callgrind`."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

from .load import compile_c

PRELOADED = Path(__file__).parents[1] / "valgrind/sigsuspend.c"


def is_available() -> bool:
    return all(shutil.which(each) for each in ("valgrind", "callgrind_control", "strip"))


def functions(file: Path) -> Counter[str]:
    """Instructions by function, without those of the functions that it calls."""
    counts: Counter[str] = Counter()
    function, is_call = "", False
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("fn="):
                function = line[3:].strip()
            elif line.startswith("calls="):
                # The line that follows is what the call took, all in all.
                is_call = True
            elif line[0] in "0123456789+-*":
                if not is_call:
                    counts[function] += int(line.split()[1])
                is_call = False
    return counts


class Callgrind:
    """Counting for a copy of a program; `binary` run with `prefix` before it and `environment` can be counted."""

    def __init__(self, binary: Path, folder: Path, tools: Path) -> None:
        self._folder = folder
        self.binary = folder / "martlet"
        self.prefix = [
            "valgrind",
            "--tool=callgrind",
            "--compress-strings=no",
            f"--callgrind-out-file={folder}/callgrind.%p",
        ]
        preloaded = compile_c([PRELOADED], tools / "sigsuspend.so", ["-shared", "-fPIC"])
        self.environment = {"LD_PRELOAD": str(preloaded)}
        # Valgrind cannot read the debugging information that Swift writes.
        subprocess.run(["strip", "--strip-debug", "-o", str(self.binary), str(binary)], check=True)
        for resources in binary.parent.glob("*.resources"):
            (folder / resources.name).symlink_to(resources.resolve())

    def start(self, pid: int) -> None:
        self._control("--zero", pid)

    def stop(self, pid: int) -> tuple[int, Path]:
        """The instructions since `start()`, and callgrind's own file about them."""
        before = set(self._folder.glob(f"callgrind.{pid}.*"))
        self._control("--dump", pid)
        for file in set(self._folder.glob(f"callgrind.{pid}.*")) - before:
            found = re.search(r"^totals: (\d+)", file.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
            if found:
                return int(found[1]), file
        raise RuntimeError("callgrind wrote nothing")

    def _control(self, option: str, pid: int) -> None:
        run = subprocess.run(["callgrind_control", option, str(pid)], capture_output=True, text=True, timeout=120)
        if run.returncode != 0 or "OK" not in run.stdout:
            raise RuntimeError(f"callgrind_control {option}: {run.stdout} {run.stderr}")
