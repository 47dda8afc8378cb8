"""Starts the cluster's processes, changes the number of nodes, and ends everything in the right order."""

import asyncio
import os
import signal
import socket
from dataclasses import dataclass

from children import Child, ChildFailed, answers
from control import serve
from layout import REDIS_CONFIGURATION, REDIS_START, Layout

# A node drains for up to 20 s.
NODE_STOP_SECONDS = 25.0
SERVICE_STOP_SECONDS = 10.0


@dataclass
class Node:
    slot: int
    address: str
    child: Child


class Supervisor:
    def __init__(self, layout: Layout, martlet: list[str], options: list[str]):
        self._layout = layout
        self._martlet = martlet
        self._options = options
        self._services: dict[str, Child] = {}
        self._nodes: dict[int, Node] = {}
        self._scaling = asyncio.Lock()
        self._watchers: set[asyncio.Task] = set()
        self._signals = 0
        self._end: asyncio.Future[int] | None = None

    async def run(self, nodes: int) -> int:
        """Runs until a signal (returns 0) or until Redis, the DNS server or nginx ends (returns 1)."""
        loop = asyncio.get_running_loop()
        self._end = loop.create_future()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._signalled)
        starting = asyncio.create_task(self._start(nodes))
        control = None
        try:
            await asyncio.wait({starting, self._end}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                control = await serve(self._layout.root, self._answer)
                self._tell()
            return await self._end
        finally:
            starting.cancel()
            if control:
                control.close()
            await self._stop()

    async def _start(self, nodes: int) -> None:
        layout = self._layout
        self._refuse_taken_port()
        redis = await self._service("redis", [
            str(REDIS_START), "redis-server", str(REDIS_CONFIGURATION), "--port", str(layout.redis_port),
            "--dir", str(layout.redis_data)], layout.redis_environment)
        await answers(redis, "127.0.0.1", layout.redis_port)
        layout.write_hosts([])
        dns = await self._service("dns", [
            "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-hosts", "--no-resolv", "--no-poll",
            "--listen-address=127.0.0.1", "--bind-interfaces", f"--port={layout.dns_port}", "--log-facility=-",
            f"--addn-hosts={layout.hosts}", f"--pid-file={layout.root / 'dnsmasq.pid'}",
            # A change of user or group would undo setpriv's tie to this process.
            *(["--user=root", "--group=root"] if os.geteuid() == 0 else [])])
        await answers(dns, "127.0.0.1", layout.dns_port)
        await self.scale(nodes)
        nginx = await self._service("nginx", [
            "nginx", "-p", str(layout.nginx_state), "-e", "stderr", "-c", str(layout.write_nginx_configuration()),
            # Started by root, workers would run as nobody and could not reach a directory below root's home.
            "-g", "daemon off;" + (" user root;" if os.geteuid() == 0 else "")])
        await answers(nginx, "127.0.0.1", layout.port, "/nginx-health")

    def _refuse_taken_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self._layout.port))
            except OSError as error:
                raise ChildFailed(f"port {self._layout.port} cannot be used ({error.strerror}): "
                                  "choose another, e.g. `make cluster PORT=8081`") from None

    async def scale(self, wanted: int) -> None:
        """Starts or ends nodes until `wanted` run, the youngest ending first, as `docker compose --scale` does it.

        The order is the hard one on purpose: a node has its address before it is ready, and keeps it until it
        has ended, so nginx has to cope with both.
        """
        async with self._scaling:
            try:
                new = [await self._start_node(slot) for slot in self._free_slots(wanted - len(self._nodes))]
            finally:
                self._publish()
            for node in new:
                await answers(node.child, node.address, self._layout.node_port, "/readyz")
            old = [self._nodes[slot] for slot in sorted(self._nodes)[wanted:]]
            await asyncio.gather(*(node.child.stop(NODE_STOP_SECONDS) for node in old))
            for node in old:
                self._nodes.pop(node.slot, None)
            self._publish()

    def _free_slots(self, count: int) -> list[int]:
        free = (slot for slot in range(1, 200) if slot not in self._nodes)
        return [next(free) for _ in range(max(0, count))]

    async def _start_node(self, slot: int) -> Node:
        layout, address, name = self._layout, self._layout.node_address(slot), f"node-{slot}"
        child = await Child.start(name, [
            *self._martlet, "serve", "--host", address, "--port", str(layout.node_port), "--redis", layout.redis_url,
            "--node", name, "--data", str(layout.root / name), *self._options], layout.logs / f"{name}.log",
            {"MARTLET_REDIS_PASSWORD_FILE": str(layout.redis_password)})
        node = Node(slot, address, child)
        self._nodes[slot] = node
        self._watch(child, node)
        return node

    async def _service(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> Child:
        child = await Child.start(name, command, self._layout.logs / f"{name}.log", environment)
        self._services[name] = child
        self._watch(child)
        return child

    def _publish(self) -> None:
        """Makes the running nodes' addresses those of the name that nginx asks for."""
        self._layout.write_hosts([node.address for node in self._nodes.values()])
        self._services["dns"].signal(signal.SIGHUP)

    def _watch(self, child: Child, node: Node | None = None) -> None:
        async def wait() -> None:
            status = await child.ended()
            if child.stopping or not child.ready:
                return
            print(f"cluster: {child.name} ended (status {status}), see {child.log}\n{child.last_lines()}", flush=True)
            if node is None:
                self._finish(1)
            elif self._nodes.get(node.slot) is node:
                del self._nodes[node.slot]
                self._publish()

        task = asyncio.create_task(wait())
        self._watchers.add(task)
        task.add_done_callback(self._watchers.discard)

    def _signalled(self) -> None:
        self._signals += 1
        if self._signals == 1:
            print("cluster: ending; nodes let their clients go first. Again to end at once.", flush=True)
            self._finish(0)
        else:
            for child in self._children():
                child.kill()

    def _finish(self, status: int) -> None:
        if self._end and not self._end.done():
            self._end.set_result(status)

    def _children(self) -> list[Child]:
        return [node.child for node in self._nodes.values()] + list(self._services.values())

    async def _stop(self) -> None:
        """Nodes first, while Redis still takes their last writes."""
        await asyncio.gather(*(node.child.stop(NODE_STOP_SECONDS) for node in self._nodes.values()))
        for name in ("nginx", "dns", "redis"):
            if name in self._services:
                await self._services[name].stop(SERVICE_STOP_SECONDS)

    async def _answer(self, order: dict) -> dict:
        if order["order"] == "scale":
            await self.scale(int(order["nodes"]))
        elif order["order"] != "status":
            return {"error": f"unknown order {order['order']!r}"}
        return self._status()

    def _status(self) -> dict:
        layout = self._layout
        return {
            "url": f"http://localhost:{layout.port}",
            "redis": layout.redis_url,
            "secrets": str(layout.secrets),
            "nodes": {node.child.name: {"url": f"http://{node.address}:{layout.node_port}", "pid": node.child.pid}
                      for node in self._nodes.values()},
            "services": {name: child.pid for name, child in self._services.items()},
        }

    def _tell(self) -> None:
        layout, nodes = self._layout, self._nodes.values()
        print(f"\nMartlet cluster: {len(nodes)} nodes, Redis, nginx\n\n"
              f"  http://localhost:{layout.port}   chat here; nginx picks a node")
        for node in nodes:
            print(f"  http://{node.address}:{layout.node_port}   {node.child.name} alone")
        print(f"  REDISCLI_AUTH=$(cat {layout.operator_password}) redis-cli --user operator -p {layout.redis_port}"
              "   what the nodes share\n"
              f"  {layout.logs}   a log for each process\n\n"
              "More or fewer nodes, while people chat: make scale NODES=5\nCtrl-C ends everything.", flush=True)
