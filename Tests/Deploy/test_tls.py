"""deploy/nginx/tls.conf: HTTPS in front of the nodes, and HTTP answered with the way to it."""

import http.client
import json
import shlex
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_cluster import REPOSITORY, LocalCluster
from websockets.sync.client import connect

from harness.node import built_binary
from harness.ports import free_port


class SecureCluster(LocalCluster):
    """A cluster whose nginx has found tls.conf and a certificate beside its configuration."""

    def __init__(self, directory: Path, nodes: int, program: str):
        self.tls_port = free_port()
        self.tls = directory / "nginx" / "tls"
        subprocess.run([REPOSITORY / "scripts" / "self-signed.sh", str(self.tls)], check=True)
        text = (REPOSITORY / "deploy" / "nginx" / "tls.conf").read_text()
        (self.tls / "tls.conf").write_text(text.replace("listen 443", f"listen 127.0.0.1:{self.tls_port}"))
        super().__init__(directory, nodes, program)
        self.trust = ssl.create_default_context(cafile=str(self.tls / "certificate.pem"))


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureCluster]:
    program = shlex.join([sys.executable, str(Path(__file__).with_name("echo_node.py"))])
    cluster = SecureCluster(tmp_path_factory.mktemp("secure"), 1, program)
    yield cluster
    cluster.close()


def test_http_leads_to_https(secure: SecureCluster):
    for method, path in (("GET", "/"), ("GET", "/ws?x=1"), ("POST", "/stream")):
        connection = http.client.HTTPConnection("127.0.0.1", secure.port, timeout=10)
        connection.request(method, path)
        response = connection.getresponse()
        assert response.status == 308
        assert response.getheader("Location") == f"https://127.0.0.1{path}"


def test_nodes_are_told_of_it(secure: SecureCluster):
    connection = http.client.HTTPSConnection("localhost", secure.tls_port, timeout=10, context=secure.trust)
    connection.request("GET", "/x")
    response = connection.getresponse()
    assert response.getheader("Strict-Transport-Security") == "max-age=31536000"
    headers = json.loads(response.read())["headers"]
    assert headers["X-Forwarded-Proto"] == "https" and headers["Host"] == f"localhost:{secure.tls_port}"


def test_metrics_stay_inside(secure: SecureCluster):
    connection = http.client.HTTPSConnection("localhost", secure.tls_port, timeout=10, context=secure.trust)
    connection.request("GET", "/metrics")
    assert connection.getresponse().status == 404


def test_people_chat_through_it(tmp_path: Path):
    cluster = SecureCluster(tmp_path / "chat", 1, str(built_binary()))
    try:
        with connect(f"wss://localhost:{cluster.tls_port}/ws", ssl=cluster.trust) as socket:
            socket.send('{"type":"hello"}')
            assert json.loads(socket.recv(timeout=10))["type"] == "welcome"
    finally:
        cluster.close()
