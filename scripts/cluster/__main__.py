"""A whole Martlet cluster as local processes: Redis, nodes, a small DNS server and nginx on one port.

    python3 scripts/cluster up --nodes 3 --port 8080     start it and stay in the foreground; Ctrl-C ends all of it
    python3 scripts/cluster scale 5                      from another terminal: change the number of nodes
    python3 scripts/cluster status                       what runs, as JSON

Redis and nginx run with the very files that deploy/docker-compose.yml uses. What Docker's DNS does there, dnsmasq
does here: one name with one address for each node.
"""

import argparse
import asyncio
import fcntl
import json
import os
import shlex
import sys
from pathlib import Path

from children import ChildFailed
from control import ask
from layout import REPOSITORY, Layout
from supervisor import Supervisor


def main() -> int:
    arguments = parser().parse_args()
    try:
        if arguments.command == "up":
            return up(arguments)
        order = {"order": arguments.command}
        if arguments.command == "scale":
            order["nodes"] = arguments.nodes
        answer = asyncio.run(ask(arguments.directory, order))
        print(json.dumps(answer, indent=2))
        return 1 if "error" in answer else 0
    except ChildFailed as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="cluster", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    top.add_argument("--directory", type=Path, default=REPOSITORY / ".cluster", help="state, data and logs")
    commands = top.add_subparsers(dest="command", required=True)
    start = commands.add_parser("up")
    start.add_argument("--nodes", type=node_count, default=3)
    start.add_argument("--port", type=int, default=8080, help="nginx's port on 127.0.0.1")
    start.add_argument(
        "--martlet",
        default=os.environ.get("MARTLET_BIN") or str(REPOSITORY / ".build" / "release" / "martlet"),
        help="the node's program (default: MARTLET_BIN, or the release build)")
    start.add_argument("options", nargs="*", metavar="-- OPTION", help="more options for every `martlet serve`")
    commands.add_parser("scale").add_argument("nodes", type=node_count)
    commands.add_parser("status")
    return top


def node_count(text: str) -> int:
    count = int(text)
    if not 0 <= count <= 64:
        raise argparse.ArgumentTypeError("0 to 64 nodes")
    return count


def up(arguments: argparse.Namespace) -> int:
    layout = Layout(arguments.directory.resolve(), arguments.port)
    layout.make()
    with open(layout.root / "lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ChildFailed(f"another cluster runs in {layout.root}: end it, or give --directory") from None
        supervisor = Supervisor(layout, shlex.split(arguments.martlet), arguments.options)
        return asyncio.run(supervisor.run(arguments.nodes))


if __name__ == "__main__":
    sys.exit(main())
