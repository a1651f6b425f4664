"""A book is data: nothing in its folder is run, followed out of it, or taken for a checked book."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import fpp_analysis as fpp
from fpp_analysis import limited
from fpp_analysis.errors import DataError, FaultsError
from fpp_analysis.limited import Limits
from fpp_analysis.loading import from_snapshot
from tests.books import write
from tests.command import process, run
from tests.small_notebooks import write_notebook

LOOK = """
import fpp_analysis as fpp
assert len(fpp.load_book(book).contracts) == 2
show(kind="prose", id="n", paragraphs=[["x"]])
"""
PLANTED = "import pathlib, os\npathlib.Path(os.environ['HOME'], 'ran').touch()\n"
SHADOWED = ("click", "pandas", "json", "ipykernel_launcher", "typst", "sitecustomize", "calamine")


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
    rows = [{"contract_id": f"K-{i}", "customer": "Acme", "region": "A"} for i in range(2)]
    write(place / "book", contracts=rows)  # so that there is one part
    done = process("report", "--book", ".", "--as-of", "2009-11-30", "--out", place / "out",
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


def test_a_flipped_bit_of_a_parquet_page_is_found_where_checksums_were_written(place: Path) -> None:
    rows = pd.DataFrame({"contract_id": [f"K-{i:05}" for i in range(500)]})
    path = place / "book" / "fleet.parquet"
    path.with_suffix(".csv").unlink(missing_ok=True)
    pq.write_table(pa.Table.from_pandas(rows), path, write_page_checksum=True,
                   use_dictionary=False, compression="none")  # fmt: skip
    data = bytearray(path.read_bytes())
    at = data.find(b"K-00250")
    data[at + 6] ^= 1
    path.write_bytes(data)
    done = run("check", place / "book", cwd=place)
    assert done.returncode == 65
    assert "fleet.parquet: error F013" in done.stderr


def test_databases_are_sealed_and_nothing_is_left_beside_them(place: Path) -> None:
    book = place / "book.sqlite"
    with contextlib.closing(sqlite3.connect(book)) as lite:
        lite.execute("PRAGMA journal_mode=WAL")
        lite.execute("CREATE TABLE contracts (contract_id TEXT)")
        lite.commit()
    assert run("check", book, cwd=place).returncode == 65
    assert [p.name for p in place.glob("book.sqlite*")] == ["book.sqlite"]
    lite = sqlite3.connect(book)
    lite.execute("INSERT INTO contracts VALUES ('K-1')")
    lite.commit()
    done = run("check", book, cwd=place)
    assert (done.returncode, "-wal" in done.stderr) == (75, True), done.stderr
    lite.close()
    # another kind of file under DuckDB's ending, and a name that is an address
    shutil.copy(book, place / "a.duckdb")
    shutil.copy(book, place / "md:x.duckdb")
    for name in ("a.duckdb", "md:x.duckdb"):
        done = run("check", name, cwd=place, HOME=str(place / "home"))
        assert (done.returncode, "F013" in done.stderr) == (65, True), done.stderr
    views = place / "v.duckdb"
    with duckdb.connect(str(views)) as duck:
        duck.execute("CREATE VIEW contracts AS SELECT * FROM read_csv_auto('/etc/passwd')")
    done = run("check", views, cwd=place, HOME=str(place / "home"))
    assert (done.returncode, "root" in done.stderr + done.stdout) == (65, False)
    assert not (place / "home").exists(), "no extension is fetched"


ALIVE = "=cmd|x;\x1b[31m\u202eA"


def test_nothing_alive_is_printed(place: Path) -> None:
    row = {"contract_id": "K-1", "customer": ALIVE, "region": "-2+3"}
    write(place / "alive", contracts=[row])
    ask = ["table", "contracts", "--as-of", "2009-11-30", "--book", "alive", "--format"]
    for form in ("text", "json"):
        said = run(*ask, form, cwd=place).stdout
        assert "K-1" in said
        assert all(ch.isprintable() or ch == "\n" for ch in said)
    (said,) = [json.loads(run(*ask, "json", cwd=place).stdout)]
    assert said[0]["customer"] == ALIVE
    plain = run(*ask, "csv", cwd=place).stdout
    assert ALIVE in plain
    excel = run(*ask, "excel-csv", cwd=place).stdout
    assert excel.startswith('\ufeff"')
    assert f'"\'{ALIVE}"' in excel
    assert '"\'-2+3"' in excel
    done = run("check", "postgresql://fin:S3cretOfMine@localhost:1/x\ny", cwd=place)
    assert done.returncode in (66, 69)
    assert "S3cretOfMine" not in done.stderr


def test_the_log_has_no_name_and_no_value(place: Path) -> None:
    log = place / "runs" / "run.jsonl"
    write_notebook(place / "notebooks" / "10-look.ipynb", "raise ValueError('Acme, 1200.00')")
    done = run("report", "--book", "book", "--as-of", "2009-11-30", "--part", "customer=Acme",
               "--notebooks", "notebooks", "--notebook", "10-look", "--log", log,
               "--out", "out", cwd=place)  # fmt: skip
    assert done.returncode == 73
    text = log.read_text(encoding="utf-8")
    assert "Acme" not in text
    assert "1200" not in text
    assert json.loads(text.splitlines()[-1])["exit"] == 73


def test_a_pack_whose_manifest_was_written_again_is_found_by_its_digest(place: Path) -> None:
    done = run("report", "--book", "book", "--as-of", "2009-11-30", "--notebooks", "notebooks",
               "--notebook", "10-look", "--out", "out", cwd=place)  # fmt: skip
    assert done.returncode == 0, done.stderr
    (digest,) = re.findall("^digest of .*: ([0-9a-f]{64})$", done.stdout, re.MULTILINE)
    pack = place / "out" / "book-2009-11-30-only-10-look"
    assert run("verify", pack, "--against", digest, cwd=place).returncode == 0
    assert run("verify", pack, "--against", "abc", cwd=place).returncode == 64
    manifest = json.loads((pack / "MANIFEST.json").read_text(encoding="utf-8"))
    (pack / "figures.csv").write_bytes(b"id\n")
    forged = {"sha256": hashlib.sha256(b"id\n").hexdigest(), "bytes": 3}
    manifest["files"]["figures.csv"] = forged
    (pack / "MANIFEST.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert run("verify", pack, cwd=place).returncode == 0
    done = run("verify", pack, "--against", f"sha256:{digest}", cwd=place)
    assert (done.returncode, "digest was kept" in done.stderr) == (65, True)
    os.mkfifo(pack / "pipe")
    (pack / "out").symlink_to("/etc")
    (pack / "empty").mkdir()
    said = run("verify", pack, cwd=place).stderr
    for name in ("pipe", "out", "empty"):
        assert f"  {name}: is a" in said


@pytest.mark.parametrize("kind", ["cron", "systemd", "ci", "airflow"])
def test_a_written_job_does_what_was_asked(place: Path, kind: str) -> None:
    asked = ["schedule", kind, "--book", "/b k", "--out", "/o", "--edition", "outside", "--part",
             "region=North & South", "--time-zone", "Asia/Kathmandu"]  # fmt: skip
    done = run(*asked, cwd=place, FPP_DB_PASSWORD="S3cretOfMine")
    assert done.returncode == 0, done.stderr
    for said in ("/b k", "/o", "outside", "North & South", "/o/runs.jsonl"):
        assert said in done.stdout
    assert "S3cretOfMine" not in done.stdout
    if kind == "ci":
        assert 'cron: "45 0 5-28' in done.stdout  # 06:30 in Kathmandu
    else:
        assert "Asia/Kathmandu" in done.stdout
    if kind == "airflow":
        ast.parse(done.stdout)
    if kind == "cron":
        assert "crontab -l" in done.stdout
        line = done.stdout.splitlines()[-2]
        assert line.split()[0].split(",") == ["30", "45", "0", "15"]
    for bad in ("postgresql://u:p@h/d", "postgresql://u@h/d?password=x", "a{{b}}"):
        done = run("schedule", kind, "--book", bad, cwd=place)
        assert (done.returncode, done.stdout) == (64, "")
    assert run("schedule", kind, "--time-zone", "Mars/Base", cwd=place).returncode == 64


def endless(path: Path) -> Path:
    """A SQLite file whose contracts are a query without an end."""
    rows = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c"
    with contextlib.closing(sqlite3.connect(path)) as lite:
        lite.execute(f"CREATE VIEW contracts AS {rows}")
    return path


def repeated(path: Path) -> Path:
    """A small Parquet file whose one text stands in it so often that no memory holds it."""
    path.mkdir()
    text = pa.DictionaryArray.from_arrays(
        pa.array([0] * 1_000_000, pa.int32()), pa.array(["x" * 20_000])
    )
    pq.write_table(pa.table({"contract_id": text}), path / "contracts.parquet")
    return path


@pytest.mark.parametrize(
    ("hostile", "limits", "says"),
    [
        (
            lambda p: endless(p / "e.sqlite"),
            Limits(processor=1),
            "e.sqlite: .*F016: takes more time",
        ),
        (lambda p: repeated(p / "r"), Limits(memory=2 << 30), "contracts.parquet: .*more memory"),
    ],
)
def test_a_file_that_breaks_a_limit_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hostile: Any, limits: Limits, says: str
) -> None:
    book = hostile(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr(limited, "run", partial(limited.run, limits=limits))
    with pytest.raises(DataError, match=says):
        fpp.load_book(book)
    assert sorted(tmp_path.rglob("*")) == before


def not_utf8(book: Path) -> None:
    rows = pd.read_csv(book / "contracts.csv", dtype=str)
    bad = pa.array([b"\xff\xfe\x80"] * len(rows), pa.binary()).view(pa.string())
    table = pa.Table.from_pandas(rows.drop(columns="customer")).append_column("customer", bad)
    (book / "contracts.csv").unlink()
    pq.write_table(table, book / "contracts.parquet")


def header(line: int) -> Callable[[Path], None]:
    text = f'[tables.contracts]\nfile = "contracts.csv"\nheader = {line}\n'
    return lambda book: (book / "book.toml").write_text(text, encoding="utf-8") and None


def wide(book: Path) -> None:
    (book / "contracts.csv").write_text("," * 400_000 + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoilt", "says"),
    [
        (not_utf8, "contracts.parquet: error F013: cannot be read as Parquet: "),
        (header(99), "contracts.csv has 3 lines, the header is declared in line 99"),
        (header(10**20), "contracts.csv has 3 lines"),
        (wide, "contracts.csv:1: error F016: has 400,001 columns, at most 5,000 are read"),
    ],
)
def test_a_spoilt_file_is_refused_at_once(place: Path, spoilt: Any, says: str) -> None:
    spoilt(place / "book")
    with pytest.raises(FaultsError, match=re.escape(says)):
        fpp.load_book(place / "book")


def png(width: int, height: int) -> bytes:
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + size + b"\1\0\0\0\0" + b"\0" * 20


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'>%b</svg>"


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("l.png", png(30_000, 30_000), "logo: 900,000,000 pixels, at most 10,000,000 allowed"),
        ("l.png", png(2**31 - 1, 2**31 - 1), "pixels, at most"),
        ("l.png", b"\x89PNG\r\n\x1a\n" + b"junk" * 9, "logo: "),
        ("l.png", png(1, 1), "logo: 1 by 1 pixels cannot be made out"),
        ("l.png", png(3000, 20), "logo: 3,000 by 20 pixels cannot be made out"),
        ("l.png", b"\xff\xd8\xff\xe0 a CMYK JPEG", "logo: is not a PNG file"),
        ("l.svg", SVG % (b"<g>" * 20_000 + b"</g>" * 20_000), "more than 100 groups deep"),
        ("l.svg", SVG % b"<g>", "is not an SVG file"),
        (
            "l.svg",
            SVG.replace(b">%b", b" width='0' height='0'>"),
            "logo: an SVG with a width of 0 cannot",
        ),
        ("l.svg", SVG.replace(b">%b", b" width='9' height='-1mm'>"), "with a height of -1mm"),
        (
            "l.svg",
            SVG.replace(b">%b", b" viewBox='0,0 5,0.0'>"),
            "logo: an SVG with a height of 0.0",
        ),
    ],
)
def test_a_hostile_picture_is_refused_before_anything_is_started(
    place: Path, name: str, data: bytes, says: str
) -> None:
    (place / "book" / name).write_bytes(data)
    (place / "book" / "book.toml").write_text(LOGO.format(name), encoding="utf-8")
    done = run("report", "--book", "book", "--as-of", "2009-11-30", "--notebooks", "notebooks",
               "--notebook", "10-look", "--out", "out", cwd=place)  # fmt: skip
    assert (done.returncode, says in done.stderr) == (78, True), done.stderr
    assert "10-look" not in done.stdout
    assert not (place / "out").exists()
