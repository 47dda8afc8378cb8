"""What deploy/nginx lets through, changes and keeps back."""

import http.client
import json
from urllib.parse import urlsplit

import pytest
from harness.waiting import wait_until
from local_cluster import LocalCluster


def _request(port: int, method: str, path: str, body: bytes | None = None,
             headers: dict[str, str] | None = None, host: str = "127.0.0.1") -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(host, port, timeout=20)
    connection.request(method, path, body, headers or {})
    return connection.getresponse()


def _seen(cluster: LocalCluster, path: str, headers: dict[str, str] | None = None) -> dict:
    """What the node says it received."""
    response = _request(cluster.port, "GET", path, headers=headers)
    assert response.status == 200
    return json.loads(response.read())


def test_every_node_gets_its_share(echoes: LocalCluster):
    assert {_seen(echoes, "/")["node"] for _ in range(40)} == {"node-1", "node-2"}


def test_a_client_cannot_claim_another_address(echoes: LocalCluster):
    headers = _seen(echoes, "/x", {"X-Forwarded-For": "10.9.8.7", "X-Forwarded-Proto": "https"})["headers"]
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert headers["X-Forwarded-Proto"] == "http"


def test_the_host_keeps_its_port(echoes: LocalCluster):
    """A browser's Origin has the port; a node compares the two."""
    assert _seen(echoes, "/x")["headers"]["Host"] == f"127.0.0.1:{echoes.port}"


def test_the_path_and_the_query_arrive_unchanged(echoes: LocalCluster):
    assert _seen(echoes, "/attachments/a%2Fb?sig=1%20x")["path"] == "/attachments/a%2Fb?sig=1%20x"


def test_the_query_is_not_logged(echoes: LocalCluster):
    _seen(echoes, "/attachments/x?sig=a-secret")
    # nginx writes its log after it has answered.
    wait_until(lambda: "GET /attachments/x HTTP" in echoes.nginx_log, 5, "nginx to log the request")
    assert "a-secret" not in echoes.nginx_log


def test_nor_when_no_node_answers(echoes: LocalCluster):
    """An error's line would have the whole request."""
    assert _request(echoes.port, "GET", "/broken?signature=no-secret").status == 503
    wait_until(lambda: "no-secret" in echoes.nginx_log, 5, "nginx to log the error, query and all")
    assert _request(echoes.port, "GET", "/attachments/broken?signature=a-secret").status == 503
    wait_until(lambda: "GET /attachments/broken HTTP" in echoes.nginx_log, 5, "nginx to log the request")
    assert "a-secret" not in echoes.nginx_log


@pytest.mark.parametrize("path", ["/ws", "/"])
def test_websocket_asks_to_be_upgraded(echoes: LocalCluster, path: str):
    headers = _seen(echoes, path, {"Upgrade": "WebSocket", "Connection": "keep-alive, Upgrade"})["headers"]
    assert headers["Upgrade"] == "websocket"
    assert headers["Connection"] == "upgrade"


def test_nothing_else_is_upgraded(echoes: LocalCluster):
    headers = _seen(echoes, "/", {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings", "HTTP2-Settings": "AA"})["headers"]
    assert "Upgrade" not in headers
    assert headers["Connection"] == "close"


@pytest.mark.parametrize("path", ["/metrics", "/metrics/", "/%6detrics", "//metrics", "/x/../metrics?y"])
def test_metrics_are_not_for_the_outside(echoes: LocalCluster, path: str):
    assert _request(echoes.port, "GET", path).status == 404


@pytest.mark.parametrize("path, limit", [("/auth/login", 256 << 10), ("/stream", 256 << 10), ("/stream/abc", 2 << 20)])
def test_a_large_body_is_refused(echoes: LocalCluster, path: str, limit: int):
    assert _request(echoes.port, "POST", path, b"x" * (limit - 1000)).status == 200
    assert _request(echoes.port, "POST", path, b"x" * (limit + 1000)).status == 413


def test_a_node_that_is_not_ready_hands_a_get_on(echoes: LocalCluster):
    assert {_seen(echoes, "/busy")["node"] for _ in range(20)} == {"node-2"}


def test_a_post_is_not_repeated_behind_the_clients_back(echoes: LocalCluster):
    def lines() -> list[str]:
        return [line for line in echoes.nginx_log.splitlines() if "POST /busy" in line]

    before = len(lines())
    assert _request(echoes.port, "POST", "/busy", b"{}").status == 503
    # nginx writes its log after it has answered.
    wait_until(lambda: len(lines()) > before, 5, "nginx to log the request")
    line = lines()[before]
    assert "," not in line.split("upstream=")[1], "one node was asked"


def test_events_of_the_fallback_are_not_held_back(echoes: LocalCluster):
    response = _request(echoes.port, "GET", "/stream", headers={"Accept-Encoding": "gzip"})
    assert response.readline() == b"data: first\n"
    assert response.getheader("Content-Encoding") is None
    for node in echoes.status()["nodes"].values():
        address = urlsplit(node["url"])
        _request(address.port, "POST", "/continue", b"", host=address.hostname)
    assert response.read() == b"\ndata: second\n\n"
