"""`python -m bench.micro`: nanoseconds and instructions of the hot pieces, one by one.

Build it first: `scripts/build.sh --product martlet-microbenchmarks`.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[3]
ITERATIONS = 2000


def _instructions(program: Path, folder: Path, name: str, iterations: int) -> int:
    output = folder / "callgrind.out"
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={output}", str(program), name, str(iterations)]
    subprocess.run(command, check=True, capture_output=True)
    found = re.search(r"^totals: (\d+)", output.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    if not found:
        raise RuntimeError("callgrind wrote nothing")
    return int(found[1])


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.micro", description=__doc__)
    parser.add_argument("--binary", type=Path, default=ROOT / ".build/release/martlet-microbenchmarks")
    arguments = parser.parse_args()
    run = subprocess.run([str(arguments.binary)], capture_output=True, text=True, check=True)
    print(f"{'':34}{'ns':>8}{'instructions':>14}")
    with tempfile.TemporaryDirectory(prefix="martlet-bench-") as text:
        folder = Path(text)
        program = folder / "microbenchmarks"
        if shutil.which("valgrind"):
            # Valgrind cannot read the debugging information that Swift writes.
            subprocess.run(["strip", "--strip-debug", "-o", str(program), str(arguments.binary)], check=True)
        for line in run.stdout.splitlines():
            name, nanoseconds = line.split("\t")
            instructions = ""
            if program.exists():
                # The difference is without what starting and preparing take.
                few, many = (_instructions(program, folder, name, count) for count in (ITERATIONS, 2 * ITERATIONS))
                instructions = f"{(many - few) / ITERATIONS:,.0f}"
            print(f"{name:34}{nanoseconds:>8}{instructions:>14}")


if __name__ == "__main__":
    main()
