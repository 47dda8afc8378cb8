"""What a process has used: CPU, memory, instructions."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads, in steps of 10 ms."""
    # The program's name is in parentheses and may hold spaces.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def can_count_instructions() -> bool:
    """Whether instructions can be counted here: it takes perf, and a processor that shows its counters."""
    if not shutil.which("perf"):
        return False
    command = ["perf", "stat", "-x", ",", "-e", "instructions:u", "true"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return run.returncode == 0 and run.stderr.split(",")[0].strip().isdigit()


class InstructionCounter:
    """Counts the instructions that a process executes outside the kernel, from its making until `stop()`."""

    def __init__(self, pid: int) -> None:
        self._perf = subprocess.Popen(
            ["perf", "stat", "-x", ",", "-e", "instructions:u", "-p", str(pid)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def stop(self) -> int:
        self._perf.send_signal(signal.SIGINT)
        output = self._perf.communicate(timeout=10)[1]
        for line in output.splitlines():
            count = line.split(",")[0]
            if count.isdigit():
                return int(count)
        raise RuntimeError(f"perf counted nothing: {output.strip()}")
