"""Coverage-guided fuzzing of the readers: `python tests/soak/fuzz_readers.py TARGET [CORPUS]`.

Arguments after the target go to libFuzzer, e.g. ``-max_total_time=600``. Anything but a
documented refusal ends it with a file that holds the input.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["fpp_analysis"]):
    from fpp_analysis import aside, sources
    from fpp_analysis.door.declared import read_declared
    from fpp_analysis.errors import FppError
    from fpp_analysis.sources import sheets
    from fpp_analysis.sources.database import of_url
    from fpp_analysis.sources.plain import Refused, nested

from tests.fault_cases import rows_of, write_csv, write_workbook

FOLDER = write_csv(Path(tempfile.mkdtemp(prefix="fpp-fuzz-")) / "book", rows_of())


def _judge(path: Path) -> None:
    try:
        aside.checked(sources.read(path))
    except FppError:
        return


def table(data: bytes) -> None:
    """The bytes of a CSV file."""
    (FOLDER / "contracts.csv").write_bytes(data)
    _judge(FOLDER)


def amendments(data: bytes) -> None:
    """The bytes of the amendments, whose rules look at the whole contract."""
    (FOLDER / "amendments.csv").write_bytes(data)
    _judge(FOLDER)


def settings(data: bytes) -> None:
    """The bytes of `book.toml`."""
    (FOLDER / "book.toml").write_bytes(data)
    _judge(FOLDER)


def sheet(data: bytes) -> None:
    """The XML of a sheet, before calamine sees it."""
    try:
        sheets.scan(io.BytesIO(data))
    except Refused:
        return


def keys(data: bytes) -> None:
    """Keys and values of a sheet or table `book`."""
    words = data.decode("utf-8", "replace").split("\n")
    try:
        read_declared(nested(list(zip(words[::2], words[1::2], strict=False))), "book", {})
    except FppError:
        return


def url(data: bytes) -> None:
    """The URL of a database that is not there."""
    text = data.decode("utf-8", "replace").replace("postgres", "mysql")
    try:
        with of_url(text):
            return
    except (FppError, Refused):
        return


TARGETS = {f.__name__: f for f in (table, amendments, settings, sheet, keys, url)}


def seed(name: str, corpus: Path) -> None:
    """Put what a lawful input looks like into the corpus."""
    if name == "sheet":
        import zipfile

        with zipfile.ZipFile(write_workbook(corpus / "book.xlsx", rows_of())) as archive:
            (corpus / "seed").write_bytes(archive.read("xl/worksheets/sheet1.xml"))
        (corpus / "book.xlsx").unlink()
        return
    files = {"table": "contracts.csv", "amendments": "amendments.csv", "settings": "book.toml"}
    if name in files:
        shutil.copy(FOLDER / files[name], corpus / "seed")
    elif name == "keys":
        pairs = ("scopes.C200.series", "C200; C1000", "map.contracts.customer", "Kunde")
        (corpus / "seed").write_text("\n".join((*pairs, "dialect.decimal", ",")), encoding="utf-8")
    else:
        (corpus / "seed").write_bytes(b"sqlite:///nowhere/book.db?mode=ro")


def main() -> None:
    """Fuzz one target until libFuzzer's limits or a find."""
    name, *arguments = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="fpp-corpus-") as scratch:
        seed(name, Path(scratch))
        atheris.Setup([sys.argv[0], *arguments, scratch], TARGETS[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
