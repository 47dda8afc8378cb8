"""`make cluster` ends everything it started, however it is ended."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from conftest import StartCluster
from harness.waiting import wait_until
from local_cluster import COMMAND


def _alive(pids: list[int]) -> list[str]:
    """The command lines of those that still run; a zombie does not."""
    found = []
    for pid in pids:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                found.append(Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "))
        except OSError:
            pass
    return found


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything(start_cluster: StartCluster, ending: signal.Signals):
    cluster = start_cluster(2)
    pids = cluster.pids()
    assert len(pids) >= 6 and len(_alive(pids)) == len(pids)
    cluster.signal(ending)
    assert cluster.ended() == 0, cluster.text()
    assert not _alive(pids)


def test_a_killed_supervisor_leaves_nothing_behind(start_cluster: StartCluster):
    cluster = start_cluster(2)
    pids = cluster.pids()
    cluster.signal(signal.SIGKILL)
    wait_until(lambda: not _alive(pids), 40, "everything the supervisor had started to end")


def test_a_node_that_dies_is_reported_and_replaced_by_scale(start_cluster: StartCluster):
    cluster = start_cluster(2)
    os.kill(cluster.status()["nodes"]["node-2"]["pid"], signal.SIGKILL)
    wait_until(lambda: "node-2 ended" in cluster.text(), 10, "the report")
    assert set(cluster.status()["nodes"]) == {"node-1"}
    subprocess.run([*COMMAND, "--directory", str(cluster.directory), "scale", "2"], check=True, timeout=60,
                   capture_output=True)
    assert set(cluster.status()["nodes"]) == {"node-1", "node-2"}


def test_two_clusters_do_not_share_a_directory(start_cluster: StartCluster):
    cluster = start_cluster(1)
    second = subprocess.run([*COMMAND, "--directory", str(cluster.directory), "up", "--port", "1"],
                            capture_output=True, text=True, timeout=30)
    assert second.returncode == 1
    assert "another cluster runs" in second.stderr


def test_an_occupied_port_is_one_clear_line(start_cluster: StartCluster, tmp_path: Path):
    cluster = start_cluster(1)
    second = subprocess.run([*COMMAND, "--directory", str(tmp_path / "second"), "up", "--port", str(cluster.port)],
                            capture_output=True, text=True, timeout=30)
    assert second.returncode == 1
    assert f"port {cluster.port} cannot be used" in second.stderr
    assert len(second.stderr.splitlines()) == 1
