"""The outside edition: facts worked out here, and a fact sheet made where no book can be seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from fpp_analysis.book import Book
from fpp_analysis.claims.grading import of_day
from fpp_analysis.context import Context
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import iso, to_day
from fpp_analysis.outside import facts
from fpp_analysis.outside.facts import approved
from fpp_analysis.outside.sheet import FactSheet
from fpp_analysis.outside.tables import check_column
from fpp_analysis.parts import Part
from fpp_analysis.report import editions, files, pack, publishing
from fpp_analysis.report.asked import Asked, private_of, said_of
from fpp_analysis.report.leaks import Find, Wanted, places_of_machine, refuse_leaks, secrets_of
from fpp_analysis.report.pack import Job, Watcher
from fpp_analysis.report.parameters import FACTS
from fpp_analysis.report.running import Notebook

NOTEBOOK = "outside-fact-sheet"
FOUND = "found.txt"
"""In the private folder: what the scanner found, in clear."""


def check(asked: Asked) -> tuple[str, list[str]]:
    """The column of the parts asked for and their values, before a book is read.

    Raises `UsageError` for a column whose parts have no outside edition, for several columns,
    and for notebooks of one's own: only the fact sheet goes outside.
    """
    texts = [*asked.split_by, *filter(None, [asked.parameters.part])]
    if asked.split_by and asked.parameters.part:
        raise UsageError("give either --part or --split-by")
    pairs = [text.partition("=") for text in texts]
    columns = list(dict.fromkeys(column for column, _, _ in pairs))
    for column in columns:
        check_column(column)
    if len(columns) > 1:
        raise UsageError("the outside edition is split by one column at a time")
    if {name.removesuffix(".ipynb") for name in asked.options.notebooks} - {NOTEBOOK}:
        raise UsageError(f"the outside edition is one notebook, {NOTEBOOK}")
    return "".join(columns), [value for _, named, value in pairs if named]


def make(asked: Asked, book: Book, *, watcher: Watcher, say: Callable[[str], None]) -> list[Path]:
    """Make and publish the fact sheet of a book, or of each of its parts; returns the packs.

    The last line said names the one file to send. Raises `FppError` of the kind that names the
    exit code; what failed is not published.
    """
    column, wanted = check(asked)
    parameters, options = asked.parameters, asked.options
    book = of_day(pack.with_status(book, options), parameters.as_of)
    view = book.as_known(parameters.as_known) if parameters.as_known else book
    before = parameters.compare_to or iso(book.calendar.prior_end(to_day(parameters.as_of)))
    context = Context(view, parameters.as_of, before, editions.OUTSIDE)
    folder = private_of(options, asked.out)
    with publishing.explained(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with publishing.claimed(folder, "outside", wait=options.wait):
        earlier = editions.earlier(folder, book)
        released = facts.of_book(
            view, context, column=column, wanted=wanted, allowed=options.allow_list, before=earlier
        )
        name = asked.together if asked.split_by else asked.name
        with editions.keeping(folder, name, book, released) as keep:
            secrets = untold(book)
            packs = []
            for value, sheet in released.facts.items():
                one = asked.of_part(str(Part(column, value))) if asked.split_by else asked
                job = _job(one, sheet, secrets, folder, keep)
                packs.append(pack.publish(job, out=one.out, options=options, watcher=watcher))
        say(f"send: {_sent(packs, asked)}")
        return packs


def _job(
    asked: Asked,
    sheet: FactSheet,
    secrets: Mapping[str, str],
    folder: Path,
    keep: Callable[[], None],
) -> Job:
    """The pack of one fact sheet: its notebook is given the facts, and no path to a book."""
    path = (asked.options.folder or pack.notebooks_folder()) / f"{NOTEBOOK}.ipynb"

    def given(private: Path) -> dict[str, str]:
        file = private / "facts.json"
        file.write_text(sheet.as_json(), encoding="utf-8")
        return {FACTS: str(file)}

    def found(finds: list[Find]) -> None:
        if finds:
            listed = "".join(f"{find}: {find.text}\n" for find in finds)
            publishing.replace_whole(folder / FOUND, listed, mode=0o600)
        refuse_leaks(finds, f"{FOUND} of the private folder")
        keep()

    said = said_of(asked.parameters, sheet.stamp.compare_to, editions.OUTSIDE)
    facts = {"pack": replace(asked, book="").name, "parameters": said}
    notebooks = [Notebook.read(path, (FACTS,))]
    return Job(asked.name, notebooks, given, sheet.stamp, facts, secrets, found,
               sent=True)  # fmt: skip


def untold(book: Book) -> dict[str, str]:
    """What may not be in a pack: all that approved statements do not tell already, as words."""
    secrets = secrets_of(book)
    told = dict(Wanted(secrets).within(" ".join(approved(book.statements)).encode()))
    left = {text: kind for text, kind in secrets.items() if text not in told}
    return left | places_of_machine(book.source)


def _sent(packs: Sequence[Path], asked: Asked) -> Path:
    """The one file to send: the pack's own, or one with those of all parts."""
    zips = {path.name: path / f"{path.name}.zip" for path in packs}
    if not asked.split_by:
        return next(iter(zips.values()))
    root = asked.out / asked.together
    sent = root / f"{asked.together}.zip"
    made = files.together({f"{name}.zip": path.read_bytes() for name, path in zips.items()})
    publishing.replace_whole(sent, made)
    return sent
