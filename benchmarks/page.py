"""The measurements as a page: docs/performance.md."""

from __future__ import annotations

import math
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

Found = dict[str, Any]
Results = dict[tuple[str, str, int], Found]

QUIET, BUSY = 0.3, 1.5  # load a core
TITLES = {
    "backlog": "Backlog at 60 quarter ends, 40 groups",
    "billings": "Billings of 59 fiscal quarters, 40 groups",
    "coverage": "Coverage at 60 quarter ends, 10 series (as many machines, 1.6 links each)",
    "features": "Backlog at 60 quarter ends by region, with every feature",
}
BY_HAND = {
    "backlog": "pandas: a cross join of contracts and dates, then a groupby; DuckDB: a range join",
    "billings": "pandas: a row per invoice by `explode`; DuckDB: `unnest(range)` and `to_months`",
    "coverage": "pandas: filter, merge, `nunique` date by date; DuckDB: a join, `count(distinct)`",
    "features": "Amendments, four currencies, escalators and terms in days. DuckDB: the same "
    "segments and rates, each contract translated and rounded once. pandas: the cross join of the "
    "first table, so without the features",
}


def page(results: Results) -> str:
    """The whole page."""
    parts = [_head()]
    parts += [_compared(results, case) for case in TITLES if _has(results, case)]
    for case in ALONE:
        if _has(results, case):
            parts.append(_alone(results, case))
    for case in ("measures", "pages"):
        if _has(results, case):
            parts.append(_measures(results, case))
    if _has(results, "kernel"):
        parts.append(_kernel(results))
    if ("pack", "fpp", 0) in results:
        parts.append(_pack(results["pack", "fpp", 0]))
    return "\n".join(parts)


def _head() -> str:
    names = ("numpy", "pandas", "duckdb", "pyarrow")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return f"""# Performance

Made by `make bench ARGS="--sizes 10000,100000,1000000 --write"` (`benchmarks/`), and to be read
for its ratios: both sides of a row ran one after the other on the same machine, each in a
process of its own, the best of up to three runs. Beside the seconds stand those of all cores
(CPU), which other work on the machine changes less; ratios are of the CPU seconds. Peak memory
is what the process held at most above its loaded input. The methods of a row give the same
integers, to the cent; the run stops where they do not. The inputs are generated.

Machine: {_cpu()}, {_cores()} cores; Python {platform.python_version()}, {versions}; DuckDB on
two threads. {state()}
"""


def state() -> str:
    """What else the machine does: a run on a busy one is read with care."""
    load = os.getloadavg()[0] / _cores()
    word = "idle" if load < QUIET else "in use" if load < BUSY else "busy"
    return f"The machine was {word} when the page was written: load {load:.1f} a core."


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _has(results: Results, case: str) -> bool:
    return any(key[0] == case for key in results)


def _cell(found: Found | None) -> tuple[str, str, str]:
    if not found or "seconds" not in found:
        return (found or {}).get("skipped", "-"), "-", "-"
    cpu = f"{found['cpu']:.3f} s" if "cpu" in found else "-"
    return f"{found['seconds']:.3f} s", cpu, f"{found['peak_mb']:,.0f} MB"


def _times(other: Found | None, ours: Found | None) -> str:
    if not other or not ours or "seconds" not in other or "seconds" not in ours:
        return "-"
    of = "cpu" if "cpu" in other and "cpu" in ours else "seconds"
    return f"{other[of] / ours[of]:,.1f}×"


def _growth(found: dict[int, Found]) -> str:
    """The power of the number of contracts with which the time grows, smallest to largest."""
    timed = {n: one.get("cpu", one.get("seconds")) for n, one in sorted(found.items())}
    sizes = [n for n, seconds in timed.items() if seconds]
    if len(sizes) < 2:
        return ""
    low, high = sizes[0], sizes[-1]
    return f"{math.log(timed[high] / timed[low]) / math.log(high / low):.2f}"


def _compared(results: Results, case: str) -> str:
    sizes = sorted({n for name, _, n in results if name == case})
    head = ["contracts", "this package", "CPU", "peak", "pandas", "CPU", "peak", "ratio", "DuckDB"]
    head += ["CPU", "peak", "ratio"]
    lines = [
        f"## {TITLES[case]}",
        "",
        BY_HAND[case] + ".",
        "",
        f"| {' | '.join(head)} |",
        "|" + " ---: |" * len(head),
    ]
    for n in sizes:
        ours, pandas, duckdb = (results.get((case, m, n)) for m in ("fpp", "pandas", "duckdb"))
        cells = [f"{n:,}", *_cell(ours), *_cell(pandas), _times(pandas, ours)]
        cells += [*_cell(duckdb), _times(duckdb, ours)]
        lines.append("| " + " | ".join(cells) + " |")
    own = {n: results[case, "fpp", n] for n in sizes if (case, "fpp", n) in results}
    if power := _growth(own):
        lines += ["", f"The package's time grows with the contracts to the power of {power}."]
    return "\n".join([*lines, ""])


ALONE = {
    "load": (
        "Load and check",
        "`load_book` of a CSV book with every feature (1.6 machines and 1.3 links a contract, "
        "0.13 amendments): read, every rule checked, schedule built.",
    ),
    "stream": (
        "Instalments one by one, as CSV",
        "`fpp table instalments`: some 35 a contract, written part by part; the memory does not "
        "grow with them.",
    ),
    "forecast": (
        "Forecast of a quarter end",
        "`fpp table forecast`: ten thousand futures of eight quarters, and the test of them on "
        "earlier quarters.",
    ),
    "whole": (
        "A pack of a generated book",
        "`fpp report` from start to the published folder, amendments and four currencies, 1.8 "
        "machines a contract; CPU and memory of all its processes, what they share counted once.",
    ),
}

MANY = {
    "measures": "One measure on a loaded book",
    "pages": "A pack of one page, with what every pack has before and after it,",
}


def _alone(results: Results, case: str) -> str:
    title, words = ALONE[case]
    found = {n: one for (name, _, n), one in sorted(results.items()) if name == case}
    lines = [f"## {title}", "", words, "", "| contracts | seconds | CPU | peak |"]
    lines += ["| ---: | ---: | ---: | ---: |"]
    lines += [f"| {n:,} | {' | '.join(_cell(one))} |" for n, one in found.items()]
    if power := _growth(found):
        lines += ["", f"It grows with the contracts to the power of {power}."]
    return "\n".join([*lines, ""])


def _pack(found: Found) -> str:
    return (
        "## A pack\n\n"
        f"The {found['notebooks']} notebooks of the sample's pack, {found['jobs']} at once, from "
        f"start to the published folder: `fpp report` {found['seconds']:.1f} s "
        f"({found['cpu']:.1f} s of all processes); the same cells as plain scripts that write the "
        f"same files {found['scripts']:.1f} s ({found['scripts_cpu']:.1f} s); ratio "
        f"{found['cpu'] / found['scripts_cpu']:.2f}.\n"
    )


def _measures(results: Results, of: str) -> str:
    found: dict[str, dict[int, Found]] = {}
    for (case, method, n), one in results.items():
        if case == of:
            found.setdefault(method, {})[n] = one
    largest = max(n for sizes in found.values() for n in sizes)
    lines = [
        f"## {MANY[of]} of {largest:,} contracts with every feature",
        "",
        f"| {of.removesuffix('s')} | seconds | CPU | peak | grows with the power |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for method, sizes in found.items():
        cells = " | ".join(_cell(sizes.get(largest)))
        lines.append(f"| {method} | {cells} | {_growth(sizes) or '-'} |")
    return "\n".join([*lines, ""])


def _kernel(results: Results) -> str:
    lines = [
        "## The backlog kernel alone, 60 dates × 40 groups",
        "",
        "| contracts | seconds | CPU | peak | microseconds a contract |",
        "| ---: | ---: | ---: | ---: | ---: |",
    ]
    for (case, _, n), found in sorted(results.items()):
        if case != "kernel":
            continue
        each = f"{found['seconds'] / n * 1e6:.2f}" if "seconds" in found else "-"
        lines.append(f"| {n:,} | {' | '.join(_cell(found))} | {each} |")
    return "\n".join([*lines, ""])
