"""The harness itself: a checker that never complains would prove nothing."""

import asyncio
from pathlib import Path

import pytest

from harness.checker import Checker
from harness.faultproxy import FaultProxy
from harness.journal import Journal
from harness.nginx import Nginx
from harness.redis_server import RedisServer
from harness.resp import RedisProbe
from harness.resp_frames import RespSplitter, published


def _entry(offset: int, epoch: str = "e", at: int | None = None, **more) -> dict:
    return {"type": "message", "room": "r", "offset": offset, "epoch": epoch, "at": 100 + offset if at is None else at} | more


def _joined(offset: int, entries=(), epoch: str = "e", recovered: bool = False, type: str = "joined") -> dict:
    return {"type": type, "room": "r", "epoch": epoch, "offset": offset, "at": 100 + offset if offset else 0,
            "entries": list(entries), "recovered": recovered}


def _journal(*frames: dict) -> Journal:
    journal = Journal("somebody")
    for frame in frames:
        journal.take(frame)
    return journal


@pytest.mark.parametrize("frames", [
    [_joined(0), _entry(1), _entry(2)],
    [_joined(5, [_entry(4), _entry(5)]), _entry(6)],
    [_joined(2), _entry(3), _joined(5, [_entry(4), _entry(5)], recovered=True), _entry(6)],
    [_joined(2), _entry(3), _joined(9, [_entry(9)]), _entry(10)],
    [_joined(7), _joined(0, epoch="f", type="reset"), _entry(1, "f")],
    [_entry(1), _entry(2)],
], ids=["live", "page", "recovered", "not recovered", "reset", "direct"])
def test_a_journal_accepts_what_is_promised(frames):
    journal = _journal(*frames)
    assert journal.violations == []
    last = frames[-1]
    assert journal.position("r") == {name: last[name] for name in ("epoch", "offset", "at")}


@pytest.mark.parametrize("frames, word", [
    ([_joined(0), _entry(1), _entry(3)], "hole"),
    ([_joined(0), _entry(1), _entry(1)], "again"),
    ([_joined(0), _entry(2), _entry(1)], "again"),
    ([_joined(0), _entry(1, "f")], "epoch"),
    ([_joined(1), _entry(2, at=50)], "back in time"),
    ([_joined(5, [_entry(3), _entry(4)])], "page ends"),
    ([_joined(5, [_entry(3), _entry(5)])], "hole"),
    ([_joined(2), _joined(5, [_entry(4), _entry(5)], recovered=True)], "hole"),
    ([_joined(2), _joined(4, [_entry(2), _entry(3), _entry(4)], recovered=True)], "again"),
    ([_joined(2), _joined(4, [], recovered=True)], "recovered up to"),
], ids=lambda value: str(value)[:60])
def test_a_journal_notices(frames, word: str):
    assert any(word in violation for violation in _journal(*frames).violations)


def test_the_checker_accepts_and_notices():
    log = [_entry(1, key="a"), _entry(2, key="b")]
    ack = {"type": "ack", "room": "r", "offset": 1, "epoch": "e", "at": 101}

    def checker(**changed) -> Checker:
        made = Checker()
        made.will_send("a")
        made.acknowledged("a", ack | changed)
        return made
    checker().check_log("r", log)
    checker().check_receivers("r", log, [_journal(_joined(0), *log)])
    checker().check_all_acknowledged()
    for wrong in ([], log[1:], [log[0], log[0]], [log[0], _entry(3)], [_entry(1, key="c"), log[1]],
                  [log[0], _entry(2, epoch="f")], [log[0], _entry(2, at=50)]):
        with pytest.raises(AssertionError):
            checker().check_log("r", wrong)
    with pytest.raises(AssertionError):
        checker(offset=2, at=102).check_log("r", log)
    with pytest.raises(AssertionError):
        checker().acknowledged("a", ack | {"offset": 3})
    for journal in (_journal(_joined(0), log[0]), _journal(_joined(0), _entry(1, key="x"), log[1]), Journal("absent"),
                    _journal(_joined(0), log[0], _joined(2, [log[1]])), _journal(_joined(0), *log, log[1])):
        with pytest.raises(AssertionError):
            checker().check_receivers("r", log, [journal])


def test_the_checker_writes_off_what_was_erased_and_notices_disagreement():
    checker = Checker()
    for key, epoch in (("a", "e"), ("b", "f")):
        checker.will_send(key)
        checker.acknowledged(key, {"type": "ack", "room": "r", "offset": 1, "epoch": epoch, "at": 101})
    log = [_entry(1, "f", key="b")]
    with pytest.raises(AssertionError):
        checker.check_log("r", log)
    assert checker.write_off("r", {"f"}) == 1
    checker.check_log("r", log)
    checker.check_all_acknowledged()

    ann, bob = _journal(_joined(0), _entry(1, text="one")), _journal(_joined(0), _entry(1, text="another"))
    checker.check_agreement("r", [ann, ann])
    with pytest.raises(AssertionError):
        checker.check_agreement("r", [ann, bob])


def test_resp_is_cut_into_values_wherever_packets_end():
    values = [b"+OK\r\n", b"$3\r\na\r\n\r\n", b"*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n", b"$-1\r\n", b"*-1\r\n",
              b"*0\r\n", b"*2\r\n*1\r\n:1\r\n$0\r\n\r\n",
              b">3\r\n$8\r\nsmessage\r\n$1\r\nc\r\n$0\r\n\r\n", b"%1\r\n+a\r\n:2\r\n"]
    stream = b"".join(values)
    for size in (1, 2, 3, 7, len(stream)):
        splitter = RespSplitter()
        cut = [value for start in range(0, len(stream), size) for value in splitter.feed(stream[start:start + size])]
        assert cut == values
    assert published(values[2]) == ("c", b"hi")
    assert published(values[7]) == ("c", b"")
    assert published(values[6]) is None


@pytest.fixture
def own_redis(tmp_path: Path):
    server = RedisServer(tmp_path / "redis", fsync="always")
    yield server
    server.close()


def test_redis_keeps_its_data_over_a_kill_and_loses_it_when_told(own_redis: RedisServer):
    own_redis.command("XADD", "martlet:room:{r}:log", "1-0", "e", '{"offset":1}')
    own_redis.kill()
    own_redis.start()
    assert own_redis.log("r") == [{"offset": 1}]
    own_redis.kill()
    own_redis.erase()
    own_redis.start()
    assert own_redis.log("r") == []


async def test_the_proxy_passes_drops_hangs_refuses_and_cuts(own_redis: RedisServer):
    proxy = FaultProxy(own_redis.port, seed=3)
    try:
        probe = await asyncio.to_thread(RedisProbe, proxy.port, 0.5, own_redis.login)
        assert await asyncio.to_thread(probe.command, "PING") == "PONG"
        assert proxy.connections == 1

        subscriber = await asyncio.to_thread(RedisProbe, proxy.port, 0.5, own_redis.login)
        assert await asyncio.to_thread(subscriber.command, "SUBSCRIBE", "c") == ["subscribe", "c", 1]
        proxy.drop_share = 0.5
        for number in range(100):
            await asyncio.to_thread(own_redis.command, "PUBLISH", "c", number)
        proxy.drop_share = 0.0
        await asyncio.to_thread(own_redis.command, "PUBLISH", "c", "end")
        heard = 0
        while (await asyncio.to_thread(subscriber._reply))[2] != "end":
            heard += 1
        assert heard + proxy.dropped == 100 and 20 < heard < 80

        proxy.hang = True
        with pytest.raises(TimeoutError):
            await asyncio.to_thread(probe.command, "PING")
        proxy.hang = False

        probe = await asyncio.to_thread(RedisProbe, proxy.port, 0.5, own_redis.login)
        assert await asyncio.to_thread(probe.command, "PING") == "PONG"
        proxy.cut()
        with pytest.raises(ConnectionError):
            await asyncio.to_thread(probe.command, "PING")

        proxy.refuse = True
        with pytest.raises(OSError):
            refused = await asyncio.to_thread(RedisProbe, proxy.port, 0.5, own_redis.login)
            await asyncio.to_thread(refused.command, "PING")
    finally:
        await asyncio.to_thread(proxy.close)


def test_nginx_starts_and_ends(tmp_path: Path):
    nginx = Nginx(tmp_path / "nginx", [1])
    assert nginx.http.startswith("http://127.0.0.1:")
    nginx.close()
