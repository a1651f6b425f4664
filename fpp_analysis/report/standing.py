"""What stands where a pack would go: nothing, a pack that is current, or a stale one.

A pack is current while the same inputs, parameters, notebooks and code would make it again, and
its manifest says what it was made from. An outside pack holds no trace of its book, so its key
is kept in the private folder. A stale pack is made again, and the one before it stays.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

from fpp_analysis.book import Book
from fpp_analysis.errors import LockedError, UsageError
from fpp_analysis.fiscal import iso, to_day
from fpp_analysis.report import fingerprint, publishing
from fpp_analysis.report.asked import Asked, plain, private_of
from fpp_analysis.report.files import as_csv
from fpp_analysis.sources.plain import unfit

FIGURES, WHAT_CHANGED, SUPERSEDES = "figures.csv", "what-changed.csv", "supersedes"
LARGEST = 16 << 20  # bytes of a manifest
COLUMNS = ("id", "metric", "scope", "start", "as_of", "unit", "before", "after")


@dataclass(frozen=True, slots=True)
class Standing:
    """A published pack: where it is and what its manifest says."""

    path: Path
    manifest: Mapping[str, Any]

    @classmethod
    def at(cls, path: Path) -> Standing | None:
        """The pack of a place; None where there is none that can be read."""
        file = path / publishing.MANIFEST
        try:
            if unfit(file, inside=None, largest=LARGEST):
                return None
            found = json.loads(file.read_text(encoding="utf-8"))
            to_day(found["parameters"]["as_of"])
        except (OSError, ValueError, TypeError, LookupError, RecursionError, UsageError):
            return None
        return cls(path, found)

    @property
    def as_of(self) -> str:
        """The day of its balances."""
        return str(self.manifest["parameters"]["as_of"])

    def changes(self, facts: Mapping[str, Any]) -> list[str]:
        """What it was made from and would not be made from now, e.g. `inputs: contracts`."""
        found = []
        for key, now in facts.items():
            then = self.manifest.get(key)
            if isinstance(now, Mapping) and isinstance(then, Mapping):
                names = sorted({*now, *then})
                found += [f"{key}: {n}" for n in names if now.get(n) != then.get(n)]
            elif now != then:
                found.append(key)
        return found

    def read(self, name: str) -> bytes:
        """One of its files; nothing where that cannot be read."""
        try:
            return (self.path / name).read_bytes()
        except OSError:
            return b""

    def superseded(self, facts: dict[str, Any], made: dict[str, bytes]) -> bool:
        """Let a new pack say what it changes of this one; whether it changes anything.

        A pack that is made again as it is keeps what it said.
        """
        now = made.get(FIGURES, b"")
        changed = self.changes(facts) or ["figures"] * (self.read(FIGURES) != now)
        if not changed:
            if said := self.manifest.get(SUPERSEDES):
                facts[SUPERSEDES], made[WHAT_CHANGED] = said, self.read(WHAT_CHANGED)
            return False
        rows = list(_differences(_rows(self.read(FIGURES)), _rows(now)))
        made[WHAT_CHANGED] = as_csv(COLUMNS, rows)
        digest = hashlib.sha256(self.read(publishing.MANIFEST)).hexdigest()
        facts[SUPERSEDES] = {"manifest": digest, "changed": changed, "figures": len(rows)}
        return True


def _rows(data: bytes) -> dict[str, dict[str, str]]:
    text = io.StringIO(data.decode("utf-8-sig", "replace"), newline="")
    return {row["id"]: row for row in csv.DictReader(text) if row.get("id")}


def _differences(
    before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]]
) -> Iterator[list[str]]:
    """One row per figure that is new, gone or another number."""
    for name in {**before, **after}:
        then, now = before.get(name, {}), after.get(name, {})
        if then.get("value") != now.get("value") or bool(then) != bool(now):
            shown = [(now or then).get(column, "") for column in COLUMNS[1:-2]]
            yield [name, *shown, then.get("value", ""), now.get("value", "")]


def made_with(asked: Asked) -> dict[str, Any]:
    """What packs are made with, alike for every part: notebooks, code, versions."""
    from fpp_analysis.report import pack

    folder = asked.options.folder or pack.notebooks_folder()
    installed = [one.metadata for one in metadata.distributions()]  # read anew at each look
    return {
        "code": fingerprint.of_package(),
        # only to notice a change; a pack's order is listed
        "notebooks": {p.name: fingerprint.of_file(p) for p in sorted(folder.glob("*.ipynb"))},
        "versions": {one["Name"]: one["Version"] for one in installed},
    }


def key_of(book: Book, asked: Asked, means: Mapping[str, Any] | None = None) -> str:
    """A hash of all that a pack is made from: its rows, its parameters and `made_with`."""
    facts = {
        "rows": fingerprint.of_book(book),
        "parameters": {k: v for k, v in asked.parameters.as_dict().items() if k != "book"},
        "edition": [asked.edition, *asked.split_by],
        "options": repr(replace(asked.options, jobs=0, wait=0.0)),
        **(means or made_with(asked)),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def key_file(asked: Asked) -> Path:
    """Where the key of an outside pack is kept."""
    name = asked.together if asked.split_by else asked.name
    return private_of(asked.options, asked.out) / f"{name}.key"


def first(asked: Asked, calendar: Any) -> str:
    """The day of the first whole pack of the same kind that stands there; empty without one."""
    days = []
    for path in asked.out.glob(f"{asked.book}-FY*"):
        label = path.name[len(asked.book) + 1 :].partition("-")[0]
        found = Standing.at(path)
        day = found.as_of if found else iso(calendar.parse(label).end) if _quarter(label) else ""
        for one in (label, f"{label}-{day}"):
            kind = replace(asked, label=one)
            if day and path.name == (kind.together if asked.split_by else kind.name):
                days.append(day)
    return min(days, default="")


def _quarter(label: str) -> bool:
    return len(label) == 8 and label[:2] == "FY" and label[6] == "Q" and label[7] in "1234"


def placed(asked: Asked) -> Asked:
    """The same where its place holds another day's pack: a name keeps its day.

    It does so after the fiscal year's end was changed.
    """
    there = Standing.at(asked.out / asked.name)
    if there is None or there.as_of == asked.parameters.as_of:
        return asked
    return replace(asked, label=f"{asked.label}-{asked.parameters.as_of}")


def calls(book: Book, path: str) -> tuple[str, str]:
    """How packs of a book begin, and what tells it from another book of that name.

    A book is known by the `name` in its settings; without one by the place where it lies.
    """
    where = path.partition("?")[0].rpartition("@")[2] if "://" in path else ""
    given = Path(where or path)
    short = given.name if where or not given.exists() else given.resolve().name
    short = short if not where and given.is_dir() else Path(short).stem
    named = book.settings.name
    identity = where or str(given.resolve()) if named in ("", short) else named
    return plain(short, 40), hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()


def beginning(book: Book, path: str, out: Path) -> str:
    """How the packs of a book are called in a folder: two books never share a beginning."""
    name, identity = calls(book, path)
    return name if _owner(out, name) in ("", identity) else f"{name}-{identity[:6]}"


def claim(begins: str, name: str, identity: str, out: Path) -> None:
    """Keep a beginning for a book (`calls`). Raises `LockedError` where another was quicker."""
    if begins != name:
        return
    file = out / f".{name}.book"
    with (
        publishing.explained(file),
        contextlib.suppress(FileExistsError),
        file.open("x", encoding="ascii") as stream,
    ):
        stream.write(identity)
    if _owner(out, name) != identity:
        raise LockedError(f"{out}: another book has just taken the name {name}; try again")


def _owner(out: Path, name: str) -> str:
    try:
        return (out / f".{name}.book").read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""


def closed(asked: Asked, book: Book, since: str) -> list[str]:
    """The quarters that should stand there, oldest first: since the first pack, or `since`."""
    calendar, cut_off = book.calendar, book.settings.data_cut_off
    latest = calendar.latest_quarter_end(to_day(str(cut_off)))
    begin = calendar.parse(since).end if since else to_day(first(asked, calendar) or iso(latest))
    days = [latest]
    while days[0] > begin:
        days.insert(0, calendar.prior_end(days[0]))
    return [calendar.quarter_label(day) for day in days if day >= begin]
