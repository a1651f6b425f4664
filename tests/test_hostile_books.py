"""A book is data: nothing in its folder is run, followed out of it, or taken for a checked book."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import fpp_analysis as fpp
from fpp_analysis.loading import from_snapshot
from tests.books import write
from tests.small_notebooks import write_notebook

FPP = str(Path(sys.executable).with_name("fpp"))
LOOK = """
import fpp_analysis as fpp
assert len(fpp.load_book(book).contracts) == 2
show(kind="prose", id="n", paragraphs=[["x"]])
"""
PLANTED = "import pathlib, os\npathlib.Path(os.environ['HOME'], 'ran').touch()\n"
SHADOWED = ("click", "pandas", "json", "ipykernel_launcher", "typst", "sitecustomize", "calamine")


def run(*arguments: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [FPP, *map(str, arguments)], cwd=cwd, env={**os.environ, **env},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Path:
    rows = [{"contract_id": f"K-{i}", "customer": "Acme", "region": r} for i, r in enumerate("AB")]
    write(tmp_path / "book", contracts=rows)
    (tmp_path / "notebooks").mkdir()
    write_notebook(tmp_path / "notebooks" / "10-look.ipynb", LOOK)
    return tmp_path


@pytest.mark.parametrize("more", [[], ["--split-by", "region"]])
def test_modules_in_the_current_folder_and_in_the_book_are_not_run(
    place: Path, more: list[str]
) -> None:
    for name in SHADOWED:
        (place / "book" / f"{name}.py").write_text(PLANTED, encoding="utf-8")
    look = LOOK.replace("== 2", ">= 1")
    write_notebook(place / "notebooks" / "10-look.ipynb", look)
    done = run("report", "--book", ".", "--as-of", "2009-11-30", "--out", place / "out",
               "--notebooks", place / "notebooks", "--notebook", "10-look", *more,
               cwd=place / "book", HOME=str(place))  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not (place / "ran").exists()


def test_a_snapshot_in_a_book_folder_is_not_read(place: Path) -> None:
    honest = fpp.load_book(place / "book")
    honest.save_snapshot(place / "book")
    state = json.loads((place / "book" / "snapshot.json").read_text(encoding="utf-8"))
    state["settings"]["name"] = "Another book"
    (place / "book" / "snapshot.json").write_text(json.dumps(state), encoding="utf-8")
    for file in (place / "book").glob("*.parquet"):
        file.unlink()
    assert fpp.load_book(place / "book").settings.name == honest.settings.name
    honest.save_snapshot(place / "alone")
    assert from_snapshot(place / "alone").hashes == honest.hashes
    path = place / "alone" / "contracts.parquet"
    rows = pd.read_parquet(path)
    rows["currency"] = "XQX"  # no rule would let it pass
    rows.to_parquet(path)
    for command in (["check"], ["table", "contracts", "--as-of", "2009-11-30", "--book"]):
        done = run(*command, place / "alone", cwd=place)
        assert (done.returncode, "XQX" in done.stderr) == (65, True), done.stderr


LOGO = 'name = "Book"\n[presentation]\nlogo = "{}"\n'


@pytest.mark.parametrize("name", ["contracts.csv", "logo.svg", "claims/a.txt", "book.toml"])
@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "device"])
def test_what_is_no_file_of_the_book_is_refused_by_name(place: Path, name: str, kind: str) -> None:
    book, path = place / "book", place / "book" / name
    path.parent.mkdir(exist_ok=True)
    if name == "logo.svg":
        (book / "book.toml").write_text(LOGO.format(name), encoding="utf-8")
    elsewhere = place / Path(name).name
    elsewhere.write_bytes(path.read_bytes() if path.exists() else b"Ours.\n")
    path.unlink(missing_ok=True)
    if kind == "link":
        path.symlink_to(elsewhere)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    for command in (("check", book), ("table", "backlog", "--as-of", "2009-11-30", "--book", book)):
        done = run(*command, cwd=place)
        assert done.returncode in (65, 78), done.stderr
        assert Path(name).name in done.stderr
        assert "Traceback" not in done.stderr
        said = {"link": "link out of the book", "device": "link out of the book",
                "pipe": "pipe", "folder": "folder"}[kind]  # fmt: skip
        assert said in done.stderr


def test_a_claims_folder_from_elsewhere_is_refused_and_links_inside_are_read(place: Path) -> None:
    (place / "elsewhere").mkdir()
    (place / "book" / "claims").symlink_to(place / "elsewhere")
    assert run("check", place / "book", cwd=place).returncode == 65
    (place / "book" / "claims").unlink()
    shutil.move(place / "book" / "contracts.csv", place / "book" / "export-2009.csv")
    (place / "book" / "contracts.csv").symlink_to("export-2009.csv")
    assert len(fpp.load_book(place / "book").contracts) == 2
