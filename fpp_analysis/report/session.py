"""One run of `fpp report`: what was asked, what is said meanwhile, how it ends."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import logging
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from fpp_analysis.aside import Limits as BadRows
from fpp_analysis.book import Book
from fpp_analysis.errors import EXIT_CODES, FppError, NotReachedError, UsageError, WriteError
from fpp_analysis.fiscal import iso, to_day
from fpp_analysis.loading import load_book
from fpp_analysis.report import batch, editions, fact_sheets, pack, publishing, standing, stopping
from fpp_analysis.report.asked import Asked, Options, columns_of, private_of
from fpp_analysis.report.fingerprint import of_file
from fpp_analysis.report.parameters import Parameters, dates_of
from fpp_analysis.report.running import Notebook

LATEST = "latest"


@dataclass(frozen=True)
class Request:
    """What `fpp report` was asked, as it was asked; see its help for each."""

    book: str
    as_of: str = ""
    compare_to: str = ""
    quarter: str = ""
    since: str = ""
    today: str = ""
    as_known: str = ""
    part: str = ""
    edition: str = editions.INSIDE
    out: Path = Path("reports")
    log: Path | None = None
    split_by: tuple[str, ...] = ()
    bad_rows: BadRows | None = None
    options: Options = field(default_factory=Options)

    def settled(self, book: Book) -> Asked:
        """What is to be made of this book: the dates known and everything checked."""
        cut_off = book.settings.data_cut_off
        label, as_of, compare_to = dates_of(
            as_of=self.as_of,
            compare_to=self.compare_to,
            quarter=self.quarter,
            calendar=book.calendar,
            cut_off=cut_off.isoformat() if cut_off else "",
        )
        parameters = Parameters(self.book, as_of, compare_to, self.as_known, self.part)
        begins = standing.beginning(book, self.book, self.out)
        return Asked(parameters, label, self.out, self.options, self.edition, self.split_by, begins)


def run_report(request: Request) -> int:
    """Make the pack that is asked for, or one a part; say so on standard output.

    With `--quarter latest` these are all closed quarters since the first pack, or `--since`, and
    a pack that is current is left alone, visibly. Returns the exit code: 3 where rows were set
    aside, another one where some parts have no pack.
    """
    outside = request.edition == editions.OUTSIDE
    if outside:  # before anything is said or noted of it
        fact_sheets.check(Asked(Parameters(part=request.part), "", request.out, request.options,
                                request.edition, request.split_by))  # fmt: skip
    facts = {"as_of": request.as_of or request.quarter, "edition": request.edition}
    part = request.part.partition("=")[0] if outside else unnamed(request.part)
    hushed = editions.unsaid() if outside else contextlib.nullcontext()
    with _signals(), _logged(request, part=part, **facts) as note, hushed:
        progress = Progress(note)
        progress.check()
        rejects = private_of(request.options, request.out) / "rejects.jsonl"
        if request.split_by and not outside:
            source = batch.read(request.book, columns_of(request.split_by))
        else:
            read = load_book(request.book, bad_rows=request.bad_rows, rejects=rejects)
            source = batch.Source(read)
            del read
        set_aside = source.book.set_aside
        if request.quarter == LATEST:
            code = _every_quarter(request, source, progress)
        else:
            asked = request.settled(source.book)
            if request.quarter and (late := source.book.beyond(asked.parameters.as_of)):
                raise NotReachedError(f"{request.quarter}: {late}; nothing was made")
            source.book.require_reached(asked.parameters.as_of, "report")
            code = _make(asked, source, progress)
        if set_aside and not code:
            progress.say(f"{set_aside.sentence} The rows and reasons are in {rejects}")
            code = 3
        note("ended", exit=code)
        return code


def _every_quarter(request: Request, source: batch.Source, progress: Progress) -> int:
    """Each closed quarter that has no current pack, the oldest first; a failure stops no other.

    Raises the first failure when all were tried, and `NotReachedError` where there is nothing
    to do because the data do not reach the last quarter that has closed.
    """
    book = source.book
    newest = request.settled(book)
    book.require_reached(newest.parameters.as_of, "report")
    problems: list[FppError] = []
    codes, idle = {0}, True
    labels = standing.closed(newest, book, request.since)
    if not labels:
        progress.say(f"{request.since} has not closed; nothing to do")
    for label in labels:
        asked = standing.placed(replace(request, quarter=label).settled(book))
        if not _in_parts(asked) and (name := _current(asked, book, progress)):
            progress.say(f"{asked.out / name}: is there already; nothing to do")
            progress.note("nothing to do", quarter=asked.label)
            continue
        idle = False
        try:
            codes.add(_make(asked, replace(source), progress))
        except FppError as problem:
            problems.append(problem)
            if len(problems) > 1:
                progress.say(f"{asked.label}: {type(problem).__name__}")
    if problems:
        raise problems[0]
    today = to_day(request.today or dt.datetime.now().astimezone().date().isoformat())
    closed = book.calendar.latest_quarter_end(today)
    if idle and (late := book.beyond(iso(closed))):
        label = book.calendar.quarter_label(closed)
        progress.note("late", quarter=label, cut_off=str(book.settings.data_cut_off))
        raise NotReachedError(
            f"nothing to do, because the export is late: {label} has closed, but {late} "
            "(run again when it has come)"
        )
    return max(codes)


def _current(asked: Asked, book: Book, progress: Progress) -> str:
    """The name of the pack that stands there as it would be made now; empty without one.

    A stale one is said, with what has changed since it was made.
    """
    if asked.edition == editions.OUTSIDE:
        name = asked.together if asked.split_by else asked.name
        kept = standing.key_file(asked)
        there = (asked.out / name / f"{name}.zip").is_file()
        same = kept.is_file() and kept.read_text(encoding="ascii") == _key(asked, book)
        changed = [] if same else ["what it was made from"]
    else:
        name = asked.name
        found = standing.Standing.at(asked.out / name)
        there = found is not None
        facts = pack.facts_of(pack.job_of(asked, book), asked.options)
        changed = found.changes(facts) if found else []
    if not there:
        return ""
    if changed:
        progress.say(f"{asked.out / name}: is stale ({'; '.join(changed)}); it is made again")
        progress.note("stale", quarter=asked.label, changed=changed)
    return "" if changed else name


def _key(asked: Asked, book: Book) -> str:
    return standing.key_of(pack.with_status(book, asked.options), asked)


def _in_parts(asked: Asked) -> bool:
    """Whether each part has a pack of its own; the outside edition makes those by itself."""
    return bool(asked.split_by) and asked.edition == editions.INSIDE


def _make(asked: Asked, source: batch.Source, progress: Progress) -> int:
    """One pack, or one a part; returns the exit code."""
    parameters = asked.parameters
    progress.note("asked", quarter=asked.label, as_of=parameters.as_of,
                  compare_to=parameters.compare_to, as_known=parameters.as_known)  # fmt: skip
    if _in_parts(asked):
        return _split(source, asked, progress)
    called = standing.calls(source.book, parameters.book)
    progress.book = partial(standing.claim, asked.book, *called, asked.out)
    if asked.edition == editions.OUTSIDE:
        fact_sheets.make(asked, source.book, watcher=progress, say=progress.last)
        kept = standing.key_file(asked)
        publishing.replace_whole(kept, _key(asked, source.book), mode=0o600)
        progress.note("published", quarter=asked.label)
    else:
        path = pack.make(asked, watcher=progress, book=source.taken())
        progress.close()
        progress.note(
            "published", quarter=asked.label, manifest=of_file(path / publishing.MANIFEST)
        )
    return 0


def unnamed(part: str) -> str:
    """A part as a log may hold it: the value can be somebody's name.

    >>> unnamed("customer=Acme")
    'customer=#37036c'
    """
    column, equals, value = part.partition("=")
    return f"{column}=#{hashlib.sha256(value.encode()).hexdigest()[:6]}" if equals else part


def _split(source: batch.Source, asked: Asked, progress: Progress) -> int:
    """A pack for each part; the note of each goes into the log."""
    if asked.parameters.part:
        raise UsageError("give either --part or --split-by")

    outcomes = batch.run(source, asked, say=progress.say)
    called = standing.calls(source.book, asked.parameters.book)
    standing.claim(asked.book, *called, asked.out)
    for one in outcomes:
        progress.note("part", part=unnamed(one.part), status=one.status, exit=one.exit_code)
    failed = sum(outcome.status == batch.FAILED for outcome in outcomes)
    progress.say(f"{len(outcomes) - failed} of {len(outcomes)} parts have their pack")
    return batch.exit_code(outcomes)


@dataclass
class Progress(pack.Watcher):
    """A bar on a terminal; elsewhere one line a report on standard output."""

    note: Any
    book: Callable[[], None] = lambda: None
    _bar: Any = None
    _began: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self) -> None:
        """A closed standard output is known before any work, not after it."""
        if sys.stdout is None:
            raise WriteError("standard output is closed; nothing was published")

    def say(self, text: str) -> None:
        """A line on standard output, at once. Raises `WriteError` where nobody can read it."""
        try:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
        except OSError as problem:
            sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the exit
            raise WriteError(
                f"standard output: {problem.strerror or problem}; nothing was published"
            ) from None

    def started(self, notebooks: Sequence[Notebook]) -> None:
        """The notebooks are about to run."""
        if sys.stderr is not None and sys.stderr.isatty():
            from tqdm import tqdm

            total = sum(notebook.cells for notebook in notebooks)
            self._bar = tqdm(total=total, unit="cell", leave=False, dynamic_ncols=True)

    def cell(self) -> None:
        """A code cell has run."""
        if self._bar is not None:
            with self._lock:
                self._bar.update()

    def finished(self, notebook: Notebook) -> None:
        """A notebook has run to its end."""
        seconds = time.monotonic() - self._began
        self.note("report", notebook=notebook.name, cells=notebook.cells, seconds=round(seconds, 2))
        if self._bar is None:
            self.say(f"{notebook.name}: {notebook.cells} cells, done after {seconds:.1f} s")

    def ready(self, place: publishing.Place, files: int, digest: str) -> None:
        """The last word before the pack moves into place: who cannot be told gets nothing."""
        self.close()
        self.book()
        seconds = time.monotonic() - self._began
        self.say(f"{place.path}: {files} files after {seconds:.1f} s")
        self.say(f"digest of {place.name}: {digest}")

    def last(self, text: str) -> None:
        """The line that a run ends with."""
        self.close()
        self.say(text)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """Signals end a run in order: kernels ended, nothing left."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # of loops whose kernel was ended
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    caught = [getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")]
    before = {number: signal.signal(number, stopping.end) for number in caught if number}
    try:
        yield
    except SystemExit as stop:
        word = EXIT_CODES.get(stop.code if isinstance(stop.code, int) else 0, "ended by a signal")
        with contextlib.suppress(OSError):
            sys.stderr.write(f"error: {word}; nothing was published\n")
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        stopping.asked.clear()


@contextlib.contextmanager
def _logged(request: Request, **facts: Any) -> Iterator[Any]:
    """The run in a log of JSON lines; yields the function that adds one. No log, no lines.

    What a failure says can hold names and values of the book, so the log has its kind, its code
    and the rules that were broken; the words are for standard error.
    """
    path = request.log
    if path is None:
        yield lambda *_, **__: None
        return
    run = f"{time.time_ns():x}-{os.getpid():x}"
    with publishing.explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | publishing.CLOSED, 0o600)

    def note(event: str, **more: Any) -> None:
        now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "run": run, "event": event, **more})
        with publishing.explained(path):
            os.write(handle, (line + "\n").encode())

    try:
        note("started", **facts)
        yield note
    except FppError as problem:
        faults = Counter(fault.rule for fault in getattr(problem, "faults", ()))
        rules = {"rules": dict(faults)} if faults else {}
        note("ended", exit=problem.exit_code, error=type(problem).__name__, **rules)
        raise
    except BaseException as problem:
        ended = problem.code if isinstance(problem, SystemExit) else 70
        note("ended", exit=130 if isinstance(problem, KeyboardInterrupt) else ended,
             error=type(problem).__name__)  # fmt: skip
        raise
    finally:
        os.close(handle)
