"""HTTP that is wrong, hostile or unfinished: an answer of the right kind, and the node goes on."""

import asyncio
import http.client

import pytest
import pytest_asyncio

from harness.expect import lives
from harness.node import Node
from harness.people import People
from harness.raw import TEXT, RawSocket, encoded_frame, upgrade_request


@pytest_asyncio.fixture(autouse=True)
async def bystander(node: Node, people: People):
    """Somebody else on the node, who must not notice."""
    ann = await people.guest(node, "ann")
    yield
    await lives(ann)
    await lives(await people.guest(node, "newcomer"))


async def _answer(node: Node, request: bytes) -> tuple[int, dict[str, str], bytes]:
    raw = await RawSocket.connected(node.port)
    try:
        return await raw.http(request)
    finally:
        await raw.close()


@pytest.mark.parametrize("path", ["/ws", "/"])
@pytest.mark.parametrize("headers", [
    {"Sec-WebSocket-Key": None}, {"Sec-WebSocket-Key": "short"}, {"Sec-WebSocket-Key": "x" * 500},
    {"Sec-WebSocket-Version": "12"}, {"Sec-WebSocket-Version": None}, {"Sec-WebSocket-Version": "banana"},
    {"Connection": "close"},
], ids=lambda value: str(value)[:60])
async def test_an_upgrade_that_lacks_something_is_refused(node: Node, path: str, headers: dict):
    status, _, _ = await _answer(node, upgrade_request(path, headers))
    assert status != 101
    assert status == 200 if path == "/" and "Connection" in headers else 400 <= status < 500


@pytest.mark.parametrize("offered, status", [("something.else", 400), ("soap, wamp", 400), ("wamp, martlet.v1", 101)])
async def test_subprotocols(node: Node, offered: str, status: int):
    got, headers, _ = await _answer(node, upgrade_request("/ws", {"Sec-WebSocket-Protocol": offered}))
    assert got == status
    assert headers.get("sec-websocket-protocol") == ("martlet.v1" if status == 101 else None)


async def test_no_extension_is_accepted_that_was_not_offered(node: Node):
    status, headers, _ = await _answer(node, upgrade_request("/ws"))
    assert status == 101 and "sec-websocket-extensions" not in headers
    assert headers["upgrade"].lower() == "websocket"


async def test_health_checks_may_ask_for_the_head_only(node: Node):
    def ask() -> list[tuple[int, bytes]]:
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=10)
        answers = []
        for method, path in [("HEAD", "/healthz"), ("HEAD", "/readyz"), ("HEAD", "/metrics"), ("GET", "/healthz")]:
            connection.request(method, path)
            answer = connection.getresponse()
            answers.append((answer.status, answer.read()))
        connection.close()
        return answers

    assert await asyncio.to_thread(ask) == [(200, b"")] * 3 + [(200, b"ok\n")]


async def test_the_protocol_without_an_upgrade(node: Node):
    status, _, body = node.get("/ws")
    assert status in (400, 404, 405, 426)


@pytest.mark.parametrize("path", ["/no/such/file", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd",
                                  "//etc/passwd", "/css/../../../etc/passwd", "/%0d%0aX:y", "/" + "a" * 3000])
async def test_paths_that_are_not_there(node: Node, path: str):
    raw = await RawSocket.connected(node.port)
    got, _, body = await raw.http(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    await raw.close()
    assert got in (400, 404, 414)
    assert b"root:" not in body


@pytest.mark.parametrize("path", ["/nowhere", "/healthz", "/api"])
async def test_upgrades_elsewhere_are_refused(node: Node, path: str):
    status, _, _ = await _answer(node, upgrade_request(path))
    assert status != 101


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "BREW"])
async def test_other_methods(node: Node, method: str):
    status, _, _ = await _answer(node, f"{method} / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
    assert 400 <= status < 502


@pytest.mark.parametrize("garbage", [
    b"\x00\x01\x02\x03\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200, b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nno colon here\r\n\r\n", b"\r\n" * 50,
    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: banana\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 300_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(20_000)) + b"\r\n",
], ids=lambda data: ascii(data[:30]))
async def test_garbage(node: Node, garbage: bytes):
    raw = await RawSocket.connected(node.port)
    await raw.write(garbage)
    try:
        raw.writer.write_eof()
    except OSError:
        pass  # The server has closed already.
    await raw.ends(within=3)
    await raw.close()


async def test_a_body_larger_than_any_route_takes(node: Node):
    raw = await RawSocket.connected(node.port)
    await raw.write(b"POST /ws HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
    for _ in range(50):
        await raw.write(b"x" * 65536)
    await raw.close()


async def test_frames_right_behind_the_upgrade_request(node: Node):
    raw = await RawSocket.connected(node.port)
    await raw.write(upgrade_request("/ws") + encoded_frame(TEXT, b'{"type":"hello"}')
                    + encoded_frame(TEXT, b'{"type":"ping","id":"1"}'))
    head = await asyncio.wait_for(raw.reader.readuntil(b"\r\n\r\n"), 5)
    assert b" 101 " in head
    await raw.read_json("welcome")
    assert (await raw.read_json("pong"))["re"] == "1"
    await raw.close()


async def test_connections_that_come_and_go_without_a_word(node: Node):
    sockets = await asyncio.gather(*(RawSocket.connected(node.port) for _ in range(200)))
    for index, socket in enumerate(sockets):
        if index % 3 == 1:
            await socket.write(b"GET /ws HT")
        if index % 2:
            socket.writer.transport.abort()
    await asyncio.gather(*(socket.close() for socket in sockets), return_exceptions=True)


async def test_several_requests_on_one_connection(node: Node):
    raw = await RawSocket.connected(node.port)
    for _ in range(3):
        status, _, body = await raw.http(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert status == 200
    await raw.close()


async def test_health_readiness_metrics_and_the_page(node: Node):
    assert node.get("/healthz")[0] == 200
    assert node.get("/readyz")[0] == 200
    status, headers, body = node.get("/metrics")
    assert status == 200 and headers["content-type"].startswith("text/plain")
    assert b"# TYPE" in body
    status, headers, body = node.get("/")
    assert status == 200 and headers["content-type"].startswith("text/html")
    assert b"<html" in body.lower()
    assert headers.get("x-content-type-options") == "nosniff"
    assert "default-src" in headers.get("content-security-policy", ""), "the page is served with a policy"
