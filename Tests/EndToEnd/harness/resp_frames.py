"""Cuts a RESP byte stream into whole top-level values, for a proxy that looks at what it passes on."""


class RespSplitter:
    """Feed bytes, get complete values as bytes. Knows RESP2 and RESP3's pushes; never decodes more than it must."""

    def __init__(self):
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        self._buffer += data
        values, start = [], 0
        while (end := self._end_of_value(start)) is not None:
            values.append(bytes(self._buffer[start:end]))
            start = end
        del self._buffer[:start]
        return values

    def _end_of_value(self, start: int) -> int | None:
        """Where the value that begins at `start` ends, or None while it is not all there."""
        pending = 1
        position = start
        while pending:
            line = self._buffer.find(b"\r\n", position)
            if line < 0:
                return None
            kind, rest = self._buffer[position:position + 1], self._buffer[position + 1:line]
            position = line + 2
            pending -= 1
            if kind in b"$=!" and int(rest) >= 0:
                position += int(rest) + 2
                if position > len(self._buffer):
                    return None
            elif kind in b"*>~" and int(rest) > 0:
                pending += int(rest)
            elif kind == b"%":
                pending += 2 * int(rest)
        return position


def published(value: bytes) -> tuple[str, bytes] | None:
    """(channel, payload) when the value is a message of a subscription, else None."""
    if value[:1] not in (b"*", b">"):
        return None
    parts = _bulk_strings(value)
    if len(parts) == 3 and parts[0] in (b"message", b"smessage"):
        return parts[1].decode(errors="replace"), parts[2]
    return None


def _bulk_strings(value: bytes) -> list[bytes]:
    parts, position = [], value.find(b"\r\n") + 2
    while position < len(value):
        if value[position:position + 1] != b"$":
            return []
        line = value.find(b"\r\n", position)
        length = int(value[position + 1:line])
        parts.append(value[line + 2:line + 2 + length])
        position = line + 2 + length + 2
    return parts
