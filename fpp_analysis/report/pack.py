"""A pack: the book read once, its notebooks run, every view of what they showed, published."""

from __future__ import annotations

import hashlib
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from fpp_analysis.book import Book
from fpp_analysis.context import Context, day_in_words
from fpp_analysis.errors import FppWarning, InputError, UsageError
from fpp_analysis.fiscal import iso, to_day
from fpp_analysis.loading import load_book
from fpp_analysis.nearest import instead
from fpp_analysis.parts import Part
from fpp_analysis.report import (
    editions,
    files,
    fingerprint,
    html,
    pdf,
    publishing,
    running,
    workbook,
)
from fpp_analysis.report.editions import Edition
from fpp_analysis.report.kernel import Parent, private_folder
from fpp_analysis.report.leaks import refuse_leaks
from fpp_analysis.report.parameters import Parameters
from fpp_analysis.report.payloads import (
    STAMP,
    Page,
    read_page,
    stamp_as_dict,
    stamp_words,
    union_of_evidence,
)
from fpp_analysis.report.running import Limits, Notebook

ORDER = (
    "00-quarterly-summary",
    "10-backlog-growth",
    "20-coverage-rate",
    "30-cash-flow",
    "40-contract-book",
    "45-outlook",
    "50-fleet",
    "60-public-record",
    "70-what-changed",
    "80-claims",
    "90-method-and-data",
)
"""The notebooks of a pack in their order; a notebook that is not here is not in a pack."""

NEEDS = {"60-public-record": "disclosures", "80-claims": "statements"}
"""Notebooks that a book without this table, or without statements, goes without."""

INSIDE_ONLY = ("45-outlook",)
"""Notebooks that look ahead: never for other eyes."""

PACK = "pack"
FIGURES = "figures.csv"
_LIBRARIES = ("matplotlib", "nbconvert", "numpy", "pandas", "papermill", "typst", "xlsxwriter")


@dataclass(frozen=True, slots=True)
class Options:
    """How a pack is made, apart from what it says: none of it changes a figure.

    Attributes
    ----------
    notebooks : names of the notebooks to run, in the pack's order; empty = the whole pack
    folder : where the notebooks are; None = the project's own
    paper : `a4` or `letter`
    status : `draft`, `final` or `superseded`; empty = what the book says
    jobs : notebooks at once; 0 = one a processor
    limits : how long a cell, a notebook and the pack may take
    wait : seconds to wait for another run of the same pack
    allow_list, private : reviewed strings, and the folder of the pseudonyms, of an outside
        edition
    """

    notebooks: tuple[str, ...] = ()
    folder: Path | None = None
    paper: str = "a4"
    status: str = ""
    jobs: int = 0
    limits: Limits = field(default_factory=Limits)
    wait: float = 0.0
    allow_list: tuple[str, ...] = ()
    private: Path | None = None


@dataclass(frozen=True, slots=True)
class Watcher:
    """What a caller may want to see of a run; `cell` is called from several threads."""

    started: Callable[[Sequence[Notebook]], None] = lambda _: None
    cell: Callable[[], None] = lambda: None
    finished: Callable[[Notebook], None] = lambda _: None
    ready: Callable[[publishing.Place, int], None] = lambda _, __: None


@dataclass(frozen=True)
class Subject:
    """The book of a pack, prepared for its edition, and what the parameters make of it."""

    edition: Edition
    parameters: Parameters

    @property
    def book(self) -> Book:
        """The whole book of the edition, before clock and part."""
        return self.edition.book

    @cached_property
    def context(self) -> Context:
        """The dates, the part and the stamp, checked before a kernel is started."""
        p, book = self.parameters, self.book
        if p.as_known:
            book = book.as_known(p.as_known)
        if p.part:
            one = Part.of(p.part)
            book = book.part(one.column, one.value)
        return Context(book, p.as_of, _compare_to(p, book), p.edition, p.part)


def _compare_to(parameters: Parameters, book: Book) -> str:
    return parameters.compare_to or iso(book.calendar.prior_end(to_day(parameters.as_of)))


def make(
    parameters: Parameters,
    *,
    out: Path,
    name: str,
    options: Options = Options(),
    watcher: Watcher = Watcher(),
    book: Book | None = None,
) -> Path:
    """Make and publish one pack; returns its path in `out`.

    The book is read here, once, unless it is handed in. Whatever fails, nothing is published
    and the earlier pack stays. Raises `FppError` of the kind that names the exit code.
    """
    subject = prepare(parameters, book or load_book(parameters.book), options, out)
    for text in subject.edition.warnings:
        warnings.warn(text, FppWarning, stacklevel=2)
    # a bad part or notebook is refused before anything is started
    notebooks = [Notebook.read(path) for path in _chosen(options, subject.context)]
    with publishing.claimed(out, name, wait=options.wait) as place:
        key = hashlib.sha256(os.fsencode(place.path)).hexdigest()[:10]
        with private_folder(f"fpp-{key}-") as private, Parent.start(private) as parent:
            pages = _pages(subject, notebooks, private, options, watcher, parent)
        with publishing.staged(place) as stage:
            for file, data in rendered(pages, subject.context, paper=options.paper).items():
                stage.write(file, data)
            allowed = (*options.allow_list, *subject.edition.allowed)
            refuse_leaks(stage.folder, subject.edition.secrets, allowed=allowed)
            facts = _facts(name, subject, notebooks, options)
            watcher.ready(place, len(stage.hashes))
            path = stage.publish(facts)
        with publishing.explained(private_of(options, out)):
            subject.edition.keep(private_of(options, out))
        return path


def prepare(parameters: Parameters, book: Book, options: Options, out: Path) -> Subject:
    """The book as this pack may show it: with the status asked for, coarsened for outside."""
    if options.status:
        book = replace(book, settings=replace(book.settings, status=options.status))
    if parameters.edition == editions.OUTSIDE:
        edition = editions.outside(
            book,
            private_of(options, out),
            as_of=(_compare_to(parameters, book), parameters.as_of),
            as_known=parameters.as_known or None,
            part=parameters.part,
        )
    else:
        edition = editions.inside(book)
    # what is shown must not depend on the order of the rows, so neither do the inputs' hashes
    shown = replace(edition.book, hashes=fingerprint.of_book(edition.book))
    return Subject(replace(edition, book=shown), parameters)


def private_of(options: Options, out: Path) -> Path:
    """The folder of what must be kept and may not be shown."""
    return options.private or out / ".private"


def name_of(parameters: Parameters, name: str) -> str:
    """The pack's name: the quarter or date, and what makes it another pack of the same day.

    >>> name_of(Parameters(part="region=Europe", edition="outside"), "FY2010Q2")
    'FY2010Q2-region-Europe-outside'
    """
    parts = [name]
    if parameters.part:
        text = parameters.part
        plain = "".join(ch if ch.isascii() and ch.isalnum() else "-" for ch in text).strip("-")
        mark = f"-{hashlib.sha256(text.encode()).hexdigest()[:6]}"
        parts.append(plain[:60] + ("" if plain.replace("-", "=", 1) == text else mark))
    if parameters.as_known:
        parts.append(f"as-known-{parameters.as_known}")
    if parameters.edition != "inside":
        parts.append(parameters.edition)
    return "-".join(parts)


def notebooks_folder() -> Path:
    """The project's notebooks, beside the package or inside its wheel."""
    package = Path(str(resources.files("fpp_analysis")))
    for root in (package / "_shipped" / "notebooks", package.parent / "notebooks"):
        if root.is_dir():
            return root
    raise InputError("the project's notebooks are missing from this installation")


def _chosen(options: Options, context: Context) -> list[Path]:
    """The notebooks to run, in the pack's order. Raises `UsageError` for an unknown name."""
    folder = options.folder or notebooks_folder()
    if options.folder and options.notebooks:
        order: Sequence[str] = options.notebooks
    else:
        order = ORDER
    names = [name.removesuffix(".ipynb") for name in options.notebooks]
    book, kept_in = context.book, INSIDE_ONLY if context.edition == editions.OUTSIDE else ()
    for name in names:
        if name not in order:
            raise UsageError(f"no notebook {name!r}{instead(name, order, alike=0.4)}")
        if name in kept_in:
            raise UsageError(f"{name}: is of the inside edition only")
        needed = NEEDS.get(name)
        if needed and not len(getattr(book, needed)):
            raise UsageError(f"{name}: the book has no {needed}, so there is nothing to show")
    wanted = [
        name
        for name in order
        if name not in kept_in
        and (
            name in names if names else not (name in NEEDS and not len(getattr(book, NEEDS[name])))
        )
    ]
    return [folder / f"{name}.ipynb" for name in wanted]


def _pages(
    subject: Subject,
    notebooks: Sequence[Notebook],
    private: Path,
    options: Options,
    watcher: Watcher,
    parent: Parent | None,
) -> list[Page]:
    """What the notebooks showed of the book's snapshot, in the pack's order."""
    snapshot = private / "book"
    subject.book.save_snapshot(snapshot)
    if parent:
        parent.load(snapshot)
    stamp = stamp_as_dict(subject.context.stamp)
    asked = {**subject.parameters.as_dict(), "book": str(snapshot)}
    asked["compare_to"] = subject.context.compare_to
    pages: dict[str, Page] = {}

    def done(notebook: Notebook, nb: Any) -> None:
        nb.metadata[STAMP] = stamp
        pages[notebook.name] = read_page(nb, notebook.name)
        watcher.finished(notebook)

    watcher.started(notebooks)
    running.run(
        notebooks,
        asked,
        folder=private,
        jobs=options.jobs or processors(),
        limits=options.limits,
        done=done,
        tick=watcher.cell,
        parent=parent,
    )
    return [pages[notebook.name] for notebook in notebooks]


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def rendered(pages: Sequence[Page], context: Context, *, paper: str) -> dict[str, bytes]:
    """Every file of a pack by its path, but for the manifest."""
    title = title_of(context)
    with ThreadPoolExecutor(processors()) as pool:  # typst compiles without holding the others
        drawn = {page.name: pool.submit(pdf.render, [page], paper=paper) for page in pages}
        if len(pages) > 1:
            drawn[PACK] = pool.submit(pdf.render, pages, paper=paper, title=title)
        made: dict[str, bytes] = {"index.html": _index(pages, context, title).encode()}
        if len(pages) > 1:
            made[f"{PACK}.html"] = html.render(pages, title=title).encode()
        for page in pages:
            made[f"{page.name}.html"] = html.render([page], home=True).encode()
            made |= files.data_files(page)
        made["workbook.xlsx"] = workbook.render(pages, title=title)
        made[FIGURES] = files.figures_csv(union_of_evidence(pages))
        return made | {f"{name}.pdf": one.result() for name, one in drawn.items()}


def title_of(context: Context) -> str:
    """The pack's title: the programme and the date."""
    return f"{context.settings.programme_name}, {day_in_words(context.as_of)}"


def _index(pages: Sequence[Page], context: Context, title: str) -> str:
    """The way into a pack: its reports, and the files beside them."""
    entries = [
        (page.title, (f"{page.name}.html", "HTML"), (f"{page.name}.pdf", "PDF")) for page in pages
    ]
    if len(pages) > 1:
        entries.insert(0, ("All reports in one file", ("pack.html", "HTML"), ("pack.pdf", "PDF")))
    beside = [
        ("Workbook: every table with its checks", ("workbook.xlsx", "Excel")),
        ("Figures: every number of the texts with the command that gives it",
         (FIGURES, "CSV")),
        ("Manifest: parameters, versions and the hash of each file",
         (publishing.MANIFEST, "JSON")),
    ]  # fmt: skip
    body = _list("Reports", "reports", entries) + _list("Data", "data", beside)
    if any(page.of("table", "figure") for page in pages):
        body += (
            "<p>Each table shown is a CSV file in <code>tables/</code>; each chart is in "
            "<code>charts/</code> as CSV, SVG and PNG.</p>"
        )
    return html.render([], title=title, body=body, stamp=context.stamp)


def _list(title: str, anchor: str, entries: Sequence[tuple[Any, ...]]) -> str:
    rows = "".join(
        f'<li><span class="name">{escape(what)}</span>'
        + "".join(
            f' <a href="{escape(path, quote=True)}">{kind}'
            f'<span class="unseen"> of {escape(what)}</span></a>'
            for path, kind in links
        )
        + "</li>"
        for what, *links in entries
    )
    return f'<h2 id="{anchor}">{title}</h2><ul class="pack-list">{rows}</ul>'


def _facts(
    name: str, subject: Subject, notebooks: Sequence[Notebook], options: Options
) -> dict[str, Any]:
    """What the manifest says besides the files: nothing of the machine, the user or the hour."""
    asked = subject.parameters.as_dict()
    del asked["book"]
    asked["compare_to"] = subject.context.compare_to
    return {
        "manifest": 1,
        "pack": name,
        "book": subject.context.settings.name,
        "stamp": stamp_words(subject.context.stamp),
        "parameters": asked,
        "paper": options.paper,
        "status": subject.context.settings.status,
        "inputs": dict(subject.book.hashes),
        "notebooks": {n.name: fingerprint.of_file(n.path) for n in notebooks},
        "versions": {
            "python": ".".join(map(str, sys.version_info[:3])),
            "fpp_analysis": metadata.version("fpp_analysis"),
            "code": fingerprint.of_package(),
            **{library: metadata.version(library) for library in _LIBRARIES},
        },
    }
