"""An Excel workbook with a sheet for each table; parsed by a child process within limits."""

from __future__ import annotations

import hashlib
import json
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from fpp_analysis.arrays import Ints
from fpp_analysis.errors import Fault, InputError
from fpp_analysis.schema.dialect import Dialect, Layout
from fpp_analysis.schema.fields import TABLES
from fpp_analysis.schema.raw import RawBook, RawTable
from fpp_analysis.schema.rules import fault
from fpp_analysis.sources.assemble import assembled, broken, look_alike, not_there
from fpp_analysis.sources.declared import declared, nested
from fpp_analysis.sources.logo import with_logo
from fpp_analysis.sources.workbook_child import LARGEST_FILE

SETTINGS = "book"
SECONDS = 120
_CHILD = Path(__file__).with_name("workbook_child.py")
_NOT_TEXT = {"d": "F113", "m": "F113", "u": "F113", "b": "F113", "f": "F113", "g": "F113"}


def read_workbook(path: Path) -> RawBook:
    """A book from an `.xlsx` file; what is wrong with the file is a fault of the raw book."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{path.name}: is not a regular file")
    if status.st_size > LARGEST_FILE:
        say = f"{status.st_size:,} bytes are more than {LARGEST_FILE:,}"
        return _refused(path, ["F012", say, "use CSV or Parquet for large books"])
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    answer = _asked(path, [SETTINGS, *TABLES])
    if "refused" in answer:
        return _refused(path, answer["refused"])
    label = f"{path.name}[{SETTINGS}]"
    settings = _settings(answer["sheets"].get(SETTINGS))
    dialect, layout = declared(settings, label)
    wanted = {name: layout.tables.get(name, name) for name in TABLES}
    if layout.tables:
        answer = _asked(path, list(wanted.values()))
    if "refused" in answer:
        return _refused(path, answer["refused"])
    settings, faults = with_logo(settings, path.parent, label)
    tables = {}
    for name, sheet in wanted.items():
        if sheet in answer["sheets"]:
            tables[name] = _table(name, sheet, path, answer, dialect, layout)
        elif name in layout.tables:
            tables[name] = not_there(name, sheet, label, answer["visible"], "sheet")
        else:
            others = [s for s in answer["visible"] if s not in (*wanted.values(), SETTINGS)]
            faults += look_alike(name, others, path.name, "sheet")
    return RawBook(
        path.stem,
        tables,
        settings,
        label,
        {path.name: digest},
        tuple(faults),
        wanted="add a sheet {name}",
    )


def _refused(path: Path, why: list[str]) -> RawBook:
    rule, message, remedy = why
    contracts = broken("contracts", path.name, rule, message, remedy)
    label = f"{path.name}[{SETTINGS}]"
    return RawBook(path.stem, {"contracts": contracts}, {"name": path.stem}, label)


def _asked(path: Path, names: list[str]) -> dict[str, Any]:
    """What the child says of the workbook; an abort or time-out is a refusal as well."""
    command = [sys.executable, "-I", "-X", "utf8", str(_CHILD), str(path)]
    try:
        done = subprocess.run(  # noqa: S603 - our own script, no shell
            command,
            input=json.dumps(names).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"refused": ["F016", f"the workbook takes longer than {SECONDS} s to read", ""]}
    if done.returncode != 0:
        say = "the workbook breaks the limits of the reader or is damaged"
        return {"refused": ["F016", say, "open and save it in a spreadsheet program"]}
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _settings(sheet: Mapping[str, Any] | None) -> dict[str, Any]:
    """Key and value of the sheet `book`, as `book.toml` would hold them."""
    if sheet is None or len(sheet["columns"]) < 2:
        return {}
    keys, values = sheet["columns"][:2]
    return nested(list(zip(keys, values, strict=True)))


def _table(
    name: str,
    sheet: str,
    path: Path,
    answer: Mapping[str, Any],
    dialect: Dialect,
    layout: Layout,
) -> RawTable:
    found = answer["sheets"][sheet]
    label = f"{path.name}[{sheet}]"
    faults = list(_sheet_faults(name, sheet, label, found, visible=answer["visible"][sheet]))
    columns, kinds = found["columns"], found["kinds"]
    names = [column[0] or "" for column in columns]
    while names and not names[-1] and not any(columns[len(names) - 1]):
        names.pop()
    arrays = [_text(columns[i][1:], kinds[i][1:], dialect) for i in range(len(names))]
    old = [] if answer["epoch_1904"] else ["1900-01", "1900-02"]
    table = assembled(
        name,
        label,
        names,
        arrays,
        renamed=layout.names(name),
        dialect=dialect,
        first_row=2,
        cell_rules=_cell_rules([k[1:] for k in kinds[: len(names)]], arrays, old),
        letters=[_letters(i + 1) for i in range(max(len(names), 1))],
    )
    return replace(table, faults=(*faults, *table.faults))


def _sheet_faults(
    name: str, sheet: str, label: str, found: Mapping[str, Any], *, visible: bool
) -> list[Fault]:
    faults = []
    if not visible:
        say = f"the sheet {sheet} is hidden"
        faults.append(fault("F014", name, label, "", say, "unhide it, or rename it"))
    for area in found["merged"]:
        (top, left), (bottom, right) = area
        where = f"{_letters(left + 1)}{top + 1}:{_letters(right + 1)}{bottom + 1}"
        say = f"the cells {where} are merged"
        faults.append(fault("F015", name, f"{label}!{where}", "", say, "unmerge them"))
    for what in ("rows", "columns"):
        if found[f"hidden_{what}"]:
            say = f"{found[f'hidden_{what}']:,} hidden {what} are read like all others"
            faults.append(fault("F917", name, label, "", say, "look whether they belong here"))
    return faults


def _text(values: list[str | None], kinds: str, dialect: Dialect) -> pa.Array:
    if dialect.decimal != "." and "f" in kinds:
        values = [
            v.replace(".", dialect.decimal) if k == "f" and v is not None else v
            for v, k in zip(values, kinds, strict=True)
        ]
    try:
        return pa.array(values, pa.large_string())
    except UnicodeEncodeError:  # half of a surrogate pair
        cleaned = [v and v.encode("utf-8", "replace").decode("utf-8") for v in values]
        return pa.array(cleaned, pa.large_string())


def _cell_rules(
    kinds: list[str], arrays: list[pa.Array], old: list[str]
) -> dict[str, dict[int, Ints]]:
    """Rows by rule and column: error cells, formulas without value, what is not text, 1900."""
    rules: dict[str, dict[int, Ints]] = {"F108": {}, "F111": {}, "F113": {}, "F105": {}}
    for position, column in enumerate(kinds):
        codes = np.frombuffer(column.encode("ascii"), np.uint8)
        rules["F108"][position] = np.flatnonzero(codes == ord("e"))
        rules["F111"][position] = np.flatnonzero(codes == ord("x"))
        odd = np.isin(codes, np.frombuffer("".join(_NOT_TEXT).encode("ascii"), np.uint8))
        rules["F113"][position] = np.flatnonzero(odd)
        early = [
            i
            for i in np.flatnonzero(codes == ord("d")).tolist()
            if arrays[position][i].as_py()[:7] in old
        ]
        rules["F105"][position] = np.array(early, np.int64)
    return rules


def _letters(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text
