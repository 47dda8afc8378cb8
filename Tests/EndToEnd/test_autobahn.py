"""Autobahn|Testsuite, the WebSocket conformance suite, against an echo on the node's own handlers."""

import collections
import json
import os
import subprocess
from pathlib import Path

import pytest

from harness.node import REPOSITORY, built_binary, clean_environment
from harness.ports import LOOPBACK, accepts, free_port
from harness.process import ChildProcess
from harness.waiting import wait_until

# Framing, pings, reserved bits, opcodes, fragments, UTF-8, closing; limits and large messages; the rest.
CORE = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*"]
# Compression: 12.1–12.5 with all kinds of content, 13.1–13.7 with all that can be agreed on; the third number stands for
# sizes from 16 bytes to 128 KiB, 1,000 messages each. All of them take many minutes: MARTLET_AUTOBAHN=all asks for them.
DEFLATE_GROUPS = [f"12.{kind}" for kind in range(1, 6)] + [f"13.{agreement}" for agreement in range(1, 8)]
DEFLATE = [f"{group}.{size}" for group in DEFLATE_GROUPS
           for size in (range(1, 19) if os.environ.get("MARTLET_AUTOBAHN") == "all" else (1, 3, 5, 12))]
GOOD = {"OK", "NON-STRICT", "INFORMATIONAL"}

WSTEST = Path(os.environ.get("MARTLET_WSTEST") or REPOSITORY / ".autobahn" / "py27" / "bin" / "wstest")


def _echo_binary() -> Path | None:
    candidates = [built_binary("martlet-echo"), REPOSITORY / ".build" / "release" / "martlet-echo",
                  REPOSITORY / ".build" / "debug" / "martlet-echo"]
    return next((path for path in candidates if path.is_file()), None)


@pytest.mark.autobahn
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("groups, cases, options", [(CORE, 301, ()), (DEFLATE, len(DEFLATE), ("--compress",))],
                         ids=["core", "deflate"])
@pytest.mark.skipif(not WSTEST.is_file(),
                    reason="no Autobahn|Testsuite here (it needs a Python 2.7): scripts/autobahn-install.sh")
def test_no_case_fails(tmp_path: Path, groups: list[str], cases: int, options: tuple[str, ...]):
    binary = _echo_binary()
    assert binary, "martlet-echo is not built: scripts/build.sh --product martlet-echo"
    port = free_port()
    echo = ChildProcess("martlet-echo", [str(binary), "--port", str(port), *options],
                        tmp_path / "echo.log", clean_environment())
    try:
        wait_until(lambda: accepts(port), 10, "martlet-echo to accept connections")
        (tmp_path / "spec.json").write_text(json.dumps({
            "options": {"failByDrop": False}, "outdir": "./report",
            "servers": [{"agent": "martlet", "url": f"ws://{LOOPBACK}:{port}"}],
            "cases": groups, "exclude-cases": [], "exclude-agent-cases": {},
        }))
        done = subprocess.run([WSTEST, "-m", "fuzzingclient", "-s", "spec.json"], cwd=tmp_path, capture_output=True,
                              text=True, timeout=1700)
        assert echo.running, "the echo ended"
    finally:
        echo.close()
    report = tmp_path / "report" / "index.json"
    assert report.is_file(), done.stdout + done.stderr
    results = json.loads(report.read_text())["martlet"]
    counts = collections.Counter(case["behavior"] for case in results.values())
    print(f"\nAutobahn|Testsuite: {len(results)} cases: {dict(counts)}")
    failed = {number: (case["behavior"], case["behaviorClose"]) for number, case in results.items()
              if case["behavior"] not in GOOD or case["behaviorClose"] not in GOOD}
    assert not failed, "\n" + "\n".join(f"{number}: {how}, closing: {closing}" for number, (how, closing) in failed.items())
    # A connection that is refused makes an empty report, not a failed case.
    assert len(results) >= cases
