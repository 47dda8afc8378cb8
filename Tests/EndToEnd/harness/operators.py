"""Operators: a cluster that has one, and what it is asked."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from .auth import post
from .cluster import Cluster
from .node import Node

OPERATOR = "opal"
PASSWORD = "correct horse battery staple"


@contextmanager
def operated_cluster(directory: Path, nodes: int = 2) -> Iterator[Cluster]:
    """A cluster whose operator is the account `OPERATOR`, which is registered."""
    cluster = Cluster(directory, nodes=nodes, environment={"MARTLET_OPERATORS": OPERATOR})
    try:
        assert post(cluster.nodes[0], "register", {"name": OPERATOR, "password": PASSWORD})[0] == 201
        yield cluster
    finally:
        cluster.close()


def operator_token(node: Node) -> str:
    return post(node, "login", {"name": OPERATOR, "password": PASSWORD})[1]["token"]


def ask(node: Node, path: str, token: str | None = None, /, **query: object) -> tuple[int, dict, dict[str, str]]:
    """`GET /api/v1/PATH`: status, JSON, and headers in lower case."""
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=10)
    try:
        address = f"/api/v1/{path}" + (f"?{urlencode(query)}" if query else "")
        connection.request("GET", address, headers={"Authorization": f"Bearer {token}"} if token else {})
        response = connection.getresponse()
        content = response.read()
        return response.status, json.loads(content), {name.lower(): value for name, value in response.getheaders()}
    finally:
        connection.close()
