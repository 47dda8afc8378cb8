"""A real nginx in front of nodes, as a plain round-robin proxy."""

import os
import re
from pathlib import Path

from .ports import LOOPBACK, accepts, free_port
from .process import ChildProcess, also_log
from .waiting import wait_until

_CONFIGURATION = """\
{user}
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log warn;
events {{ worker_connections 8192; }}
http {{
{log_format}
    access_log {directory}/access.log martlet;
    client_max_body_size 2m;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
    upstream nodes {{
{servers}
    }}
    server {{
        listen {host}:{port};
        location / {{
            proxy_pass http://nodes;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            {upgrade}
            proxy_read_timeout 75s;
        }}
    }}
}}
"""

_UPGRADE = """proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;"""


# What an operator's nginx logs of a request, so that the scan for secrets sees the same.
_TEMPLATE = Path(__file__).resolve().parents[3] / "deploy" / "nginx" / "templates" / "nginx.conf.template"
_LOG_FORMAT = re.search(r"^ *log_format martlet [^;]*;$", _TEMPLATE.read_text(), re.MULTILINE).group()


class Nginx:
    """nginx on a free loopback port, balancing over the given ports."""

    def __init__(self, directory: Path, upstream_ports: list[int], websockets: bool = True):
        """Without `websockets` it takes the upgrade out of every request, as proxies do that know nothing of it."""
        directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        servers = "\n".join(f"        server {LOOPBACK}:{port} max_fails=0;" for port in upstream_ports)
        configuration = directory / "nginx.conf"
        configuration.write_text(_CONFIGURATION.format(
            user="user root;" if os.geteuid() == 0 else "", directory=directory, servers=servers,
            host=LOOPBACK, port=self.port, upgrade=_UPGRADE if websockets else 'proxy_set_header Connection "";', log_format=_LOG_FORMAT))
        for log in ("access.log", "error.log"):
            also_log(directory / log)
        self._process = ChildProcess(
            "nginx", ["nginx", "-p", str(directory), "-e", str(directory / "error.log"), "-c", str(configuration)],
            directory / "nginx.log", group=True)
        wait_until(self._accepts, 10, "nginx to accept connections")

    @property
    def url(self) -> str:
        return f"ws://{LOOPBACK}:{self.port}/ws"

    @property
    def plain_url(self) -> str:
        return f"ws://{LOOPBACK}:{self.port}/"

    @property
    def http(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def close(self) -> None:
        self._process.close()

    def _accepts(self) -> bool:
        assert self._process.running, f"nginx ended:\n{self._process.text()}"
        return accepts(self.port)
