"""What is measured: each workload is a row of options for the load generator and the node."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Workload:
    """`load` are the generator's options, `nodes` how many nodes share the connections, `environment` the nodes'."""

    name: str
    what: str
    load: tuple[str, ...]
    nodes: int = 1
    tls: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    #: Only in a run that asks for it by name.
    is_extra: bool = False

    @property
    def is_idle(self) -> bool:
        return "--idle" in self.load

    @property
    def is_storm(self) -> bool:
        return "--storm" in self.load


HOT = ("--rooms", "1", "--publishers", "1")
BUSY = ("--rooms", "1", "--publishers", "4", "--window", "4")
ROOMS = ("--rooms", "100", "--publishers", "100", "--window", "2")
PAIRS = ("--rooms", "500", "--publishers", "500")
STEADY = ("--rooms", "10", "--publishers", "10", "--rate", "100")
DEFLATE = {"MARTLET_COMPRESSION": "on"}

WORKLOADS = [
    Workload("hot", "1,000 connections in 1 room, one message at a time", HOT),
    Workload("busy", "1 room, 4 publishers, 4 messages each on their way", BUSY),
    Workload("rooms", "100 rooms of 10, 100 publishers, 2 messages each on their way", ROOMS),
    Workload("pairs", "500 rooms of 2, 500 publishers", PAIRS),
    Workload("steady", "10 rooms of 100, 100 messages a second", STEADY),
    Workload(
        "idle-10k",
        "10,000 connections that have joined one of 100 rooms",
        ("--connections", "10000", "--rooms", "100", "--idle", "--duration", "2"),
    ),
    Workload(
        "idle-19k",
        "19,000 connections that have joined one of 100 rooms",
        ("--connections", "19000", "--rooms", "100", "--idle", "--duration", "2"),
    ),
    Workload(
        "storm",
        "all of 5,000 connections break at once and resume",
        ("--connections", "5000", "--rooms", "50", "--storm"),
    ),
    Workload("two-nodes", "rooms, spread over two nodes", ROOMS, nodes=2),
    Workload("tls", "rooms, over TLS", ROOMS, tls=True),
    Workload("deflate", "rooms, with permessage-deflate", (*ROOMS, "--deflate"), environment=DEFLATE),
    Workload("deflate-hot", "hot, with permessage-deflate", (*HOT, "--deflate"), environment=DEFLATE, is_extra=True),
    Workload("two-loops", "hot, on two event loops", HOT, environment={"MARTLET_THREADS": "2"}, is_extra=True),
    Workload("four-loops", "hot, on four event loops", HOT, environment={"MARTLET_THREADS": "4"}, is_extra=True),
    Workload(
        "two-loops-rooms", "rooms, on two event loops", ROOMS, environment={"MARTLET_THREADS": "2"}, is_extra=True
    ),
    Workload("hot-rate", "hot, at 100 messages a second", (*HOT, "--rate", "100"), is_extra=True),
    Workload("rooms-rate", "rooms, at 4,000 messages a second", (*ROOMS, "--rate", "4000"), is_extra=True),
    Workload("pairs-rate", "pairs, at 8,000 messages a second", (*PAIRS, "--rate", "8000"), is_extra=True),
    Workload(
        "pairs-full",
        "pairs, when each room has had more messages than a node keeps in memory",
        (*PAIRS, "--warmup", "40"),
        is_extra=True,
    ),
    Workload("rooms-calm", "rooms, at 1,000 messages a second", (*ROOMS, "--rate", "1000"), is_extra=True),
    Workload("pairs-calm", "pairs, at 2,000 messages a second", (*PAIRS, "--rate", "2000"), is_extra=True),
    Workload(
        "rooms-10",
        "10 rooms of 10, 10 publishers at 1,000 messages a second",
        ("--connections", "100", "--rooms", "10", "--publishers", "10", "--rate", "1000"),
        is_extra=True,
    ),
    Workload(
        "rooms-1000",
        "1,000 rooms of 10, 1,000 messages a second",
        ("--connections", "10000", "--rooms", "1000", "--publishers", "1000", "--rate", "1000"),
        is_extra=True,
    ),
    Workload(
        "crowd",
        "10 rooms of 10 among 10,000 idle connections in 1,000 other rooms, 1,000 messages a second",
        ("--connections", "10000", "--rooms", "1000", "--publishers", "10", "--rate", "1000"),
        is_extra=True,
    ),
]


def choose(names: str | None) -> list[Workload]:
    """The workloads named, in their order here; without names those of a usual run."""
    if not names:
        return [each for each in WORKLOADS if not each.is_extra]
    wanted = names.split(",")
    unknown = set(wanted) - {each.name for each in WORKLOADS}
    if unknown:
        raise SystemExit(
            f"unknown workload {', '.join(sorted(unknown))}; there are {', '.join(e.name for e in WORKLOADS)}"
        )
    return [each for each in WORKLOADS if each.name in wanted]
