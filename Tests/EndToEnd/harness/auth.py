"""Accounts over HTTP."""

import http.client
import json

from . import secret_scan
from .node import Node


def post(node: Node, path: str, body: object = None, token: str | None = None, raw: bytes | None = None,
         media: str = "application/json") -> tuple[int, dict, dict[str, str]]:
    """Status, the answer's JSON, and its headers in lower case."""
    headers = {"Content-Type": media} | ({"Authorization": f"Bearer {token}"} if token else {})
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=30)
    try:
        connection.request("POST", f"/auth/{path}", raw if raw is not None else json.dumps(body or {}), headers)
        response = connection.getresponse()
        content = response.read()
        answer = json.loads(content) if content else {}
        for what in ("token", "refreshToken"):
            secret_scan.note(f"an account's {what}", answer.get(what))
        if isinstance(body, dict):
            for what in ("password", "newPassword"):
                if isinstance(password := body.get(what), str):
                    secret_scan.note("a password", password)
        return response.status, answer, {k.lower(): v for k, v in response.getheaders()}
    finally:
        connection.close()
