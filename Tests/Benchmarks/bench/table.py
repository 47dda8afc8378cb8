"""Results as text."""

from __future__ import annotations

from .rounds import Figures, Results, median, ratio
from .workloads import Workload

#: Name, heading, format; a ratio is printed for the first of these that a workload has.
COLUMNS = [
    ("cpu_us", "CPU µs/delivery", "{:.2f}"),
    ("storm_cpu_us", "CPU µs/resume", "{:.0f}"),
    ("redis_us", "Redis µs/delivery", "{:.2f}"),
    ("deliveries_per_second", "deliveries/s", "{:,.0f}"),
    ("p50_ms", "p50 ms", "{:.1f}"),
    ("p99_ms", "p99 ms", "{:.1f}"),
    ("storm_seconds", "storm s", "{:.2f}"),
    ("storm_p99_ms", "storm p99 ms", "{:.0f}"),
    ("resident_per_connection", "RSS B/connection", "{:,.0f}"),
    ("connect_seconds", "connect s", "{:.2f}"),
    ("connect_cpu_us", "CPU µs/connect", "{:.0f}"),
    ("idle_cpu_percent", "idle CPU %", "{:.1f}"),
]
COMPARED = ("cpu_us", "storm_cpu_us", "resident_per_connection")


def render(workloads: list[Workload], results: Results, base: str) -> str:
    """A Markdown table; ratios are to the server called `base`."""
    columns = [
        column
        for column in COLUMNS
        if any(
            median(series, column[0]) is not None
            for found in results.values()
            for series in found.values()
            if not isinstance(series, str)
        )
    ]
    several = any(len(found) > 1 for found in results.values())
    heading = ["workload", "server", *(column[1] for column in columns), *(["ratio"] if several else [])]
    lines = ["| " + " | ".join(heading) + " |", "|" + " --- |" * len(heading)]
    for workload in workloads:
        for name, series in results[workload.name].items():
            cells = [workload.name, name]
            if isinstance(series, str):
                cells += [series, *[""] * (len(heading) - 3)]
            else:
                for key, _, pattern in columns:
                    value = median(series, key)
                    cells.append("" if value is None else pattern.format(value))
                if several:
                    cells.append(_ratio(results[workload.name], name, base))
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _ratio(found: dict[str, list[Figures] | str], name: str, base: str) -> str:
    series, other = found[name], found.get(base)
    if name == base or isinstance(series, str) or not isinstance(other, list):
        return ""
    for key in COMPARED:
        value = ratio(series, other, key)
        if value is not None:
            return f"{value:.2f}×"
    return ""
