"""Where the cluster's files and addresses are, and how nginx's template is rendered."""

import re
import resource
import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TEMPLATE = REPOSITORY / "deploy" / "nginx" / "templates" / "nginx.conf.template"
REDIS_CONFIGURATION = REPOSITORY / "deploy" / "redis" / "redis.conf"
REDIS_START = REPOSITORY / "deploy" / "redis" / "start.sh"

# The nodes' common name, as the service in docker-compose.yml is called.
NODE_NAME = "node"


def free_port() -> int:
    """A port that is free on every loopback address: the nodes share it, each on an address of its own."""
    with socket.socket() as probe:
        probe.bind(("0.0.0.0", 0))
        return probe.getsockname()[1]


def open_files() -> int:
    """Raises this process's limit of open files as far as it may, for the children to inherit. Returns the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return limit


@dataclass
class Layout:
    """Everything lives under `root`: Redis's data stays there from one run to the next."""

    root: Path
    port: int
    node_port: int = field(default_factory=free_port)
    redis_port: int = field(default_factory=free_port)
    dns_port: int = field(default_factory=free_port)

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def redis_data(self) -> Path:
        return self.root / "redis"

    @property
    def nginx_state(self) -> Path:
        return self.root / "nginx"

    @property
    def hosts(self) -> Path:
        return self.root / "hosts"

    @property
    def redis_url(self) -> str:
        return f"redis://martlet@127.0.0.1:{self.redis_port}/0"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def redis_password(self) -> Path:
        return self.secrets / "redis-password"

    @property
    def operator_password(self) -> Path:
        return self.secrets / "redis-operator-password"

    @property
    def redis_environment(self) -> dict[str, str]:
        """What deploy/redis/start.sh wants to know."""
        return {"MARTLET_REDIS_SECRETS": str(self.secrets), "MARTLET_REDIS_ACLFILE": str(self.root / "users.acl")}

    def make(self) -> None:
        for directory in (self.root, self.logs, self.redis_data, self.nginx_state):
            directory.mkdir(parents=True, exist_ok=True)
        self.secrets.mkdir(mode=0o700, exist_ok=True)
        for file in (self.redis_password, self.operator_password):
            if not file.exists():
                file.touch(mode=0o600)
                file.write_text(secrets.token_hex(32) + "\n", encoding="utf-8")

    def node_address(self, slot: int) -> str:
        """All of 127.0.0.0/8 is this machine, so every node gets an address of its own, as containers do."""
        return f"127.0.0.{10 + slot}"

    def write_hosts(self, addresses: list[str]) -> None:
        whole = self.hosts.with_suffix(".new")
        whole.write_text("".join(f"{address} {NODE_NAME}\n" for address in addresses), encoding="utf-8")
        whole.replace(self.hosts)

    def write_nginx_configuration(self) -> Path:
        values = {
            "NGINX_LOCAL_RESOLVERS": f"127.0.0.1:{self.dns_port}",
            "MARTLET_UPSTREAM": f"{NODE_NAME}:{self.node_port}",
            "MARTLET_LISTEN": f"127.0.0.1:{self.port}",
            "MARTLET_NGINX_STATE": str(self.nginx_state),
            "MARTLET_NOFILE": str(open_files()),
        }
        rendered = re.sub(r"\$\{(\w+)\}", lambda match: values[match[1]], TEMPLATE.read_text(encoding="utf-8"))
        path = self.nginx_state / "nginx.conf"
        path.write_text(rendered, encoding="utf-8")
        return path
