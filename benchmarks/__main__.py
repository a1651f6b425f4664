"""Run the benchmarks, each measurement in a process of its own, and print or write the tables.

python -m benchmarks                        # 10,000 and 100,000 contracts
python -m benchmarks --sizes 10000,100000,1000000 --write   # docs/performance.md
python -m benchmarks --sizes 10000 --only features          # a case, in seconds
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from benchmarks import packs
from benchmarks.cases import CASES
from benchmarks.page import Found, Results, page

ROOT = Path(__file__).parent.parent
KEPT = Path(__file__).parent / "results.json"
SIZES = (10_000, 100_000)
COMPARED = ("backlog", "billings", "coverage", "features")
METHODS = ("fpp", "duckdb", "pandas")
# memory that a method needs at a million contracts: a machine without it leaves the cell empty
NEEDS_GB = {(case, "pandas"): 8 for case in ("backlog", "billings", "features")}
NEEDS_GB["forecast", "fpp"] = 6
NEEDS_GB["whole", "fpp"] = 10


def main() -> None:
    """Measure, compare the results of the methods, print the tables."""
    options = _options()
    if options.one:
        case, method, n = options.one
        found = CASES[case](method, int(n))
        each = found if isinstance(found, dict) else {method: found}
        print(json.dumps({name: one.as_dict() for name, one in each.items()}))
        return
    results = _measure([int(size) for size in options.sizes.split(",")], options.only)
    if options.only in ("", "pack"):
        results["pack", "fpp", 0] = packs.measure()
    text = page(results)
    if options.write:
        rows = [[*key, found] for key, found in sorted(results.items())]
        KEPT.write_text(json.dumps(rows, indent=0) + "\n", encoding="utf-8")
        (ROOT / "docs" / "performance.md").write_text(text, encoding="utf-8")
    print(text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="contracts, by comma")
    parser.add_argument("--only", default="", help="a case: " + ", ".join((*CASES, "pack")))
    parser.add_argument(
        "--write",
        action="store_true",
        help="write docs/performance.md and the results that it is made of",
    )
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure(sizes: list[int], only: str) -> Results:
    asked = [(case, method, n) for case in COMPARED for n in sizes for method in METHODS]
    alone = ("load", "measures", "stream", "forecast", "kernel", "whole", "pages")
    asked += [(case, "fpp", n) for case in alone for n in sizes]
    results = _kept() if only else {}
    for case, method, n in asked:
        if only and case != only:
            continue
        for name, found in _in_a_process(case, method, n).items():
            results[case, name, n] = found
            shown = f"{found['seconds']:.3f} s" if "seconds" in found else found["skipped"]
            print(f"{case} {name} {n:,}: {shown}", file=sys.stderr, flush=True)
        _compare(results)
    return results


def _kept() -> Results:
    rows = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.is_file() else []
    return {(case, method, n): found for case, method, n, found in rows}


def _in_a_process(case: str, method: str, n: int) -> dict[str, Found]:
    need = NEEDS_GB.get((case, method), 0) * n / 1_000_000
    if need > _free_gb():
        return {method: {"skipped": f"needs {need:.0f} GB of memory"}}
    line = [sys.executable, "-W", "ignore", "-m", "benchmarks", "--one", case, method, str(n)]
    done = subprocess.run(line, capture_output=True, text=True, cwd=ROOT, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines() or ["failed"]
        return {method: {"skipped": last[-1][:100]}}
    return json.loads(done.stdout.splitlines()[-1])


def _free_gb() -> float:
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable"):
            return int(line.split()[1]) / 2**20
    return 0.0


def _compare(results: Results) -> None:
    """Every method of a row must give the same integers."""
    rows: dict[tuple[str, int], dict[str, str]] = {}
    for (case, method, n), found in results.items():
        if found.get("result") and case in (*COMPARED, "kernel"):
            rows.setdefault((case, n), {})[method] = found["result"]
    for row, hashes in rows.items():
        if len(set(hashes.values())) > 1:
            sys.exit(f"{row}: the methods disagree: {hashes}")


if __name__ == "__main__":
    main()
