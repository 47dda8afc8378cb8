"""Stands in a node's place behind nginx and answers with what reached it, as JSON.

/stream sends one event at once and the next only after a POST to /continue. /busy is answered 503 by the first node, and
what has /broken in it not at all.
"""

import argparse
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

parser = argparse.ArgumentParser()
parser.add_argument("command")
for name in ("--host", "--port", "--redis", "--node", "--data"):
    parser.add_argument(name)
arguments = parser.parse_args()
proceed = threading.Event()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if "/broken" in self.path:
            self.close_connection = True
        elif self.path == "/stream":
            self._stream()
        elif self.path == "/busy" and arguments.node == "node-1":
            self._answer(503)
        else:
            self._answer(200)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/continue":
            proceed.set()
        self._answer(503 if self.path == "/busy" else 200)

    def _answer(self, status: int) -> None:
        body = json.dumps({"node": arguments.node, "path": self.path, "headers": dict(self.headers)}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"data: first\n\n")
        self.wfile.flush()
        proceed.wait(30)
        self.wfile.write(b"data: second\n\n")

    def log_message(self, format: str, *args: object) -> None:
        pass


ThreadingHTTPServer((arguments.host, int(arguments.port)), Handler).serve_forever()
