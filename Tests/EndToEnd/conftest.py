"""Fixtures of the end-to-end tests. What they hand out is in `harness`."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

sys.path.insert(0, str(Path(__file__).parent))

from harness.cluster import Cluster  # noqa: E402
from harness.nginx import Nginx  # noqa: E402
from harness.node import Node, built_binary  # noqa: E402
from harness.people import People  # noqa: E402
from harness.process import LogMarks  # noqa: E402
from harness.redis_server import RedisServer  # noqa: E402
from harness.secret_scan import pytest_sessionfinish, pytest_terminal_summary  # noqa: E402, F401

CHROMIUM = Path(os.environ.get("MARTLET_CHROMIUM", "/usr/bin/chromium"))
_marks = pytest.StashKey[LogMarks]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item):
    item.stash[_marks] = LogMarks()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Shows what nodes, Redis and nginx logged while a failed test ran."""
    report = yield
    if report.failed and (marks := item.stash.get(_marks, None)):
        report.sections.extend(marks.since())
    return report


@pytest.fixture(scope="session")
def martlet() -> Path:
    """The binary under test."""
    binary = built_binary()
    if not binary.is_file():
        pytest.fail(f"{binary} does not exist: run `scripts/build.sh`, or set MARTLET_BIN", pytrace=False)
    return binary


@pytest.fixture(scope="session")
def shared_cluster(martlet: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.close()


@pytest.fixture
def cluster(shared_cluster: Cluster) -> Iterator[Cluster]:
    """Three nodes on one Redis behind nginx, shared by all tests. No test may end a node, on purpose or not."""
    if ended := shared_cluster.revive():
        raise AssertionError(f"ended before the test: {ended}")
    yield shared_cluster
    if ended := shared_cluster.revive():
        raise AssertionError(f"the test ended {ended}")


@pytest.fixture
def node(cluster: Cluster) -> Node:
    """One node of the shared cluster, for what needs only one."""
    return cluster.nodes[0]


@pytest.fixture
def redis(cluster: Cluster) -> RedisServer:
    """The shared cluster's Redis."""
    return cluster.redis


@pytest_asyncio.fixture
async def people() -> AsyncIterator[People]:
    """Opens clients, and closes them all when the test ends."""
    group = People()
    yield group
    await group.close()


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium, headless, with a microphone that beeps."""
    if not CHROMIUM.exists() and not os.environ.get("CI"):
        pytest.skip(f"no Chromium at {CHROMIUM}: apt-get install chromium, or set MARTLET_CHROMIUM")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=[
            "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
        ])
        yield browser
        await browser.close()


@pytest.fixture
def blocked(cluster: Cluster, tmp_path: Path) -> Iterator[Nginx]:
    """nginx before the shared cluster that lets no WebSocket through."""
    nginx = Nginx(tmp_path / "blocked", [node.port for node in cluster.nodes], websockets=False)
    yield nginx
    nginx.close()


@pytest.fixture(scope="session")
def fronts(shared_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Two nodes of the shared cluster, each behind an nginx of its own, so that a test knows who is where."""
    directory = tmp_path_factory.mktemp("fronts")
    proxies = [Nginx(directory / node.name, [node.port]) for node in shared_cluster.nodes[:2]]
    yield proxies[0].http, proxies[1].http
    for proxy in proxies:
        proxy.close()


@pytest.fixture(params=["websocket", "http"])
def ways(request: pytest.FixtureRequest, cluster: Cluster, fronts: tuple[str, str]) -> tuple[str, str]:
    """Where two people open the page, on two nodes behind nginx: over a WebSocket; or where only plain requests get
    through, which go to any node."""
    if request.param == "websocket":
        return fronts
    blocked = request.getfixturevalue("blocked")
    return blocked.http, blocked.http
