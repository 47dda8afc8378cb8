"""What one receiver saw of each room, and whether that kept the promises of order, no hole and no repeat."""

import time
from dataclasses import dataclass, field

ENTRY_TYPES = frozenset({"message", "edited", "deleted", "reacted"})


@dataclass
class Segment:
    """An unbroken stretch of one log. A `joined` or `reset` that did not recover begins the next one."""
    epoch: str
    entries: list[dict] = field(default_factory=list)

    def offsets(self) -> list[int]:
        return [entry["offset"] for entry in self.entries]


@dataclass
class RoomRecord:
    segments: list[Segment] = field(default_factory=list)
    position: dict | None = None
    resets: list[dict] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)


class Journal:
    """Fed with every frame one user's receiver gets, over all its reconnects. Violations are collected, not raised."""

    def __init__(self, owner: str):
        self.owner = owner
        self.rooms: dict[str, RoomRecord] = {}
        self.violations: list[str] = []

    def take(self, frame: dict) -> None:
        kind = frame.get("type")
        if kind in ("joined", "reset"):
            self._take_state(frame)
        elif kind in ENTRY_TYPES:
            self._take_entry(frame["room"], frame)

    def position(self, room: str) -> dict | None:
        """`{epoch, offset, at}` to resume from."""
        record = self.rooms.get(room)
        return record.position if record else None

    def positions(self) -> dict[str, dict]:
        return {room: record.position for room, record in self.rooms.items() if record.position}

    def entries(self, room: str) -> list[dict]:
        """Everything seen of the room, in the order of arrival."""
        record = self.rooms.get(room)
        return [entry for segment in record.segments for entry in segment.entries] if record else []

    def forget(self, room: str) -> None:
        """The receiver left the room."""
        self.rooms.pop(room, None)

    def longest_gap(self, since: float = 0.0) -> float:
        """The longest time in seconds between two deliveries of any one room, both after `since` (`time.monotonic`)."""
        gaps = [later - earlier for record in self.rooms.values()
                for earlier, later in zip(record.arrivals, record.arrivals[1:]) if earlier >= since]
        return max(gaps, default=0.0)

    def _take_state(self, frame: dict) -> None:
        room = frame["room"]
        record = self.rooms.setdefault(room, RoomRecord())
        head = {"epoch": frame["epoch"], "offset": frame["offset"], "at": frame["at"]}
        if frame["type"] == "reset":
            record.resets.append(frame)
            if frame.get("recovered"):
                self._violated(room, "a reset says recovered")
        continues = frame["type"] == "joined" and frame.get("recovered") and record.segments
        if not continues:
            record.segments.append(Segment(frame["epoch"]))
            record.position = None
        for entry in frame["entries"]:
            self._take_entry(room, entry)
        page = frame["entries"]
        if page and page[-1]["offset"] != head["offset"]:
            self._violated(room, f"{frame['type']} has the head {head['offset']} but its page ends at {page[-1]['offset']}")
        if continues and record.position != head:
            self._violated(room, f"recovered up to {record.position}, but the head is {head}")
        record.position = head

    def _take_entry(self, room: str, entry: dict) -> None:
        record = self.rooms.setdefault(room, RoomRecord())
        if not record.segments:
            # A direct room: its entries come without a join.
            record.segments.append(Segment(entry["epoch"]))
        segment, last = record.segments[-1], record.position
        if entry["room"] != room:
            self._violated(room, f"an entry of {entry['room']}")
        if entry["epoch"] != segment.epoch:
            self._violated(room, f"entry {entry['offset']} has the epoch {entry['epoch']} within {segment.epoch}")
        if last and entry["offset"] <= last["offset"]:
            self._violated(room, f"entry {entry['offset']} again or late, after {last['offset']}")
        elif last and entry["offset"] > last["offset"] + 1:
            self._violated(room, f"a hole: {entry['offset']} after {last['offset']}")
        if last and entry["at"] < last["at"]:
            self._violated(room, f"entry {entry['offset']} goes back in time: {entry['at']} after {last['at']}")
        segment.entries.append(entry)
        record.arrivals.append(time.monotonic())
        record.position = {name: entry[name] for name in ("epoch", "offset", "at")}

    def _violated(self, room: str, what: str) -> None:
        self.violations.append(f"{self.owner} in {room}: {what}")
