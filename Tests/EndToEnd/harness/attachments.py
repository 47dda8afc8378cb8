"""Sending and fetching attachments."""

import http.client
import json

from .client import Client
from .node import Node


def attach_frame(content: bytes, **header) -> bytes:
    """The binary frame: the header's length, the header, the bytes."""
    text = json.dumps({"type": "attach"} | header).encode()
    return len(text).to_bytes(4, "big") + text + content


async def attach(client: Client, content: bytes, name: str = "file", media: str = "application/octet-stream", **fields) -> dict:
    """Sends the bytes and returns the reply, errors included."""
    identifier = f"a{client.mark()}"
    mark = client.mark()
    await client.send_bytes(attach_frame(content, id=identifier, name=name, mediaType=media, **fields))
    return await client.next("ack", "error", after=mark, where=lambda frame: frame.get("re") == identifier)


def fetch(node: Node, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers in lower case, and the body."""
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()
