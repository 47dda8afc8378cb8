"""Whether anything secret is in what nodes, nginx and Redis logged while the tests ran.

The harness notes every secret that it meets (`note`, `see`); at the end of a run all logs are searched for them, and for
what looks like a secret whether the tests know it or not. A `conftest.py` imports the two hooks.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from .process import every_log

# A secret is found by its end: a token's first parts are no secret, what it is signed with is.
_TAIL = 12
_WORD = re.compile(rb"[A-Za-z0-9_+/=-]{%d,}" % _TAIL)
_SHAPES = {
    "a signed link": re.compile(rb"signature=[0-9a-fA-F]{16,}"),
    "a token": re.compile(rb"""["']?(?:token|refreshToken|streamKey)["']?\s*[:=]\s*["']?[A-Za-z0-9_.-]{20,}"""),
    "an authorization": re.compile(rb"Bearer\s+[A-Za-z0-9_.-]{20,}"),
    "a password": re.compile(rb"""["'](?:password|newPassword)["']\s*:"""),
    "a URL with a password": re.compile(rb"(?:rediss?|unix)://[^\s:@/]*:(?!\*\*\*@)[^\s@/]+@"),
    "a private key": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
}
_noted: dict[bytes, tuple[str, bytes]] = {}
_phrases: dict[bytes, str] = {}


@dataclass(frozen=True)
class Leak:
    what: str
    log: Path
    line: int

    def __str__(self) -> str:
        return f"{self.what} in {self.log}, line {self.line}"


def note(what: str, secret: str | None) -> None:
    """Remembers a secret. Those of less than 12 characters are too likely to be in a log by chance."""
    data = (secret or "").encode()
    if len(data) < _TAIL:
        return
    if _WORD.fullmatch(data[-_TAIL:]):
        _noted[data[-_TAIL:]] = (what, data)
    else:
        _phrases[data] = what


def see(frame: dict) -> None:
    """Remembers the secrets of a frame from a node."""
    if frame.get("type") == "welcome":
        note("a session's token", frame.get("token"))
        note("a stream's key", frame.get("streamKey"))
    for entry in [frame, frame.get("entry"), *frame.get("entries", ())]:
        url = entry.get("attachment", {}).get("url") if isinstance(entry, dict) else None
        if url:
            note("a link's signature", parse_qs(urlsplit(url).query).get("signature", [None])[0])


def knows(secret: str) -> bool:
    return secret.encode()[-_TAIL:] in _noted or secret.encode() in _phrases


def leaks(logs: Iterable[Path]) -> list[Leak]:
    return [leak for log in logs for leak in _leaks(log, log.read_bytes())]


def leaks_in(text: bytes, source: Path = Path("text")) -> list[Leak]:
    return _leaks(source, text)


def _leaks(log: Path, text: bytes) -> list[Leak]:
    found = [(match.start(), what) for what, shape in _SHAPES.items() for match in shape.finditer(text)]
    found += [(text.index(phrase), what) for phrase, what in _phrases.items() if phrase in text]
    for word in _WORD.finditer(text):
        characters = word.group()
        for place in range(len(characters) - _TAIL + 1):
            if known := _noted.get(characters[place:place + _TAIL]):
                found.append((word.start() + place, known[0]))
    return [Leak(what, log, text.count(b"\n", 0, place) + 1) for place, what in sorted(found)]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    logs = [log for log in every_log() if log.exists()]
    session.stash[_found] = leaks(logs)
    session.stash[_size] = (len(_noted) + len(_phrases), len(logs), sum(log.stat().st_size for log in logs))
    if session.stash[_found] and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    session = terminalreporter._session  # pylint: disable=protected-access - where pytest keeps it
    secrets, logs, size = session.stash.get(_size, (0, 0, 0))
    found = session.stash.get(_found, [])
    terminalreporter.write_line(f"secret scan: {logs} logs, {size / 1e6:.1f} MB, searched for {secrets} secrets: "
                                + (f"{len(found)} FOUND" if found else "none found"), red=bool(found))
    for leak in found[:50]:
        terminalreporter.write_line(f"  {leak}", red=True)


_found = pytest.StashKey[list[Leak]]()
_size = pytest.StashKey[tuple[int, int, int]]()
