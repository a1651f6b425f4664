"""A pack: the book read once, its notebooks run, every view of what they showed, published."""

from __future__ import annotations

import hashlib
import sys
import time
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

from fpp_analysis import limited
from fpp_analysis.arrays import processors
from fpp_analysis.book import Book
from fpp_analysis.claims.grading import of_day
from fpp_analysis.context import Context, Stamp
from fpp_analysis.errors import OutputError, TimeLimitError
from fpp_analysis.loading import load_book, shipped
from fpp_analysis.report import (
    branding,
    files,
    fingerprint,
    leaks,
    publishing,
    rendering,
    running,
    shelf,
    stopping,
)  # fmt: skip
from fpp_analysis.report.asked import Asked, Options, said_of
from fpp_analysis.report.kernel import Parent, private_folder
from fpp_analysis.report.parameters import Parameters
from fpp_analysis.report.payloads import STAMP, Page, read_page, stamp_words
from fpp_analysis.report.running import Means, Notebook
from fpp_analysis.report.standing import Standing

LONGEST = ("45-", "40-", "00-", "70-", "80-")
"""How notebooks begin that take longest, in order: first, so that none is alone at the end."""

T = TypeVar("T")
Files = dict[str, bytes]
"""Files of a pack by their path in it."""
Work = tuple[Any, ...]
"""A function that makes files, and what it takes."""

_LIBRARIES = (
    "matplotlib", "nbconvert", "numpy", "pandas", "papermill", "python-pptx", "typst", "xlsxwriter",
)  # fmt: skip


class Watcher:
    """What a caller may want to see of a run."""

    def started(self, notebooks: Sequence[Notebook]) -> None:
        """The notebooks are about to run."""

    def cell(self) -> None:
        """A code cell has run; called from several threads."""

    def finished(self, notebook: Notebook) -> None:
        """A notebook has run to its end."""

    def ready(self, place: publishing.Place, files: int, digest: str) -> None:
        """The last word before the pack moves into place: who cannot be told gets nothing."""


UNWATCHED = Watcher()


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
    found: Callable[[list[leaks.Find]], None] = leaks.refuse_leaks
    sent: bool = False


def make(asked: Asked, *, watcher: Watcher = UNWATCHED, book: Book | None = None) -> Path:
    """Make and publish one pack of the inside edition; returns its path.

    The book is read here, once, unless it is handed in. Whatever fails, nothing is published
    and the earlier pack stays. Raises `FppError` of the kind that names the exit code.
    """
    job = job_of(asked, book or load_book(asked.parameters.book))
    del book  # from its snapshot on the notebooks have the memory
    return publish(job, out=asked.out, options=asked.options, watcher=watcher)


def job_of(asked: Asked, book: Book, *, prepared: bool = False) -> Job:
    """What is to be done for one pack of the inside edition, checked before it is started.

    `prepared`: the book is what a snapshot holds that the parameters name already.
    """
    parameters, options = asked.parameters, asked.options
    whole = book if prepared else prepare(book, options)
    context = context_of(whole, parameters)
    folder, own = options.folder or notebooks_folder(), options.folder is not None
    # a page that is named is made of any date; a whole pack goes without those that stay empty
    of = whole if options.notebooks else of_day(context.book, parameters.as_of)
    chosen = shelf.chosen(folder, options.notebooks, of, given=own)
    # a bad part or notebook is refused before anything is started
    notebooks = [Notebook.read(path) for path in chosen]

    def given(private: Path) -> dict[str, str]:
        nonlocal book, whole, of, context
        asked = parameters.as_dict() | {"compare_to": context.compare_to}
        if not prepared:
            asked["book"] = str(private / "book")
            whole.save_snapshot(private / "book")
        del book, whole, of, context
        limited.give_back()
        return asked

    facts = {
        "pack": replace(asked, book="").name,  # the same book elsewhere gives the same bytes
        "book": context.settings.name,
        "parameters": said_of(parameters, context.compare_to, context.edition),
        "inputs": dict(whole.hashes),
    }
    secrets = leaks.places_of_machine(whole.source)
    return Job(asked.name, notebooks, given, context.stamp, facts, secrets)


def publish(job: Job, *, out: Path, options: Options, watcher: Watcher = UNWATCHED) -> Path:
    """Run a job's notebooks, render what they showed and move it into place, or nothing."""
    branding.logo_of(job.stamp)  # what cannot be drawn is refused before anything is started
    claimed = publishing.claimed(out, job.name, wait=options.wait)
    with claimed as place, publishing.staged(place) as stage:
        with private_folder(place.path) as private, Parent.start(private) as parent:
            press = Press(stage, leaks.Wanted(job.secrets, options.allow_list), options, parent)
            asked = job.given(private)
            if parent and "book" in asked:
                view = {name: asked[name] for name in ("as_of", "as_known", "part")}
                parent.load(Path(asked["book"]), **view)
            facts = facts_of(job, options)  # while it is read there
            press.run(job, asked, private, watcher)
        made = press.made
        before = None if options.notebooks and not job.sent else Standing.at(place.path)
        stale = before is not None and before.superseded(facts, made)
        if job.sent:
            made[f"{job.name}.zip"] = files.together(made)
        late = {name: data for name, data in made.items() if name not in stage.hashes}
        press.keep(late, leaks.scan(late, press.wanted))
        job.found(sorted(press.finds, key=lambda find: (find.file, find.layer, find.text)))
        digest = hashlib.sha256(stage.manifest(facts)).hexdigest()
        stopping.heard()
        watcher.ready(place, len(stage.hashes), digest)
        return stage.publish(facts, keep=stale)


@dataclass
class Press:
    """Makes the files of a pack in processes of their own, and writes them."""

    stage: publishing.Stage
    wanted: leaks.Wanted
    options: Options
    parent: Parent | None
    made: Files = field(default_factory=dict)
    finds: set[leaks.Find] = field(default_factory=set)
    began: float = field(default_factory=time.monotonic)

    @property
    def jobs(self) -> int:
        """How many pieces are made at once."""
        return self.options.jobs or processors()

    def run(self, job: Job, asked: Mapping[str, str], folder: Path, watcher: Watcher) -> None:
        """Run the notebooks; beside them make the files of each page, then those of all pages."""
        stamp, names = asdict(job.stamp), [notebook.name for notebook in job.notebooks]
        pages: dict[str, Page] = {}
        ready: list[Page] = []
        share = -(-len(names) // (2 * self.jobs - 1))  # each process opens fonts again

        def done(notebook: Notebook, nb: Any) -> None:
            nb.metadata[STAMP] = stamp
            page = pages[notebook.name] = read_page(nb, notebook.name)
            ready.extend([page] if page.speaks else [])
            watcher.finished(notebook)

        def beside() -> Iterator[Callable[[], None] | None]:
            while ready or len(pages) < len(names):
                taken: list[Page] = []
                if len(ready) >= share or len(pages) == len(names):
                    taken, ready[:share] = ready[:share], []
                yield self._of_each(taken) if taken else None
            yield from self._of_all([pages[name] for name in names], asked)

        watcher.started(job.notebooks)
        means = Means(folder, self.options.limits, self.jobs, self.parent, watcher.cell)
        late = sorted(job.notebooks, key=_late)
        running.run(late, asked, means, done=done, beside=beside())

    def _of_each(self, pages: Sequence[Page]) -> Callable[[], None]:
        return self._piece([(rendering.of_page, page, self.options.paper) for page in pages])

    def _of_all(
        self, pages: Sequence[Page], asked: Mapping[str, str]
    ) -> Iterator[Callable[[], None] | None]:
        spoken = rendering.speaking(pages)
        if not any(page.speaks for page in pages):
            yield self._of_each(pages)
        self.keep({}, leaks.scan({}, self.wanted, drawn=files.drawn(spoken)))
        paper: list[Work] = [(rendering.on_paper, pages, self.options.paper)]
        rest: list[Work] = [(rendering.as_tables, pages, asked), (rendering.rendered, pages)]
        if self.jobs > 1:
            yield self._piece(paper)
            yield self._piece(rest)
            paper, rest = [], []
        while not all(f"{page.name}.pdf" in self.made for page in spoken):
            yield None
        made = self.made.copy()  # others write to it
        pictures = {name: data for name, data in made.items() if name.endswith(".png")}
        yield self._piece([*paper, *rest, (rendering.as_slides, pages, pictures)])

    def _piece(self, work: Sequence[Work]) -> Callable[[], None]:
        """Files, each a function and what it takes, to be made and searched in a process."""

        def make() -> None:
            made, found, said = self.within(leaks.made_and_scanned, self.wanted, work)
            for warning in said:
                warnings.warn(warning, stacklevel=2)
            self.keep(made, found)

        return make

    def keep(self, made: Files, found: Collection[leaks.Find]) -> None:
        """Write files, and remember them and what was found in them."""
        self.made |= made
        self.finds.update(found)
        for file, data in made.items():
            self.stage.write(file, data)

    def within(self, function: Callable[..., T], *arguments: Any) -> T:
        """What a function makes in a process of its own, within what is left of the limits."""
        most = self.options.limits
        left = max(self.began + most.pack - time.monotonic(), 0)
        start = self.parent.work if self.parent else limited.spawned
        try:
            bounds = limited.Limits(most.memory, None, left)
            return limited.run(function, *arguments, limits=bounds, start=start)
        except limited.BrokenLimitError as broken:
            at = "it was at its pages, slides and workbook"
            if broken.late:
                say = f"the pack took longer than its limit of {most.pack} s; {at}"
                raise TimeLimitError(f"{say} (raise it with --pack-limit)") from None
            say = "the process that renders was killed, as happens where memory runs out"
            raise OutputError(f"the pack: {say}; {at} (see --memory-limit)") from None


def _late(one: Notebook) -> list[bool]:
    """How far a notebook's begin can wait: what takes longest comes first."""
    return [not one.name.startswith(begin) for begin in LONGEST]


def context_of(book: Book, p: Parameters) -> Context:
    """What notebooks will know of a book: dates, part and stamp, checked before one is started."""
    return Context.of(
        book, as_of=p.as_of, compare_to=p.compare_to, as_known=p.as_known, part=p.part
    )


def prepare(book: Book, options: Options) -> Book:
    """The book as a pack shows it: with the status asked for, and with its hashes.

    What is shown must not depend on the order of the rows, so neither do the hashes.
    """
    book = with_status(book, options)
    return replace(book, hashes=fingerprint.of_book(book))


def with_status(book: Book, options: Options) -> Book:
    """The book with the status that was asked for."""
    if not options.status:
        return book
    return replace(book, settings=replace(book.settings, status=options.status))


def notebooks_folder() -> Path:
    """The project's notebooks, beside the package or inside its wheel."""
    return shipped("notebooks")


def facts_of(job: Job, options: Options) -> dict[str, Any]:
    """What the manifest says besides the files: nothing of the machine, the user or the hour."""
    return {
        "manifest": 1,
        "stamp": stamp_words(job.stamp),
        **job.facts,
        "paper": options.paper,
        "status": job.stamp.status,
        "notebooks": {n.name: fingerprint.of_file(n.path) for n in job.notebooks},
        "versions": versions(),
    }


@cache
def versions() -> dict[str, str]:
    """What a pack is made with, which stays as it is while a process lives."""
    return {
        "python": ".".join(map(str, sys.version_info[:3])),
        "fpp_analysis": metadata.version("fpp_analysis"),
        "code": fingerprint.of_package(),
        **{library: metadata.version(library) for library in _LIBRARIES},
    }
