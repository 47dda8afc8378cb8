"""Knows every acknowledged key, the stored logs and every receiver's journal, and holds them against each other."""

from collections import Counter
from collections.abc import Iterable

from .journal import Journal


class Checker:
    """acknowledged = stored = delivered exactly once, in offset order, without a hole."""

    def __init__(self):
        self.acks: dict[str, dict] = {}
        self.sent: set[str] = set()
        self.written_off: set[str] = set()

    def will_send(self, key: str) -> None:
        assert key not in self.sent, f"the test uses the key {key} twice"
        self.sent.add(key)

    def acknowledged(self, key: str, ack: dict) -> None:
        """Also notes when a repeat of the same key is given another place."""
        place = {name: ack[name] for name in ("room", "offset", "epoch", "at")}
        known = self.acks.setdefault(key, place)
        if known != place:
            raise AssertionError(f"key {key} was acknowledged at {known} and at {place}")

    def write_off(self, room: str, epochs: set[str]) -> int:
        """Somebody erased Redis: what was acknowledged in the room under other epochs than these is not looked for any
        more. Returns how many acknowledgements that are."""
        lost = {key for key, ack in self.acks.items() if ack["room"] == room and ack["epoch"] not in epochs}
        for key in lost:
            del self.acks[key]
        self.written_off |= lost
        return len(lost)

    def check_agreement(self, room: str, journals: Iterable[Journal]) -> None:
        """Never two different entries under one epoch and offset, whoever saw them and in whichever life of the log."""
        seen: dict[tuple[str, int], dict] = {}
        for journal in journals:
            for entry in journal.entries(room):
                known = seen.setdefault((entry["epoch"], entry["offset"]), entry)
                assert known == entry, f"{journal.owner} in {room}: got {entry}, another receiver got {known}"

    def check_log(self, room: str, log: list[dict], epochs: int = 1) -> None:
        """The stored log: contiguous, in order, with every acknowledged key of the room once, where it was said to be."""
        offsets = [entry["offset"] for entry in log]
        assert offsets == list(range(offsets[0], offsets[0] + len(offsets))) if offsets else True, \
            f"{room}: the stored log has holes: {_holes(offsets)}"
        times = [entry["at"] for entry in log]
        assert times == sorted(times), f"{room}: `at` goes back within the stored log"
        assert len({entry["epoch"] for entry in log}) <= epochs, f"{room}: more epochs than {epochs} in the stored log"
        keys = Counter(entry["key"] for entry in log if "key" in entry)
        assert not (twice := [key for key, count in keys.items() if count > 1]), f"{room}: stored twice: {twice}"
        stored = {entry["key"]: entry for entry in log if "key" in entry}
        for key, ack in self.acks.items():
            if ack["room"] != room:
                continue
            assert key in stored, f"{room}: acknowledged and not stored: {key} at {ack}"
            place = {name: stored[key][name] for name in ("offset", "epoch", "at")}
            assert place.items() <= ack.items(), f"{room}: {key} acknowledged at {ack}, stored at {place}"

    def check_receivers(self, room: str, log: list[dict], journals: Iterable[Journal], resets: int = 0) -> None:
        """Every receiver saw the log from its first entry on to the head, entry by entry as stored.

        `resets`: how many interruptions a receiver may have been told of (`reset`, or `joined` that did not recover).
        """
        stored = {entry["offset"]: entry for entry in log}
        for journal in journals:
            assert not journal.violations, "\n".join(journal.violations[:10])
            record = journal.rooms.get(room)
            assert record, f"{journal.owner} has nothing of {room}"
            assert len(record.segments) <= 1 + resets, \
                f"{journal.owner} was reset {len(record.segments) - 1} times in {room}: {record.resets}"
            for entry in record.segments[-1].entries:
                assert stored.get(entry["offset"]) == entry, \
                    f"{journal.owner} in {room}: got {entry}, stored is {stored.get(entry['offset'])}"
            if log:
                head = {name: log[-1][name] for name in ("epoch", "offset", "at")}
                assert record.position == head, f"{journal.owner} is at {record.position} of {room}, the head is {head}"

    def check_all_acknowledged(self) -> None:
        missing = self.sent - self.acks.keys() - self.written_off
        assert not missing, f"{len(missing)} sends were never acknowledged, e.g. {sorted(missing)[:5]}"

    def keys_in(self, room: str) -> set[str]:
        return {key for key, ack in self.acks.items() if ack["room"] == room}


def _holes(offsets: list[int]) -> list[str]:
    return [f"{earlier}→{later}" for earlier, later in zip(offsets, offsets[1:]) if later != earlier + 1][:10]
