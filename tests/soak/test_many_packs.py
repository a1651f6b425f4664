"""Many packs in a row, forty segments, a dozen environments: `make soak`."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from fpp_analysis.report import pack
from fpp_analysis.report.asked import Asked, Options
from fpp_analysis.report.parameters import Parameters
from tests.books import write
from tests.small_notebooks import write_notebook

pytestmark = pytest.mark.soak

PACKS = int(os.environ.get("FPP_SOAK_PACKS", "40"))
SEGMENTS = 40
MEGABYTE = 1 << 20


def _status() -> dict[str, int]:
    """What this process holds, and how many entries of ours the temporary folder has."""
    import psutil

    gc.collect()  # an event loop that ended keeps its three descriptors until it is collected
    me = psutil.Process()
    temporary = [p for p in Path(tempfile.gettempdir()).iterdir() if p.name.startswith("fpp-")]
    return {
        "descriptors": me.num_fds(),
        "children": len(me.children(recursive=True)),
        "temporary": len(temporary),
        "memory": me.memory_info().rss,
    }


@pytest.mark.usefixtures("cold")
def test_packs_in_a_row_leave_nothing_behind(tmp_path: Path) -> None:
    book = write(tmp_path / "book", contracts=[{"contract_id": "K-1"}])
    (tmp_path / "n").mkdir()
    write_notebook(tmp_path / "n" / "10-small.ipynb")
    options = Options(notebooks=("10-small",), folder=tmp_path / "n", jobs=1)
    parameters = Parameters(str(book), "2009-11-30", "2009-09-30")
    asked = Asked(parameters, "2009-11-30", tmp_path / "out", options)
    before = _status()["children"]
    seen = []
    for _ in range(PACKS):
        pack.make(asked)
        seen.append(_status())
    warm = seen[len(seen) // 4]
    last = seen[-1]
    assert last["children"] == before
    for name in ("descriptors", "temporary"):
        assert last[name] <= warm[name], name
    grown = (last["memory"] - warm["memory"]) / (len(seen) - len(seen) // 4)
    sys.stdout.write(f"{PACKS} packs: {grown / MEGABYTE:.3f} MB a pack, {last}\n")
    assert grown < 0.1 * MEGABYTE
    assert len([p for p in (tmp_path / "out").iterdir() if ".pack-" in p.name]) <= 3


def test_forty_segments_with_one_killed_and_one_bad_row(tmp_path: Path) -> None:
    regions = [f"Region {i:02}" for i in range(SEGMENTS)]
    rows = [{"contract_id": f"K-{i}", "region": region} for i, region in enumerate(regions)]
    bad = [dict(row) for row in rows]
    bad[7]["contract_value"] = "1,200"
    (tmp_path / "n").mkdir()
    kill = f"""
import os, signal
from pathlib import Path
if part == "region=Region 30" and os.path.exists({str(tmp_path / "trap")!r}):
    # the process that makes a part's pack holds the lock of its place
    lock = next(Path({str(tmp_path / "out")!r}).rglob("*region-Region-30*.lock"))
    os.kill(int(lock.read_text()), signal.SIGKILL)
"""
    write_notebook(tmp_path / "n" / "10-small.ipynb", kill)

    def run(rows: list[dict[str, str]]) -> tuple[int, list[dict[str, str]]]:
        book = write(tmp_path / "book", contracts=rows)
        done = subprocess.run(
            [sys.executable, "-m", "fpp_analysis.cli", "report", "--book", str(book),
             "--as-of", "2009-11-30", "--split-by", "region", "--out", str(tmp_path / "out"),
             "--notebooks", str(tmp_path / "n"), "--notebook", "10-small"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        state = tmp_path / "out" / "book-2009-11-30-by-region-only-10-small" / "state.json"
        return done.returncode, json.loads(state.read_text(encoding="utf-8"))

    (tmp_path / "trap").touch()
    code, first = run(bad)
    assert code == 73
    assert [o["status"] for o in first].count("published") == SEGMENTS - 2
    assert {o["part"] for o in first if o["status"] == "failed"} == {
        "region=Region 07",
        "region=Region 30",
    }
    (tmp_path / "trap").unlink()
    code, second = run(rows)
    assert code == 0
    assert [o["part"] for o in second if o["status"] == "published"] == [
        "region=Region 07",
        "region=Region 30",
    ]


ENVIRONMENTS = [
    {"TZ": zone, "LC_ALL": locale, "PYTHONHASHSEED": seed, "jobs": jobs, "shuffle": shuffle}
    for zone, seed, jobs in (
        ("UTC", "0", "1"),
        ("Pacific/Apia", "1", "2"),
        ("America/New_York", "2", "1"),
        ("Asia/Kathmandu", "3", "2"),
    )
    for locale, shuffle in (("C", ""), ("C.UTF-8", "1"), ("POSIX", "2"))
]


def test_a_dozen_environments_make_the_same_bytes(tmp_path: Path) -> None:
    """The sample's whole pack over time zones, locales, hash seeds, folders, rows and jobs."""
    hashes = {}
    for number, environment in enumerate(ENVIRONMENTS):
        home = tmp_path / f"home {number}"
        home.mkdir()
        book = _shuffled(tmp_path / f"book-{number}", environment["shuffle"])
        env = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "PYTHON"))}
        env |= {k: environment[k] for k in ("TZ", "LC_ALL", "PYTHONHASHSEED")}
        env |= {"HOME": str(home), "USER": f"user{number}"}
        done = subprocess.run(
            [sys.executable, "-m", "fpp_analysis.cli", "report", "--book", str(book),
             "--as-of", "2009-11-30", "--compare-to", "2009-05-31", "--out", str(home / "out"),
             "--jobs", environment["jobs"]],
            capture_output=True, text=True, check=False, env=env, cwd=home,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        root = home / "out" / f"book-{number}-2009-11-30"
        total = hashlib.sha256()
        for path in sorted(p for p in root.rglob("*") if p.is_file()):
            total.update(path.relative_to(root).as_posix().encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
        hashes[number] = total.hexdigest()
    assert len(set(hashes.values())) == 1, hashes


def _shuffled(folder: Path, seed: str) -> Path:
    """The sample with its rows in another order."""
    from fpp_analysis.loading import data_folder

    folder.mkdir()
    for path in data_folder("sample").iterdir():
        if path.suffix != ".csv" or not seed:
            (folder / path.name).write_bytes(path.read_bytes())
            continue
        head, *rows = path.read_text(encoding="utf-8").splitlines()
        random.Random(seed).shuffle(rows)
        (folder / path.name).write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return folder
