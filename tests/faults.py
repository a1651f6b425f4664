"""Faults injected into a publication, call by call, and what a reader must see afterwards."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fpp_analysis.report import publishing
from tests.publish_files import main as publish

SCRIPT = Path(__file__).with_name("publish_files.py")
CALLS = {
    "openat": "openat",
    "write": "write",
    "fsync": "fsync",
    "mkdir": "mkdir,mkdirat",
    "rename": "rename,renameat,renameat2",
    "symlink": "symlink,symlinkat",
    "chmod": "chmod,fchmodat",
}
"""The calls that a publication makes, as the system may spell them."""

FAULTS = {"signal=KILL": {-9, 137}, "error=ENOSPC": {74}, "error=EIO": {74}, "error=EACCES": {77}}
"""What happens at a call, and the exit codes that say so."""


def whole_pack(path: Path) -> str:
    """What a reader sees: the mark of the pack, every file of it as its manifest says."""
    pack = path.resolve()
    manifest = json.loads((pack / publishing.MANIFEST).read_text(encoding="utf-8"))
    mark: str = manifest["mark"]
    assert manifest["files"]
    for name, entry in manifest["files"].items():
        data = (pack / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"], name
        assert data.startswith(mark.encode() + b"-"), name
    there = {p.relative_to(pack).as_posix() for p in pack.rglob("*") if p.is_file()}
    assert there == set(manifest["files"]) | {publishing.MANIFEST}
    return mark


def debris(out: Path) -> list[str]:
    """What is beside the packs themselves."""
    kept = (".pack-",)
    return [
        p.name for p in out.iterdir() if p.name[0] == "." and not any(k in p.name for k in kept)
    ]


def need_strace() -> None:
    """Skip where calls cannot be traced."""
    if not shutil.which("strace"):
        pytest.skip("no strace here")
    if subprocess.run(["strace", "-qq", "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace may not trace here")


def prove(folder: Path, *, every: int = 1, files: int = 4) -> int:
    """Inject each fault at every n-th call of each kind; the number of points tried.

    After each: the place holds the whole old pack or the whole new one, the exit code says
    what failed, and the next run publishes and clears what is left.
    """
    points = 0
    for number, (call, fault, k) in enumerate(_points(folder, files)):
        if number % every == 0:
            _hold(folder / f"p{number}", call, fault, k, files)
            points += 1
    return points


def _points(folder: Path, files: int) -> Iterator[tuple[str, str, int]]:
    for call in CALLS:
        first, last = _range(folder / f"count-{call}", call, files)
        for fault in FAULTS:
            yield from ((call, fault, k) for k in range(first, last + 1))


def _range(out: Path, call: str, files: int) -> tuple[int, int]:
    """The first and the last call of a kind that touch the folder, counted from the start."""
    out.mkdir()
    publish(str(out), "FY2010Q2", "old")
    done = _traced(out, call, files, [])
    lines = done.partition("\0")[2].splitlines()
    ours = [n for n, line in enumerate(lines, 1) if str(out) in line or ".FY2010Q2" in line]
    assert ours, f"no {call} in a publication"
    return ours[0], ours[-1]


def _traced(out: Path, call: str, files: int, inject: list[str]) -> str:
    """Publish under strace: the exit code, NUL, and the calls that it made."""
    trace = out.with_suffix(".trace")
    command = ["strace", "-f", "-qq", "-y", "-o", str(trace), "-e", f"trace={CALLS[call]}", *inject]
    done = subprocess.run(
        [*command, sys.executable, "-S", str(SCRIPT), str(out), "FY2010Q2", "new", str(files),
         "keep"],
        capture_output=True, check=False,
    )  # fmt: skip
    calls = re.sub(r"^\+\+\+.*$|^---.*$", "", trace.read_text(errors="replace"), flags=re.MULTILINE)
    trace.unlink()
    return f"{done.returncode}\0{calls.strip()}"


def _hold(out: Path, call: str, fault: str, k: int, files: int) -> None:
    where = f"{fault} at {call} {k}"
    out.mkdir()
    publish(str(out), "FY2010Q2", "old")
    inject = ["-e", f"inject={CALLS[call]}:{fault}:when={k}"]
    code = int(_traced(out, call, files, inject).partition("\0")[0])
    mark = whole_pack(out / "FY2010Q2")
    assert mark in ("old", "new"), where
    # a call whose failure changes nothing (say, of the lock's text) may end well
    assert code in FAULTS[fault] | {0}, f"{where}: exit code {code}"
    if code == 0:
        assert mark == "new", where
    kept = out / "FY2010Q2-superseded-1"
    if mark == "new" or kept.is_symlink():  # what is replaced stays, whole
        assert whole_pack(kept) == "old", where
    assert publish(str(out), "FY2010Q2", "again") == 0, f"{where}: the next run repairs unaided"
    assert whole_pack(out / "FY2010Q2") == "again", where
    assert debris(out) == [], where
    shutil.rmtree(out)
