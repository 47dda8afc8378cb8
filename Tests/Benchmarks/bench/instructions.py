"""`python -m bench.instructions`: instructions of a node per delivery and per connection, against what is expected.

Instructions depend neither on the clock nor on what else runs on the machine, so they can be checked anywhere. The
kernel's are not among them.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from . import callgrind, load
from .callgrind import Callgrind
from .load import LoadGenerator
from .machine import raise_file_limit
from .server import Server
from .workloads import BUSY, HOT, Workload

ROOT = Path(__file__).parents[3]
TOOLS = ROOT / ".build/bench"
EXPECTED = Path(__file__).parents[1] / "expected.json"

#: Connections, made a few at a time: a node under valgrind is fifty times slower, and has deadlines.
CONNECTIONS = 400
CONNECT = (f"--connections={CONNECTIONS}", "--in-flight=8")

#: The workloads of `make bench`, smaller, with a fixed number of messages.
WORKLOADS = {
    "hot": (*CONNECT, *HOT, "--messages=40"),
    "busy": (*CONNECT, *BUSY, "--messages=160"),
    "rooms": (*CONNECT, "--rooms=40", "--publishers=40", "--window=2", "--messages=800"),
}


#: The least of so many runs counts.
ROUNDS = 3

#: A node is watched doing nothing so many times for so many seconds, in which it does all that it does regularly. The
#: least counts: for a while after connections were made it has much to tell about them.
IDLE = 5.0
IDLE_ROUNDS = 2


class Measurement:
    """One node, whose figures are per delivery or per connection."""

    def __init__(self, counting: Callgrind, pid: int, port: int) -> None:
        self._counting = counting
        self._pid = pid
        self._port = port
        self._program = load.build(TOOLS)
        self.figures: dict[str, float] = {}
        self.profiles: dict[str, Path] = {}

    @contextlib.contextmanager
    def _counted(self, name: str, count: Callable[[], int], idle: float = 0) -> Iterator[None]:
        """`idle`: instructions a second that the node executes anyway."""
        self._counting.start(self._pid)
        start = time.monotonic()
        yield
        seconds = time.monotonic() - start
        instructions, profile = self._counting.stop(self._pid)
        # A node has its own times to tell who is here or to look around, and on a busy machine more of them in each run:
        # that is not what a delivery costs.
        figure = max(0.0, instructions - idle * seconds) / count()
        if figure < self.figures.get(name, figure + 1):
            self.figures[name], self.profiles[name] = figure, profile

    def _idle(self) -> float:
        """Instructions a second of a node whose connections are silent."""
        rates = []
        for _ in range(IDLE_ROUNDS):
            self._counting.start(self._pid)
            start = time.monotonic()
            time.sleep(IDLE)
            seconds = time.monotonic() - start
            rates.append(self._counting.stop(self._pid)[0] / seconds)
        return min(rates)

    def deliveries(self, name: str) -> None:
        done: dict[str, int] = {}
        with LoadGenerator(self._program, [self._port], WORKLOADS[name]) as generator:
            generator.event("connected")
            # The first run fills what grows on demand; and meanwhile all are told who has come.
            generator.go()
            generator.event("done")
            idle = self._idle()
            for _ in range(ROUNDS):
                with self._counted(name, lambda: done["delivered"], idle):
                    generator.go()
                    done = generator.event("done")
                if done["delivered"] != done["expected"]:
                    raise RuntimeError(f"{name}: {done['expected']} deliveries were expected, {done['delivered']} came")

    def connections(self, name: str) -> None:
        with (
            self._counted(name, lambda: CONNECTIONS),
            LoadGenerator(self._program, [self._port], (*CONNECT, "--rooms=40")) as generator,
        ):
            generator.event("connected")


def measure(binary: Path, folder: Path) -> Measurement:
    counting = Callgrind(binary, folder, TOOLS)
    node = Workload("instructions", "", (), environment=counting.environment)
    with Server("martlet", str(counting.binary)).running(node, folder, counting.prefix) as running:
        measurement = Measurement(counting, running.pids[0], running.ports[0])
        for name in WORKLOADS:
            measurement.deliveries(name)
        measurement.connections("connection")
    return measurement


def _check(figures: dict[str, float], expected: dict[str, float], margin: float) -> bool:
    """Prints a line a figure; whether none is above what is expected."""
    failed = 0
    for name, figure in figures.items():
        usual = expected.get(name, 0)
        verdict = "ok"
        if figure > usual * margin:
            verdict, failed = "TOO MANY", failed + 1
        elif figure < usual / margin:
            verdict = "fewer than expected: write the new figures down with --update"
        print(f"{name:12}{figure:10,.0f} instructions; {usual:,} expected, {usual * margin:,.0f} allowed: {verdict}")
    print(f"instructions: {len(figures) - failed} passed, {failed} failed")
    return failed == 0


def _print_profile(name: str, file: Path) -> None:
    counts = callgrind.functions(file)
    lines = [f"{count / counts.total():7.2%} {function}" for function, count in counts.most_common(40)]
    if shutil.which("swift"):
        demangle = ["swift", "demangle", "--compact", "--simplified"]
        text = subprocess.run(demangle, input="\n".join(lines), capture_output=True, text=True, check=True).stdout
        lines = text.splitlines()
    print(f"\n{name}\n" + "\n".join(line[:120] for line in lines))


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.instructions", description=__doc__)
    parser.add_argument("--binary", type=Path, default=ROOT / ".build/release/martlet")
    parser.add_argument("--update", action="store_true", help="write the figures found to expected.json")
    parser.add_argument("--profile", action="store_true", help="print which functions the instructions are in")
    arguments = parser.parse_args()
    if not callgrind.is_available():
        print("instructions: skipped: they are counted with valgrind, which is not installed")
        return
    raise_file_limit()
    document = json.loads(EXPECTED.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="martlet-bench-") as folder:
        try:
            measurement = measure(arguments.binary, Path(folder))
        except TimeoutError as reason:
            # Not every valgrind can run what Swift makes. That the node starts at all is for other tests to see.
            print(f"instructions: skipped: under valgrind, {reason}")
            return
        if arguments.profile:
            for name, file in measurement.profiles.items():
                _print_profile(name, file)
    if arguments.update:
        document["instructions"] = {name: round(figure) for name, figure in measurement.figures.items()}
        EXPECTED.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    if not _check(measurement.figures, document["instructions"], document["margin"]):
        sys.exit(1)


if __name__ == "__main__":
    main()
