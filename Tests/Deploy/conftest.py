"""Fixtures of the deployment tests."""

import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness.secret_scan import pytest_sessionfinish, pytest_terminal_summary  # noqa: F401
from local_cluster import LocalCluster

StartCluster = Callable[[int], LocalCluster]


@pytest.fixture
def start_cluster(tmp_path: Path) -> Iterator[StartCluster]:
    """Starts clusters of real nodes, and ends them with the test."""
    started: list[LocalCluster] = []

    def start(nodes: int) -> LocalCluster:
        started.append(LocalCluster(tmp_path / f"cluster{len(started)}", nodes))
        return started[-1]

    yield start
    for cluster in started:
        cluster.close()


@pytest.fixture(scope="session")
def echoes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """Behind nginx two stand-ins for nodes that answer with what reached them, for tests that change nothing."""
    program = shlex.join([sys.executable, str(Path(__file__).with_name("echo_node.py"))])
    cluster = LocalCluster(tmp_path_factory.mktemp("echoes"), 2, program)
    yield cluster
    cluster.close()
