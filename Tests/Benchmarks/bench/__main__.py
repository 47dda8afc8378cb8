"""`python -m bench`: measures nodes, compares them, prints a table and writes a JSON."""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from pathlib import Path

from . import load
from .machine import raise_file_limit
from .rounds import compare
from .server import Server
from .table import render
from .workloads import WORKLOADS, choose

ROOT = Path(__file__).parents[3]


def _arguments() -> argparse.Namespace:
    names = ", ".join(workload.name for workload in WORKLOADS)
    parser = argparse.ArgumentParser(
        prog="bench",
        description="Measures nodes over loopback, servers on one core, the load on another.",
        epilog=f"Workloads: {names}.",
    )
    parser.add_argument(
        "servers",
        nargs="*",
        metavar="NAME=SERVER",
        help="a martlet program, a command with {port} and {redis} in it that speaks the same protocol, or PORT@PID "
        "of a server that runs. Several are compared, in turn, with the first. Default: the release build.",
    )
    parser.add_argument("--workloads", help="names with commas; the default are those of a usual run")
    parser.add_argument("--rounds", type=int, default=1, help="how often each is measured; medians are printed")
    parser.add_argument("--json", type=Path, default=ROOT / ".build/bench/results.json", help="where the figures go")
    return parser.parse_args()


def main() -> None:
    arguments = _arguments()
    raise_file_limit()
    servers = [Server.parse(text) for text in arguments.servers or [f"martlet={ROOT / '.build/release/martlet'}"]]
    workloads = choose(arguments.workloads)
    program = load.build(ROOT / ".build/bench")
    with tempfile.TemporaryDirectory(prefix="martlet-bench-") as folder:
        results = compare(
            workloads, servers, arguments.rounds, program, Path(folder), lambda text: print(text, file=sys.stderr)
        )
    print(render(workloads, results, servers[0].name))
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "machine": f"{platform.machine()}, Linux {platform.release()}",
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "servers": {server.name: server.specification for server in servers},
        "workloads": {workload.name: workload.what for workload in workloads},
        "results": results,
    }
    arguments.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"\nAll figures: {arguments.json}")


if __name__ == "__main__":
    main()
