"""Names that no other test uses: rooms and users of one cluster are shared by all tests."""

import secrets


def fresh(stem: str) -> str:
    """`stem` with a random tail; valid as a room, as a user's name and as a key."""
    return f"{stem}-{secrets.token_hex(4)}"
