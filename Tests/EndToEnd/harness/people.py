"""Makes clients for a test, and closes all of them at its end."""

import asyncio

from .client import Client
from .journal import Journal
from .naming import fresh
from .plain import PlainClient
from .raw import RawSocket


class People:
    """Guests with names of their own. `at` is a node, or an address."""

    def __init__(self):
        self._open: list[Client | PlainClient | RawSocket] = []

    async def guest(self, at, stem: str | None = "guest", rooms: tuple[str, ...] | list[str] = (), **hello) -> Client:
        """Connected, welcomed and in the rooms. `name=` gives the name exactly, `stem` a fresh one that begins so."""
        name = hello.pop("name", fresh(stem) if stem else None)
        client = await Client.guest(_address(at), name, rooms, journal=hello.pop("journal", Journal(name or "guest")),
                                    **hello)
        self._open.append(client)
        return client

    async def guests(self, count: int, at, stem: str = "guest", rooms: tuple[str, ...] | list[str] = ()) -> list[Client]:
        """Several at once, spread over the nodes when `at` is a list."""
        places = at if isinstance(at, list) else [at]
        return list(await asyncio.gather(*(
            self.guest(places[index % len(places)], stem, rooms) for index in range(count))))

    async def again(self, at, client: Client, rooms: tuple[str, ...] | list[str] = (), **hello) -> Client:
        """One more session of the same user."""
        return await self.guest(at, None, rooms, token=client.token, **hello)

    async def stranger(self, at, subprotocols: list[str] | None = None) -> Client:
        """A connection that has not said `hello`."""
        client = await Client.open(_address(at), subprotocols)
        self._open.append(client)
        return client

    async def plain(self, at) -> PlainClient:
        """A session of the plain dialect, past its greeting."""
        client = await PlainClient.open(at.plain_url)
        self._open.append(client)
        return client

    async def raw(self, at, path: str = "/ws") -> RawSocket:
        """An upgraded connection whose frames the test makes itself."""
        socket = await RawSocket.upgraded(at.port, path)
        self._open.append(socket)
        return socket

    async def close(self) -> None:
        await asyncio.gather(*(client.close() for client in self._open), return_exceptions=True)


def _address(at) -> str:
    return at if isinstance(at, str) else at.url
