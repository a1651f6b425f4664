"""The measurements as a page: docs/performance.md."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

Found = dict[str, Any]
Results = dict[tuple[str, str, int], Found]

TITLES = {
    "backlog": "Backlog at 60 quarter ends, 40 groups",
    "billings": "Billings of 59 fiscal quarters, 40 groups",
    "coverage": "Coverage at 60 quarter ends, 10 series (as many machines, 1.6 links each)",
}
BY_HAND = {
    "backlog": "pandas: a cross join of contracts and dates, then a groupby; DuckDB: a range join",
    "billings": "pandas: a row per invoice by `explode`; DuckDB: `unnest(range)` and `to_months`",
    "coverage": "pandas: filter, merge, `nunique` date by date; DuckDB: a join, `count(distinct)`",
}


def page(results: Results) -> str:
    """The whole page."""
    parts = [_head()]
    parts += [_compared(results, case) for case in TITLES if _has(results, case)]
    if _has(results, "load"):
        parts.append(_load(results))
    if _has(results, "measures"):
        parts.append(_measures(results))
    if _has(results, "kernel"):
        parts.append(_kernel(results))
    return "\n".join(parts)


def _head() -> str:
    names = ("numpy", "pandas", "duckdb", "pyarrow")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return f"""# Performance

Made by `make bench ARGS="--sizes 10000,100000,1000000 --write"` (`benchmarks/`), and to be read
for its ratios: both sides of a row ran one after the other on the same machine, each in a
process of its own, the best of up to three runs. Peak memory is what the process held at most
above its loaded input. The methods of a row give the same integers, to the cent; the run stops
where they do not. The inputs are generated: plain contracts that every method can express.

Machine: {_cpu()}, {_cores()} cores; Python {platform.python_version()}, {versions}; DuckDB on
two threads.
"""


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0))


def _has(results: Results, case: str) -> bool:
    return any(key[0] == case for key in results)


def _cell(found: Found | None) -> tuple[str, str]:
    if not found or "seconds" not in found:
        return (found or {}).get("skipped", "-"), "-"
    return f"{found['seconds']:.3f} s", f"{found['peak_mb']:,.0f} MB"


def _times(other: Found | None, ours: Found | None) -> str:
    if not other or not ours or "seconds" not in other or "seconds" not in ours:
        return "-"
    return f"{other['seconds'] / ours['seconds']:,.1f}×"


def _compared(results: Results, case: str) -> str:
    sizes = sorted({n for name, _, n in results if name == case})
    lines = [
        f"## {TITLES[case]}",
        "",
        BY_HAND[case] + ".",
        "",
        "| contracts | this package | peak | pandas | peak | ratio | DuckDB | peak | ratio |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for n in sizes:
        ours, pandas, duckdb = (results.get((case, m, n)) for m in ("fpp", "pandas", "duckdb"))
        cells = [f"{n:,}", *_cell(ours), *_cell(pandas), _times(pandas, ours)]
        cells += [*_cell(duckdb), _times(duckdb, ours)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def _load(results: Results) -> str:
    lines = [
        "## Load and check",
        "",
        "`load_book` of a CSV book with every feature (1.6 machines and 1.3 links a contract, "
        "0.13 amendments): read, every rule checked, schedule built.",
        "",
        "| contracts | seconds | peak above the bare process |",
        "| ---: | ---: | ---: |",
    ]
    for (case, _, n), found in sorted(results.items()):
        if case == "load":
            lines.append(f"| {n:,} | {' | '.join(_cell(found))} |")
    return "\n".join([*lines, ""])


def _measures(results: Results) -> str:
    n = max(n for case, _, n in results if case == "measures")
    lines = [
        f"## One measure on a loaded book of {n:,} contracts with every feature",
        "",
        "| measure | seconds | peak |",
        "| --- | ---: | ---: |",
    ]
    for (case, method, size), found in results.items():
        if case == "measures" and size == n:
            lines.append(f"| {method} | {' | '.join(_cell(found))} |")
    return "\n".join([*lines, ""])


def _kernel(results: Results) -> str:
    lines = [
        "## The backlog kernel alone, on integer columns, 60 dates × 40 groups",
        "",
        "| contracts | seconds | peak | microseconds a contract |",
        "| ---: | ---: | ---: | ---: |",
    ]
    for (case, _, n), found in sorted(results.items()):
        if case != "kernel":
            continue
        each = f"{found['seconds'] / n * 1e6:.2f}" if "seconds" in found else "-"
        lines.append(f"| {n:,} | {' | '.join(_cell(found))} | {each} |")
    return "\n".join([*lines, ""])
