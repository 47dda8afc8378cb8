"""Measures one workload on one server; and several of both, in turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from .load import LoadGenerator
from .meter import cpu_seconds, resident_bytes
from .server import Running, Server, Unsupported
from .workloads import Workload

#: One measurement: figures by name. A missing figure does not apply.
Figures = dict[str, float]

#: What was found, by workload and server: a measurement a round, or why there is none.
Results = dict[str, dict[str, list[Figures] | str]]


def measure(workload: Workload, server: Server, program: Path, folder: Path) -> Figures:
    options = [*workload.load, *(["--tls"] if workload.tls else [])]
    with server.running(workload, folder) as running:
        resident = sum(map(resident_bytes, running.pids))
        cpu = _cpu(running)
        with LoadGenerator(program, running.ports, options) as load:
            connected = load.event("connected")
            # Presence is told to everybody after the last join, and is not what a delivery costs.
            time.sleep(1)
            connections = int(connected["connections"])
            figures: Figures = {
                "connect_seconds": connected["seconds"],
                "connect_cpu_us": (_cpu(running) - cpu) / connections * 1e6,
                "resident_per_connection": (sum(map(resident_bytes, running.pids)) - resident) / connections,
            }
            load.go()
            if workload.is_storm:
                return figures | _storm(load, running)
            return figures | _deliveries(load, running, is_idle=workload.is_idle)


def _cpu(running: Running) -> float:
    return sum(map(cpu_seconds, running.pids))


def _storm(load: LoadGenerator, running: Running) -> Figures:
    before = _cpu(running)
    resumed = load.event("resumed")
    return {
        "storm_seconds": resumed["seconds"],
        "storm_p99_ms": resumed["ready_us"]["p99"] / 1000,
        "storm_cpu_us": (_cpu(running) - before) / resumed["connections"] * 1e6,
    }


def _deliveries(load: LoadGenerator, running: Running, *, is_idle: bool) -> Figures:
    load.event("measuring")
    before, redis = _cpu(running), cpu_seconds(running.redis_pid) if running.redis_pid else 0.0
    measured = load.event("measured")
    used = _cpu(running) - before
    redis_used = cpu_seconds(running.redis_pid) - redis if running.redis_pid else 0.0
    done = load.event("done")
    if done["dropped"]:
        raise RuntimeError(f"the server ended {done['dropped']} connections")
    if is_idle:
        return {"idle_cpu_percent": used / measured["seconds"] * 100}
    if done["delivered"] != done["expected"]:
        raise RuntimeError(f"{done['expected']} deliveries were expected, {done['delivered']} came")
    return {
        "cpu_us": used / measured["deliveries"] * 1e6,
        "redis_us": redis_used / measured["deliveries"] * 1e6,
        "deliveries_per_second": measured["deliveries"] / measured["seconds"],
        "p50_ms": measured["latency_us"]["p50"] / 1000,
        "p99_ms": measured["latency_us"]["p99"] / 1000,
    }


def compare(
    workloads: list[Workload],
    servers: list[Server],
    rounds: int,
    program: Path,
    folder: Path,
    tell: Callable[[str], None],
) -> Results:
    """Servers take turns within a round, and go first in turn: what changes on the machine meets all of them."""
    results: Results = {}
    for workload in workloads:
        found: dict[str, list[Figures] | str] = {server.name: [] for server in servers}
        for number in range(rounds):
            for server in servers[number % len(servers) :] + servers[: number % len(servers)]:
                series = found[server.name]
                if isinstance(series, str):
                    continue
                tell(f"{workload.name}: {server.name}, round {number + 1} of {rounds}")
                try:
                    series.append(measure(workload, server, program, folder))
                except Unsupported as reason:
                    found[server.name] = str(reason)
        results[workload.name] = found
    return results


def median(series: list[Figures], name: str) -> float | None:
    values = [figures[name] for figures in series if name in figures]
    return statistics.median(values) if values else None


def ratio(series: list[Figures], base: list[Figures], name: str) -> float | None:
    """The median of the rounds' ratios: within a round the machine was the same."""
    pairs = [
        ours[name] / theirs[name]
        for ours, theirs in zip(series, base, strict=False)
        if name in ours and theirs.get(name, 0) > 0
    ]
    return statistics.median(pairs) if pairs else None
