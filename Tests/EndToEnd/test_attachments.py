"""Attachments: what goes in as a binary frame comes out of every node, and never as a page."""

import asyncio
import contextlib

import pytest
from websockets.exceptions import ConnectionClosed

from harness.attachments import attach, attach_frame, fetch
from harness.cluster import Cluster
from harness.expect import is_error, lives
from harness.naming import fresh
from harness.node import Node
from harness.people import People

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


async def test_it_is_served_by_any_node(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    ack = await attach(ann, PNG, name="ä b.png", media="text/html", room=room, text="look", key="k1")
    message = await bob.next("message")
    assert ack.keys() == {"type", "re", "room", "offset", "epoch", "at"} and ack["offset"] == 1
    identifier = message["attachment"]["id"]
    assert message["attachment"] == {"id": identifier, "type": "image/png", "name": "ä b.png", "size": len(PNG)}
    assert message["text"] == "look" and message["key"] == "k1"
    for node in cluster.nodes:
        status, headers, body = fetch(node, f"/attachments/{identifier}")
        assert (status, body) == (200, PNG)
        assert headers["content-type"] == "image/png" and headers["x-content-type-options"] == "nosniff"
        assert headers["content-disposition"].startswith("inline;") and "%C3%A4%20b.png" in headers["content-disposition"]
        assert headers["accept-ranges"] == "bytes" and headers["etag"] and "max-age" in headers["cache-control"]
        assert "sandbox" in headers["content-security-policy"]
    status, headers, body = fetch(cluster.nodes[1], f"/attachments/{identifier}", "HEAD")
    assert (status, body, headers["content-length"]) == (200, b"", str(len(PNG)))


async def test_ranges_and_caching(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    content = bytes(range(256)) * 1024
    await attach(ann, content, room=room)
    path = f"/attachments/{(await ann.next('message'))['attachment']['id']}"
    node, size = cluster.nodes[2], len(content)
    for asked, start, end in (("0-0", 0, 1), ("5-9", 5, 10), ("100000-", 100_000, size), ("-7", size - 7, size), ("9-9999999", 9, size)):
        status, headers, body = fetch(node, path, Range=f"bytes={asked}")
        assert (status, body) == (206, content[start:end])
        assert headers["content-range"] == f"bytes {start}-{end - 1}/{size}" and headers["content-length"] == str(end - start)
    status, headers, _ = fetch(node, path, Range=f"bytes={size}-")
    assert status == 416 and headers["content-range"] == f"bytes */{size}"
    for ignored in ("bytes=9-5", "lines=1-2", "bytes=0-1,5-6", "bytes=x-"):
        status, _, body = fetch(node, path, Range=ignored)
        assert status == 200 and body == content
    tag = fetch(node, path)[1]["etag"]
    status, _, body = fetch(node, path, If_None_Match=tag)
    assert (status, body) == (304, b"")
    assert fetch(node, path, If_None_Match='"other"')[0] == 200
    assert fetch(node, path, Range="bytes=0-1", If_Range='"other"')[0] == 200
    assert fetch(node, path, Range="bytes=0-1", If_Range=tag)[0] == 206


@pytest.mark.parametrize("content, claim, type", [
    (b"<html><script>alert(1)</script>", "image/png", "text/plain"), (b"<svg onload=alert(1)>", "image/svg+xml", "text/plain"),
    (b"%PDF-1.7", "image/png", "application/pdf"), (b"\x00\x01", "text/html", "application/octet-stream"),
    (b"alert(1)", "text/javascript", "text/plain"), (b"", "text/html", "application/octet-stream"),
], ids=["html", "svg", "pdf", "bytes", "script", "nothing"])
async def test_what_could_be_a_page_is_a_download(node: Node, people: People, content: bytes, claim: str, type: str):
    room = fresh("room")
    ann = await people.guest(node, "ann", [room])
    await attach(ann, content, name='x".html', media=claim, room=room)
    attachment = (await ann.next("message"))["attachment"]
    assert attachment["type"] == type
    status, headers, body = fetch(node, f"/attachments/{attachment['id']}")
    assert (status, body) == (200, content)
    assert headers["content-disposition"].startswith("attachment;") and headers["x-content-type-options"] == "nosniff"
    assert headers["content-type"].split(";")[0] == type


async def test_in_a_direct_room_only_who_has_the_link_reads_it(cluster: Cluster, people: People):
    ann = await people.guest(cluster.nodes[0], "ann")
    bob = await people.guest(cluster.nodes[1], "bob")
    await attach(ann, PNG, to=bob.user)
    for attachment in ((await bob.next("message"))["attachment"], (await ann.next("message"))["attachment"],
                       (await bob.ask("history", room=bob.messages()[0]["room"]))["entries"][0]["attachment"]):
        url = attachment["url"]
        assert url.startswith(f"/attachments/{attachment['id']}?")
        for node in cluster.nodes:
            assert fetch(node, url)[::2] == (200, PNG)
        assert "private" in fetch(cluster.nodes[2], url)[1]["cache-control"]
        for wrong in (f"/attachments/{attachment['id']}", url[:-1], url[:-1] + ("0" if url[-1] != "0" else "1"),
                      url.replace("expires=", "expires=9"), url.split("&")[0], url.replace("signature=", "signature=0")):
            assert fetch(cluster.nodes[2], wrong)[0] == 403
    # Nobody learns whether there is one.
    missing = attachment["id"].split(".")[0] + "." + "0" * 32
    assert fetch(cluster.nodes[2], f"/attachments/{missing}")[0] == 403


async def test_what_is_no_attachment_is_not_found(node: Node, people: People):
    for path in ("/attachments/", "/attachments/x", "/attachments/bG9iYnk." + "0" * 32, "/attachments/%00", "/attachments/..%2f..%2fetc",
                 "/attachments/" + "a" * 3000):
        assert fetch(node, path)[0] in (400, 404)


async def test_a_deleted_message_takes_it_along(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    await attach(ann, PNG, room=room)
    identifier = (await ann.next("message"))["attachment"]["id"]
    await ann.ask("delete", room=room, offset=1)
    for node in cluster.nodes:
        assert fetch(node, f"/attachments/{identifier}")[0] == 404
    assert cluster.redis.command("KEYS", f"martlet:room:{{{room}}}:attachment*") == []


async def test_the_largest_and_one_byte_more(node: Node, people: People):
    room = fresh("room")
    ann = await people.guest(node, "ann", [room])
    limit = ann.welcome["limits"]["attachmentBytes"]
    assert limit == 1 << 20
    content = b"\x00" * limit
    assert (await attach(ann, content, room=room))["type"] == "ack"
    assert fetch(node, f"/attachments/{(await ann.next('message'))['attachment']['id']}")[2] == content
    is_error(await attach(ann, content + b"x", room=room), "too_large")
    await lives(ann)
    # The node judges the frame by its header, and may have closed before all of it is sent.
    with contextlib.suppress(ConnectionClosed):
        await ann.send_bytes(b"\x00" * (3 << 20))
    assert await ann.wait_closed() == 1009


@pytest.mark.parametrize("frame", [
    b"", b"\0", b"\0\0\0", b"\0\0\0\5{}", b"\xff\xff\xff\xff{}", b"\0\0\0\2{}", b"\0\0\0\2[]", b"\0\0\0\4nope",
    attach_frame(b"x", room="lobby", name="a"), attach_frame(b"x", room="lobby", mediaType="a"),
    attach_frame(b"x", name="a", mediaType="b"), attach_frame(b"x", room="lobby", to="g-x", name="a", mediaType="b"),
    attach_frame(b"x", room="lobby", name="a" * 256, mediaType="b"), attach_frame(b"x", room="lobby", name="", mediaType="b"),
    attach_frame(b"x", room="lobby", name="a", mediaType="b", pad="x" * 9000), attach_frame(b"", type="send", room="lobby", text="x"),
], ids=lambda frame: repr(frame[:24]))
async def test_hostile_headers(node: Node, people: People, frame: bytes):
    ann = await people.guest(node, "ann", ["lobby"])
    mark = ann.mark()
    await ann.send_bytes(frame)
    is_error(await ann.next("error", after=mark), "bad_frame")
    await lives(ann)


async def test_order_is_kept_and_a_key_makes_it_safe_to_repeat(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    elsewhere = await people.again(cluster.nodes[1], ann, [room])
    await ann.send_bytes(attach_frame(PNG, id="1", room=room, name="a", mediaType="b", key="k"))
    await ann.send_frame("send", id="2", room=room, text="two")
    await ann.next("ack", where=lambda frame: frame.get("re") == "2")
    assert [entry.get("text") for entry in cluster.redis.log(room)] == ["", "two"]
    assert (await attach(elsewhere, PNG, room=room, key="k"))["offset"] == 1
    assert len(cluster.redis.log(room)) == 2


async def test_plain_sessions_get_a_path(cluster: Cluster, people: People):
    plain = await people.plain(cluster.nodes[1])
    ann = await people.guest(cluster.nodes[0], "ann", ["lobby"])
    name = fresh("file")
    await attach(ann, PNG, name=name, room="lobby")
    line = await plain.containing(name)
    path = line.split(f"[{name}: ")[1].rstrip("]")
    assert (await asyncio.to_thread(fetch, cluster.nodes[2], path))[2] == PNG
