"""A pack is in place whole or not at all: under kills, full disks, failed I/O and rivals."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from fpp_analysis.errors import LockedError, OutputError, PermissionRefusedError
from fpp_analysis.report import publishing
from tests import faults
from tests.faults import SCRIPT, debris, whole_pack
from tests.publish_files import main as publish


def test_a_pack_replaces_the_one_before_it(tmp_path: Path) -> None:
    out = tmp_path / "new" / "reports"
    for mark in ("one", "two", "three", "four", "five"):
        assert publish(str(out), "FY2010Q2", mark) == 0
        assert whole_pack(out / "FY2010Q2") == mark
        assert debris(out) == []
    packs = [p for p in out.iterdir() if ".pack-" in p.name]
    assert len(packs) == 1 + publishing.KEPT + 1


def test_manifest_and_files_are_the_same_for_the_same_content(tmp_path: Path) -> None:
    for out in ("a", "b"):
        publish(str(tmp_path / out), "FY2010Q2", "same")
    one, two = ((tmp_path / out / "FY2010Q2" / publishing.MANIFEST) for out in ("a", "b"))
    assert one.read_bytes() == two.read_bytes()


def test_files_follow_the_umask_and_no_links(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        publish(str(tmp_path), "FY2010Q2", "one")
    finally:
        os.umask(before)
    pack = tmp_path / "FY2010Q2"
    assert pack.resolve().stat().st_mode & 0o777 == 0o750
    assert (pack / "0.html").stat().st_mode & 0o777 == 0o640
    with publishing.claimed(tmp_path, "FY2010Q3") as place, publishing.staged(place) as stage:
        (stage.folder / "a.html").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(OutputError):
            stage.write("a.html", b"x")
    assert not (tmp_path / "elsewhere").exists()
    assert debris(tmp_path) == []


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", "-x", "a b", "é", "a" * 200])
def test_a_name_that_could_lead_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="cannot be the name"), publishing.claimed(tmp_path, name):
        pass


def test_what_is_not_ours_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "FY2010Q2").mkdir()
    (tmp_path / "FY2010Q2" / "mine.txt").write_text("mine", encoding="utf-8")
    assert publish(str(tmp_path), "FY2010Q2", "one") == 73
    assert (tmp_path / "FY2010Q2" / "mine.txt").read_text(encoding="utf-8") == "mine"
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert publish(str(tmp_path / "file"), "FY2010Q2", "one") == 73


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionRefusedError), publishing.claimed(tmp_path, "FY2010Q2"):
        pass


def test_one_run_at_a_time_and_the_loser_is_told_who(tmp_path: Path) -> None:
    with publishing.claimed(tmp_path, "FY2010Q2"):
        began = time.monotonic()
        with (
            pytest.raises(LockedError, match=f"process {os.getpid()}") as locked,
            publishing.claimed(tmp_path, "FY2010Q2", wait=0.2),
        ):
            pass
        assert locked.value.exit_code == 75
        assert time.monotonic() - began >= 0.2
        with publishing.claimed(tmp_path, "FY2010Q3"):
            pass  # another pack is another place
    assert debris(tmp_path) == []


def test_rivals_and_readers(tmp_path: Path) -> None:
    """Eight processes publish one pack in turn while readers look: each sees one whole pack."""
    publish(str(tmp_path), "FY2010Q2", "first")
    seen: dict[str, int] = {}
    torn: list[BaseException] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                mark = whole_pack(tmp_path / "FY2010Q2")
            except BaseException as problem:  # noqa: BLE001 - every torn read is counted
                torn.append(problem)
            else:
                seen[mark] = seen.get(mark, 0) + 1
            time.sleep(0.002)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    command = [sys.executable, SCRIPT, tmp_path, "FY2010Q2"]
    runs = [subprocess.Popen([*command, f"run{number}", "12"]) for number in range(8)]
    codes = [process.wait(60) for process in runs]
    time.sleep(0.05)
    stop.set()
    for reader in readers:
        reader.join()
    assert codes == [0] * 8
    assert not torn
    assert sum(seen.values()) > 20
    assert whole_pack(tmp_path / "FY2010Q2") in {f"run{number}" for number in range(8)}
    assert debris(tmp_path) == []


def test_every_fault_leaves_the_old_pack_or_the_new_one(tmp_path: Path) -> None:
    """Kill, full disk and failed I/O at calls of a publication; `make soak` takes every call."""
    faults.need_strace()
    assert faults.prove(tmp_path, every=9) >= 15
