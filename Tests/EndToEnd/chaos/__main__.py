"""The command line: `python -m chaos --minutes 10 [--seed 7]`. Exit code 1 when a promise is broken."""

import argparse
import asyncio
import secrets
import shutil
import sys
import tempfile
import traceback
from pathlib import Path

from harness.node import built_binary
from harness.process import LogMarks

from .run import Run
from .schedule import one_of_each, shuffled


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="chaos", description="Breaks a real cluster while people talk on it, and checks "
                                     "that what was acknowledged is stored and delivered once, in order.")
    parser.add_argument("--minutes", type=float, default=5, help="no new fault after that (default: 5)")
    parser.add_argument("--seed", type=int, help="what the schedule is drawn from (default: a new one)")
    parser.add_argument("--clients", type=int, default=16, help="how many talk (default: 16)")
    parser.add_argument("--each", action="store_true", help="every fault once, alone, whatever time that takes")
    return parser.parse_args()


def main() -> int:
    arguments = _arguments()
    seed = secrets.randbelow(1 << 31) if arguments.seed is None else arguments.seed
    if not built_binary().is_file():
        print(f"{built_binary()} does not exist: run `make build`, or set MARTLET_BIN", file=sys.stderr)
        return 1
    print(f"chaos: seed {seed}", flush=True)
    directory = Path(tempfile.mkdtemp(prefix="martlet-chaos-"))
    marks = LogMarks()
    run = None
    try:
        run = Run(directory, seed, arguments.clients)
        if arguments.each:
            outcomes = asyncio.run(run.play(one_of_each(seed)))
        else:
            outcomes = asyncio.run(run.play(shuffled(seed), arguments.minutes * 60))
    except Exception:
        # Everything counts as a broken promise: an answer nobody expected, and a node that ended, too.
        for title, text in marks.since(lines=40):
            print(f"---- {title}\n{text}", file=sys.stderr)
        traceback.print_exc()
        print(f"chaos: FAILED with seed {seed}; logs are in {directory}", file=sys.stderr)
        return 1
    finally:
        if run:
            run.close()
    shutil.rmtree(directory, ignore_errors=True)
    longest = max(outcomes, key=lambda outcome: outcome.gap)
    print(f"chaos: ok, {len(outcomes)} steps, {sum(outcome.acknowledged for outcome in outcomes)} acknowledged, nothing "
          f"lost or repeated, longest gap {longest.gap:.2f} s ({longest.step.title}); seed {seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
