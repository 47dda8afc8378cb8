"""Who may come in: origins, addresses behind proxies, how many, and how slowly."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.client import Client
from harness.expect import lives
from harness.node import Node
from harness.people import People
from harness.raw import RawSocket, upgrade_request
from harness.redis_server import RedisServer
from harness.stream import post
from harness.waiting import eventually

Make = Callable[..., Node]


@pytest.fixture
def own(martlet: Path, tmp_path: Path) -> Iterator[Make]:
    """Makes nodes of the test's own, on one Redis."""
    redis = RedisServer(tmp_path / "redis")
    nodes: list[Node] = []

    def make(**environment: str) -> Node:
        nodes.append(Node(f"own{len(nodes)}", tmp_path / f"own{len(nodes)}", redis=redis.url, environment=environment,
                          wait="MARTLET_PROXY_PROTOCOL" not in environment))
        return nodes[-1]
    yield make
    for node in nodes:
        node.close()
    redis.close()


async def handshake(port: int, path: str = "/ws", preface: bytes = b"", **headers: str) -> tuple[int, RawSocket]:
    """The answer's status, and the connection."""
    socket = await RawSocket.connected(port)
    await socket.write(preface)
    status, _, body = await socket.http(upgrade_request(path, {name.replace("_", "-"): value
                                                               for name, value in headers.items()}))
    assert status == 101 or body, "a refusal says why"
    return status, socket


async def status(port: int, path: str = "/ws", **headers: str) -> int:
    answer, socket = await handshake(port, path, **headers)
    await socket.close()
    return answer


async def stream_status(port: int, path: str = "/stream", **headers: str) -> int:
    answer = await post(port, path, b"{}", {name.replace("_", "-"): value for name, value in headers.items()})
    await answer.close()
    return answer.status


# Origins


@pytest.mark.parametrize("path", ["/ws", "/"])
async def test_a_strangers_page_opens_no_session(node: Node, path: str):
    own = f"127.0.0.1:{node.port}"
    assert await status(node.port, path, Host=own) == 101
    assert await status(node.port, path, Host=own, Origin=f"http://{own}") == 101
    assert await status(node.port, path, Host=own, Origin=f"https://{own}") == 101
    for origin in ("https://evil.example", f"http://127.0.0.1:{node.port + 1}", f"http://localhost:{node.port}",
                   f"http://{own}.evil.example", ""):
        assert await status(node.port, path, Host=own, Origin=origin) == 403, origin
    for origin in ("null", "file://"):
        assert await status(node.port, path, Host=own, Origin=origin) == (101 if path == "/" else 403)


async def test_nor_a_stream(node: Node):
    own = f"127.0.0.1:{node.port}"
    assert await stream_status(node.port, Origin=f"http://{own}") == 200
    assert await stream_status(node.port) == 200
    assert await stream_status(node.port, Origin="https://evil.example") == 403
    assert await stream_status(node.port, "/stream/n1-00000000-0-1", Origin="https://evil.example") == 403


async def test_the_page_works_behind_nginx(cluster, people: People):
    port = cluster.nginx.port
    assert await status(port, Host=f"chat.example.org:{port}", Origin=f"http://chat.example.org:{port}") == 101
    assert await status(port, Host=f"chat.example.org:{port}", Origin="http://evil.example") == 403


async def test_an_operator_allows_others(own: Make):
    node = own(MARTLET_ORIGINS="https://shop.example, null")
    assert await status(node.port, Origin="https://shop.example") == 101
    assert await status(node.port, Origin="null") == 101
    assert await status(node.port, "/", Origin="https://shop.example") == 101
    assert await status(node.port, Origin="https://evil.example") == 403


async def test_or_nobody(own: Make):
    node = own(MARTLET_ORIGINS="self")
    host = f"127.0.0.1:{node.port}"
    assert await status(node.port, "/", Host=host, Origin=f"http://{host}") == 101
    assert await status(node.port, "/", Host=host, Origin="null") == 403


# What other pages' scripts may read (CORS)

API = ["/auth/login", "/stream", "/stream/x", "/api/v1/nodes", "/attachments/x"]


async def _answer(port: int, method: str, path: str, **headers: str) -> tuple[int, dict[str, str]]:
    socket = await RawSocket.connected(port)
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    status, answer, _ = await socket.http(f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{lines}\r\n".encode())
    await socket.close()
    return status, answer


async def test_no_other_pages_script_reads_an_answer(node: Node):
    for path in [*API, "/", "/metrics", "/healthz"]:
        _, headers = await _answer(node.port, "GET", path, Origin="https://evil.example")
        assert not [name for name in headers if name.startswith("access-control")], path
    for path in API:
        status, headers = await _answer(node.port, "OPTIONS", path, Origin="https://evil.example",
                                        Access_Control_Request_Method="POST")
        assert status == 403 and "access-control-allow-origin" not in headers
        assert "Origin" in headers["vary"]


async def test_but_those_the_operator_has_named(own: Make):
    node = own(MARTLET_ORIGINS="https://shop.example")
    for path in API:
        status, headers = await _answer(node.port, "OPTIONS", path, Origin="https://shop.example",
                                        Access_Control_Request_Method="POST",
                                        Access_Control_Request_Headers="content-type,martlet-seq")
        assert status == 204 and headers["access-control-allow-origin"] == "https://shop.example"
        allowed = headers["access-control-allow-headers"].lower()
        assert all(name in allowed for name in ("authorization", "content-type", "martlet-seq", "martlet-stream-key"))
        assert "access-control-allow-credentials" not in headers
        # An error, too: the script has to learn why.
        status, headers = await _answer(node.port, "GET", path, Origin="https://shop.example")
        assert status >= 400 and headers["access-control-allow-origin"] == "https://shop.example"
        _, headers = await _answer(node.port, "GET", path, Origin="https://evil.example")
        assert "access-control-allow-origin" not in headers and "Origin" in headers["vary"]
    for path in ("/", "/metrics", "/healthz", "/martlet.js"):
        _, headers = await _answer(node.port, "GET", path, Origin="https://shop.example")
        assert "access-control-allow-origin" not in headers, path
    stream = await post(node.port, "/stream", b"{}", {"Origin": "https://shop.example"})
    assert stream.status == 200 and stream.headers["access-control-allow-origin"] == "https://shop.example"
    await stream.close()


async def test_pages_may_not_be_framed_or_sniffed(node: Node):
    for path in ("/", "/healthz", "/nothing-here"):
        _, headers, _ = node.get(path)
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "strict-transport-security" not in headers
    # What is only part of a page goes by the page's.
    for path in ("/js/app.js", "/css/base.css"):
        status, headers, _ = node.get(path)
        assert status == 200 and headers["x-content-type-options"] == "nosniff", path
        assert "content-security-policy" not in headers, path
    _, headers, _ = await (await RawSocket.connected(node.port)).http(
        upgrade_request("/ws", {"Origin": "https://evil.example"}))
    assert headers["x-content-type-options"] == "nosniff"


# Addresses


@pytest.mark.parametrize("path", ["/ws", "/"])
async def test_an_address_has_so_many_connections(own: Make, path: str):
    node = own(MARTLET_CONNECTIONS_PER_ADDRESS="3")
    kept = []
    for _ in range(3):
        answer, socket = await handshake(node.port, path, X_Forwarded_For="9.9.9.9, 192.0.2.1")
        assert answer == 101
        kept.append(socket)
    assert await status(node.port, path, X_Forwarded_For="8.8.8.8, 192.0.2.1") == 429
    assert await stream_status(node.port, X_Forwarded_For="192.0.2.1") == 429
    assert await status(node.port, path, X_Forwarded_For="192.0.2.1, 192.0.2.2") == 101
    # Nobody but a trusted proxy is known: not counted.
    assert [await status(node.port, path) for _ in range(5)] == [101] * 5
    await kept.pop().close()

    async def room_again() -> bool:
        return await status(node.port, path, X_Forwarded_For="192.0.2.1") == 101
    await eventually(room_again, 5, "the place to be free again")
    for socket in kept:
        await socket.close()


async def test_streams_count_too(own: Make):
    node = own(MARTLET_CONNECTIONS_PER_ADDRESS="1")
    answer = await post(node.port, "/stream", b"{}", {"X-Forwarded-For": "192.0.2.1"})
    assert answer.status == 200
    assert await status(node.port, X_Forwarded_For="192.0.2.1") == 429
    assert await stream_status(node.port, X_Forwarded_For="192.0.2.1") == 429
    await answer.close()

    async def room_again() -> bool:
        return await stream_status(node.port, X_Forwarded_For="192.0.2.1") == 200
    await eventually(room_again, 5, "the place to be free again")


async def test_who_is_no_proxy_is_not_believed(own: Make):
    node = own(MARTLET_TRUSTED_PROXIES="none", MARTLET_CONNECTIONS_PER_ADDRESS="2")
    kept = [await handshake(node.port, X_Forwarded_For=f"192.0.2.{index}") for index in range(2)]
    assert [answer for answer, _ in kept] == [101, 101]
    # One more connection is not even listened to.
    third = await RawSocket.connected(node.port)
    assert await third.ends()
    for _, socket in kept:
        await socket.close()


async def test_a_user_has_so_many_sessions(own: Make, people: People):
    node = own(MARTLET_SESSIONS_PER_USER="2")
    first = await people.guest(node)
    await people.again(node, first)
    third = await Client.open(node.url)
    await third.send_frame("hello", token=first.token)
    await third.next("error", where=lambda frame: frame["code"] == "too_many")
    assert await third.wait_closed() == 4429
    await lives(first)
    await people.guest(node)
    await first.close()

    async def room_again() -> bool:
        again = await Client.open(node.url)
        await again.send_frame("hello", token=first.token)
        answer = await again.next("welcome", "error")
        await again.close()
        return answer["type"] == "welcome"
    await eventually(room_again, 10, "the place to be free again")


V2 = b"\r\n\r\n\0\r\nQUIT\n"


async def test_the_proxy_protocol(own: Make):
    node = own(MARTLET_PROXY_PROTOCOL="on", MARTLET_CONNECTIONS_PER_ADDRESS="1")

    async def up() -> bool:
        try:
            answer, socket = await handshake(node.port, preface=b"PROXY UNKNOWN\r\n")
        except OSError:
            return False
        await socket.close()
        return answer == 101
    await eventually(up, 15, "the node to be ready")
    answer, first = await handshake(node.port, preface=b"PROXY TCP4 192.0.2.1 198.51.100.1 1000 443\r\n")
    assert answer == 101
    second = await RawSocket.connected(node.port)
    await second.write(V2 + bytes([0x21, 0x11, 0, 12, 192, 0, 2, 1, 1, 2, 3, 4, 0, 1, 0, 2]))
    assert await second.ends()
    answer, other = await handshake(node.port, preface=V2 + bytes([0x21, 0x11, 0, 12, 192, 0, 2, 2, 1, 2, 3, 4, 0, 1, 0, 2]))
    assert answer == 101
    for nonsense in (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"PROXY TCP9 x\r\n", V2 + b"\xff" * 20):
        bare = await RawSocket.connected(node.port)
        await bare.write(nonsense)
        assert await bare.ends()
    await first.close()
    await other.close()


# Slowness and size


async def test_half_a_handshake_is_not_kept(node: Node, people: People):
    bystander = await people.guest(node, "bystander")
    halves = []
    for start in (b"", b"GET /ws HT", upgrade_request("/ws")[:-2], b"GET / HTTP/1.1\r\nHost: x\r\n"):
        socket = await RawSocket.connected(node.port)
        await socket.write(start)
        halves.append(socket)
    assert all(await asyncio.gather(*(socket.ends(13) for socket in halves)))
    await lives(bystander)


async def test_idle_http_is_not_kept(node: Node):
    socket = await RawSocket.connected(node.port)
    assert (await socket.http(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"))[0] == 200
    await socket.write(b"GET /healthz HTTP/1.1\r\nHos")
    assert await socket.ends(13)


async def test_a_body_byte_by_byte_is_not_kept(node: Node):
    socket = await RawSocket.connected(node.port)
    await socket.write(b"POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")

    async def drip() -> None:
        while True:
            await socket.write(b" ")
            await asyncio.sleep(0.5)
    dripping = asyncio.create_task(drip())
    try:
        assert await socket.ends(25)
    finally:
        dripping.cancel()


@pytest.mark.parametrize("lines", [
    [f"X-{index}: y" for index in range(101)], [f"X-{index}: {'y' * 1000}" for index in range(17)], [f"X: {'y' * 9000}"],
], ids=["fields", "bytes", "one field"])
@pytest.mark.parametrize("path", ["/ws", "/"])
async def test_headers_are_bounded(node: Node, people: People, path: str, lines: list[str]):
    bystander = await people.guest(node, "bystander")
    socket = await RawSocket.connected(node.port)
    await socket.write(upgrade_request(path)[:-2] + "\r\n".join([*lines, "", ""]).encode())
    head = await socket.reader.read(100)
    assert head == b"" or head.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431")), head
    assert await socket.ends()
    await lives(bystander)


async def test_what_a_refusal_says_is_for_people(node: Node):
    socket = await RawSocket.connected(node.port)
    _, headers, body = await socket.http(upgrade_request("/ws", {"Origin": "https://evil.example"}))
    assert b"MARTLET_ORIGINS" in body and headers["content-type"].startswith("text/plain")
    await socket.close()
