"""Assertions about frames that many tests share."""

from .client import Client

# How long what is done in a room may take to count on all nodes, in seconds.
AT_ONCE = 2.0


def is_error(frame: dict, code: str, re: str | None = None) -> dict:
    """An `error` frame with this code, a message for people, and the `re` of the request it answers."""
    assert frame.get("type") == "error", f"expected the error {code}, got {frame}"
    assert frame.get("code") == code, f"expected the error {code}, got {frame}"
    assert isinstance(frame.get("message"), str) and frame["message"], "an error says what is wrong"
    if re is not None:
        assert frame.get("re") == re
    return frame


async def refuses(client: Client, code: str, type: str, **fields) -> dict:
    """The request is answered with the error."""
    return is_error(await client.request(type, **fields), code)


async def lives(client: Client) -> None:
    """The session still answers."""
    assert isinstance((await client.ask("ping"))["at"], int)


def is_time(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1_600_000_000_000 < value < 1 << 53
