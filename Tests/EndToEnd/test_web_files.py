"""How the page's files are served: small, once, and never stale."""

import gzip
import http.client
import re

from harness.node import Node
from harness.ports import LOOPBACK


def _get(node: Node, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(LOOPBACK, node.port, timeout=5)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, body


def _addresses(node: Node) -> list[str]:
    """Everything the first visit loads."""
    page = _get(node, "/")[2].decode()
    return re.findall(r'<(?:link|script) [^>]*(?:href|src)="([^"]+)"', page)


def test_the_first_load_is_small_and_kept_for_good(node: Node):
    addresses = _addresses(node)
    assert any(address.endswith("/js/app.js") for address in addresses)
    total = 0
    for address in ["/", *addresses]:
        status, headers, body = _get(node, address, Accept_Encoding="gzip")
        assert status == 200, address
        total += len(body)
        if address != "/":
            assert re.match(r"/_/[0-9a-f]{16}/", address)
            assert "immutable" in headers["cache-control"], address
        if headers.get("content-encoding") == "gzip":
            assert gzip.decompress(body) == _get(node, address)[2]
    assert total < 150_000, f"{total} bytes over the wire"


def test_what_has_no_version_is_asked_for_each_time(node: Node):
    for path in ("/", "/martlet.js", "/examples/examples.html"):
        status, headers, _ = _get(node, path)
        assert status == 200 and headers["cache-control"] == "no-cache" and "accept-encoding" in headers["vary"].lower()
        status, again, body = _get(node, path, If_None_Match=headers["etag"])
        assert (status, body) == (304, b"") and again["etag"] == headers["etag"]


def test_encodings_methods_and_paths(node: Node):
    address = next(one for one in _addresses(node) if one.endswith("/martlet.js"))
    plain = _get(node, address)[2]
    for accepted in ("gzip;q=0", "identity", "br"):
        assert "content-encoding" not in _get(node, address, Accept_Encoding=accepted)[1]
    status, headers, body = _get(node, address, method="HEAD")
    assert (status, body, headers["content-length"]) == (200, b"", str(len(plain)))
    # While nodes are replaced one by one, the page of another version still gets its modules.
    other = re.sub(r"/_/[0-9a-f]+/", "/_/0123456789abcdef/", address)
    status, headers, body = _get(node, other)
    assert (status, body, headers["cache-control"]) == (200, plain, "no-cache")
    for path in ("/_/", "/_/x", "/_/x/", "/_/x/nothing.js", "/_/x/../js/app.js", "/js/../../../etc/passwd"):
        assert _get(node, path)[0] in (400, 404), path
