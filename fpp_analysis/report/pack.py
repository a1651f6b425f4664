"""A pack: the book read once, its notebooks run, every view of what they showed, published."""

from __future__ import annotations

import hashlib
import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from fpp_analysis import fonts
from fpp_analysis.book import Book
from fpp_analysis.context import Context, Stamp
from fpp_analysis.errors import FppWarning, InputError, UsageError
from fpp_analysis.fiscal import iso, to_day
from fpp_analysis.loading import load_book
from fpp_analysis.nearest import instead
from fpp_analysis.numbers import day_in_words
from fpp_analysis.parts import Part
from fpp_analysis.report import (
    files,
    fingerprint,
    front,
    html,
    pdf,
    publishing,
    running,
    workbook,
)
from fpp_analysis.report.asked import Asked, Options, said_of
from fpp_analysis.report.kernel import Parent, private_folder
from fpp_analysis.report.leaks import Find, places_of_machine, refuse_leaks, scan
from fpp_analysis.report.parameters import Parameters
from fpp_analysis.report.payloads import (
    STAMP,
    Page,
    read_page,
    stamp_as_dict,
    stamp_words,
    union_of_evidence,
)
from fpp_analysis.report.running import Notebook

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

NEEDS = {
    "10-backlog-growth": "contracts",
    "20-coverage-rate": "contract_units",
    "30-cash-flow": "contracts",
    "40-contract-book": "contracts",
    "45-outlook": "contracts",
    "50-fleet": "fleet",
    "60-public-record": "disclosures",
    "80-claims": "statements",
}
"""Notebooks that a book without this table, or without statements, goes without."""

PACK = "pack"
FIGURES = "figures.csv"
_LIBRARIES = ("matplotlib", "nbconvert", "numpy", "pandas", "papermill", "typst", "xlsxwriter")


@dataclass(frozen=True, slots=True)
class Watcher:
    """What a caller may want to see of a run; `cell` is called from several threads."""

    started: Callable[[Sequence[Notebook]], None] = lambda _: None
    cell: Callable[[], None] = lambda: None
    finished: Callable[[Notebook], None] = lambda _: None
    ready: Callable[[publishing.Place, int], None] = lambda _, __: None


@dataclass(frozen=True)
class Subject:
    """The book of a pack, and what the parameters make of it."""

    book: Book
    parameters: Parameters

    @cached_property
    def context(self) -> Context:
        """The dates, the part and the stamp, checked before a kernel is started."""
        p, book = self.parameters, self.book
        if p.as_known:
            book = book.as_known(p.as_known)
        if p.part:
            one = Part.of(p.part)
            book = book.part(one.column, one.value, day=p.as_of)
        before = p.compare_to or iso(book.calendar.prior_end(to_day(p.as_of)))
        return Context(book, p.as_of, before, part=p.part)


@dataclass(frozen=True)
class Job:
    """One pack to be made: what its notebooks are given, what it says of itself and may not say.

    Attributes
    ----------
    name : the pack's
    notebooks : what is run, in order
    given : puts what the notebooks read into a private folder; returns their parameters
    stamp : what stands on every page
    facts : what the manifest says besides the files
    secrets : what must not be found in any file
    found : called with what was found all the same, before anything is published
    sent : whether the files that people read are also put into one to send
    """

    name: str
    notebooks: Sequence[Notebook]
    given: Callable[[Path], Mapping[str, str]]
    stamp: Stamp
    facts: Mapping[str, Any]
    secrets: Mapping[str, str]
    found: Callable[[list[Find]], None] = refuse_leaks
    sent: bool = False


def make(asked: Asked, *, watcher: Watcher = Watcher(), book: Book | None = None) -> Path:
    """Make and publish one pack of the inside edition; returns its path.

    The book is read here, once, unless it is handed in. Whatever fails, nothing is published
    and the earlier pack stays. Raises `FppError` of the kind that names the exit code.
    """
    parameters, options = asked.parameters, asked.options
    subject = prepare(parameters, book or load_book(parameters.book), options)
    context = subject.context
    # a bad part or notebook is refused before anything is started
    notebooks = [Notebook.read(path) for path in _chosen(options, context.book)]

    def given(private: Path) -> dict[str, str]:
        subject.book.save_snapshot(private / "book")
        asked = {**parameters.as_dict(), "book": str(private / "book")}
        return asked | {"compare_to": context.compare_to}

    facts = {
        "book": context.settings.name,
        "parameters": said_of(parameters, context.compare_to, context.edition),
        "inputs": dict(subject.book.hashes),
    }
    secrets = places_of_machine(subject.book.source)
    job = Job(asked.name, notebooks, given, context.stamp, facts, secrets)
    return publish(job, out=asked.out, options=options, watcher=watcher)


def publish(job: Job, *, out: Path, options: Options, watcher: Watcher = Watcher()) -> Path:
    """Run a job's notebooks, render what they showed and move it into place, or nothing."""
    with publishing.claimed(out, job.name, wait=options.wait) as place:
        key = hashlib.sha256(os.fsencode(place.path)).hexdigest()[:10]
        with private_folder(f"fpp-{key}-") as private, Parent.start(private) as parent:
            pages = _pages(job, private, options, watcher, parent)
        with publishing.staged(place) as stage:
            made = rendered(pages, job.stamp, paper=options.paper)
            if job.sent:
                made |= {f"{job.name}.zip": files.together(made)}
            for file, data in made.items():
                stage.write(file, data)
            drawn = {name: text for page in pages for name, text in files.drawn(page).items()}
            job.found(scan(stage.folder, job.secrets, allowed=options.allow_list, drawn=drawn))
            watcher.ready(place, len(stage.hashes))
            return stage.publish(_facts(job, options))


def prepare(parameters: Parameters, book: Book, options: Options) -> Subject:
    """The book as a pack shows it: with the status asked for, and with its hashes.

    What is shown must not depend on the order of the rows, so neither do the hashes.
    """
    book = with_status(book, options)
    return Subject(replace(book, hashes=fingerprint.of_book(book)), parameters)


def with_status(book: Book, options: Options) -> Book:
    """The book with the status that was asked for."""
    if not options.status:
        return book
    return replace(book, settings=replace(book.settings, status=options.status))


def notebooks_folder() -> Path:
    """The project's notebooks, beside the package or inside its wheel."""
    package = Path(str(resources.files("fpp_analysis")))
    for root in (package / "_shipped" / "notebooks", package.parent / "notebooks"):
        if root.is_dir():
            return root
    raise InputError("the project's notebooks are missing from this installation")


def _chosen(options: Options, book: Book) -> list[Path]:
    """The notebooks to run, in the pack's order. Raises `UsageError` for an unknown name."""
    folder = options.folder or notebooks_folder()
    if options.folder and options.notebooks:
        order: Sequence[str] = options.notebooks
    else:
        order = ORDER
    names = [name.removesuffix(".ipynb") for name in options.notebooks]
    for name in names:
        if name not in order:
            raise UsageError(f"no notebook {name!r}{instead(name, order, alike=0.4)}")
        needed = NEEDS.get(name)
        if needed and not len(getattr(book, needed)):
            raise UsageError(f"{name}: the book has no {needed}, so there is nothing to show")
    wanted = [
        name
        for name in order
        if (name in names if names else not (name in NEEDS and not len(getattr(book, NEEDS[name]))))
    ]
    return [folder / f"{name}.ipynb" for name in wanted]


def _pages(
    job: Job, private: Path, options: Options, watcher: Watcher, parent: Parent | None
) -> list[Page]:
    """What the notebooks showed of what they were given, in the pack's order."""
    stamp = stamp_as_dict(job.stamp)
    asked = job.given(private)
    if parent and "book" in asked:
        parent.load(Path(asked["book"]))
    pages: dict[str, Page] = {}

    def done(notebook: Notebook, nb: Any) -> None:
        nb.metadata[STAMP] = stamp
        pages[notebook.name] = read_page(nb, notebook.name)
        watcher.finished(notebook)

    watcher.started(job.notebooks)
    running.run(
        job.notebooks,
        asked,
        folder=private,
        jobs=options.jobs or processors(),
        limits=options.limits,
        done=done,
        tick=watcher.cell,
        parent=parent,
    )
    return [pages[notebook.name] for notebook in job.notebooks]


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def rendered(pages: Sequence[Page], stamp: Stamp, *, paper: str) -> dict[str, bytes]:
    """Every file of a pack by its path, but for the manifest."""
    title = f"{stamp.programme[:1].upper()}{stamp.programme[1:]}, {day_in_words(stamp.as_of)}"
    unknown = fonts.missing("".join(str(page.blocks) for page in pages))
    if unknown:
        names = ", ".join(f"{ch} (U+{ord(ch):04X})" for ch in unknown[:10])
        warnings.warn(f"no font here has: {names}; paper shows boxes", FppWarning, stacklevel=2)
    spoken = [page for page in pages if page.speaks] or list(pages)
    silent = [page for page in pages if page not in spoken]
    pages, around = spoken, html.neighbours(spoken)
    with ThreadPoolExecutor(processors()) as pool:  # typst compiles without holding the others
        drawn = {page.name: pool.submit(pdf.render, [page], paper=paper) for page in pages}
        if len(pages) > 1:
            drawn[PACK] = pool.submit(pdf.render, pages, paper=paper, title=title)
        index = front.render(pages, silent, title=title, stamp=stamp)
        made: dict[str, bytes] = {"index.html": index.encode()}
        if len(pages) > 1:
            made[f"{PACK}.html"] = html.render(pages, title=title).encode()
        for page in pages:
            made[f"{page.name}.html"] = html.render(
                [page], home=True, around=around[page.name]
            ).encode()
            made |= files.data_files(page)
        made["workbook.xlsx"] = workbook.render(pages, title=title)
        made[FIGURES] = files.figures_csv(union_of_evidence(pages))
        return made | {f"{name}.pdf": one.result() for name, one in drawn.items()}


def _facts(job: Job, options: Options) -> dict[str, Any]:
    """What the manifest says besides the files: nothing of the machine, the user or the hour."""
    return {
        "manifest": 1,
        "pack": job.name,
        "stamp": stamp_words(job.stamp),
        **job.facts,
        "paper": options.paper,
        "status": job.stamp.status,
        "notebooks": {n.name: fingerprint.of_file(n.path) for n in job.notebooks},
        "versions": {
            "python": ".".join(map(str, sys.version_info[:3])),
            "fpp_analysis": metadata.version("fpp_analysis"),
            "code": fingerprint.of_package(),
            **{library: metadata.version(library) for library in _LIBRARIES},
        },
    }
