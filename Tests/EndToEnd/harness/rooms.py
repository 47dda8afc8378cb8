"""Rooms of a test's own."""

from .client import Client
from .naming import fresh
from .node import Node
from .people import People


async def room_of(people: People, at: Node, **settings) -> tuple[str, Client]:
    """A new room and its owner, who is in it."""
    room = fresh("room")
    owner = await people.guest(at, "owner", [room])
    if settings:
        await owner.ask("configure", room=room, **settings)
    return room, owner
