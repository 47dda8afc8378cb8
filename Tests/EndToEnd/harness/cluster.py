"""Several nodes on one Redis behind nginx."""

from pathlib import Path

from .nginx import Nginx
from .node import Node
from .redis_server import RedisServer


class Cluster:
    """Starts everything at once and waits until all of it is ready."""

    def __init__(self, directory: Path, nodes: int = 3, fsync: str = "everysec", redis_urls: list[str] | None = None,
                 redis: RedisServer | None = None, environment: dict[str, str] | None = None):
        """`redis_urls`: what each node is told instead of the Redis's own address (a proxy's)."""
        self.redis = redis or RedisServer(directory / "redis", fsync=fsync)
        self.nodes: list[Node] = []
        self.nginx: Nginx | None = None
        try:
            for index in range(nodes):
                url = redis_urls[index] if redis_urls else self.redis.url
                self.nodes.append(Node(f"n{index + 1}", directory / f"n{index + 1}", redis=url,
                                       environment=environment, wait=False))
            for node in self.nodes:
                node.wait_ready()
            self.nginx = Nginx(directory / "nginx", [node.port for node in self.nodes])
        except BaseException:
            self.close()
            raise

    @property
    def urls(self) -> list[str]:
        return [node.url for node in self.nodes]

    def revive(self) -> list[str]:
        """Starts nodes again that have ended, and returns their names. Empty where all is well."""
        ended = [node for node in self.nodes if not node.running]
        for node in ended:
            node.start()
        return [node.name for node in ended]

    def close(self) -> None:
        for part in [self.nginx, *self.nodes, self.redis]:
            if part:
                part.close()
