"""One run of `fpp report`: what was asked, what is said meanwhile, how it ends."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import logging
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fpp_analysis.aside import Limits as BadRows
from fpp_analysis.book import Book
from fpp_analysis.errors import EXIT_CODES, FppError, UsageError, WriteError
from fpp_analysis.loading import from_snapshot, load_book
from fpp_analysis.report import batch, editions, fact_sheets, pack, publishing
from fpp_analysis.report.asked import Asked, Options, private_of
from fpp_analysis.report.fingerprint import of_file
from fpp_analysis.report.parameters import Parameters, dates_of
from fpp_analysis.report.running import Notebook

_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")


@dataclass(frozen=True)
class Request:
    """What `fpp report` was asked, as it was asked; see its help for each."""

    book: str
    as_of: str = ""
    compare_to: str = ""
    quarter: str = ""
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
        return Asked(parameters, label, self.out, self.options, self.edition, self.split_by)


def run_report(request: Request) -> int:
    """Make the pack that is asked for, or one a part; say so on standard output.

    With `--quarter latest` a pack that is there already is left alone, visibly. Returns the
    exit code: 3 where rows were set aside, another one where some parts have no pack.
    """
    outside = request.edition == editions.OUTSIDE
    if outside:  # before anything is said or noted of it
        fact_sheets.check(Asked(Parameters(part=request.part), "", request.out, request.options,
                                request.edition, request.split_by))  # fmt: skip
    facts = {"as_of": request.as_of or request.quarter, "edition": request.edition}
    with _signals(), _logged(request.log, outside=outside, part=request.part, **facts) as note:
        progress = Progress(note)
        progress.check()
        columns = list(dict.fromkeys(text.partition("=")[0] for text in request.split_by))
        source = batch.read(request.book, columns) if columns and not outside else None
        rejects = private_of(request.options, request.out) / "rejects.jsonl"
        loaded = (
            source.book
            if source
            else load_book(request.book, bad_rows=request.bad_rows, rejects=rejects)
        )
        asked = request.settled(loaded)
        loaded.require_reached(asked.parameters.as_of, "report")
        if source:
            return _split(source, asked, progress)
        name = asked.together if asked.split_by else asked.name
        note("asked", pack=name, **{k: v for k, v in asked.parameters.as_dict().items()
                                    if k != "book"})  # fmt: skip
        done = request.out / name
        if request.quarter == "latest" and _is_there(done, asked):
            progress.say(f"{done}: is there already; nothing to do")
            note("nothing to do")
            return 0
        if outside:
            fact_sheets.make(asked, loaded, watcher=progress.watcher, say=progress.last)
            note("published", pack=name)
        else:
            path = pack.make(asked, watcher=progress.watcher, book=loaded)
            progress.close()
            note("published", pack=name, manifest=of_file(path / publishing.MANIFEST))
        if loaded.set_aside:
            progress.say(f"{loaded.set_aside.sentence} The rows and reasons are in {rejects}")
            return 3
        return 0


def _is_there(path: Path, asked: Asked) -> bool:
    return (path / (f"{path.name}.zip" if asked.split_by else publishing.MANIFEST)).is_file()


def _split(source: batch.Source, asked: Asked, progress: Progress) -> int:
    """A pack for each part; the note of each goes into the log."""
    if asked.parameters.part:
        raise UsageError("give either --part or --split-by")

    def say(text: str) -> None:
        progress.say(text)
        progress.note("part", text=text)

    outcomes = batch.run(source, asked, say=say)
    failed = sum(outcome.status == batch.FAILED for outcome in outcomes)
    progress.say(f"{len(outcomes) - failed} of {len(outcomes)} parts have their pack")
    return batch.exit_code(outcomes)


def run_part(file: Path) -> int:
    """Make the pack of one part, as a process of its own; returns the exit code."""
    try:
        with _signals():
            asked = Asked.from_json(file.read_text(encoding="utf-8"))
            pack.make(asked, book=from_snapshot(Path(asked.parameters.book)))
    except FppError as problem:
        sys.stderr.write(f"error: {problem}\n")
        return problem.exit_code
    return 0


@dataclass
class Progress:
    """A bar on a terminal; elsewhere one line a report on standard output."""

    note: Any
    _bar: Any = None
    _began: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def watcher(self) -> pack.Watcher:
        """What the making of the pack calls."""
        return pack.Watcher(self.started, self.cell, self.finished, self.ready)

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

    def ready(self, place: publishing.Place, files: int) -> None:
        """The last word before the pack moves into place: who cannot be told gets nothing."""
        self.close()
        seconds = time.monotonic() - self._began
        self.say(f"{place.path}: {files} files after {seconds:.1f} s")

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
    """SIGTERM and SIGHUP end a run as an interrupt does: kernels ended, nothing left."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # of loops whose kernel was ended
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _: Any) -> None:
        signal.signal(number, signal.SIG_IGN)
        raise SystemExit(128 + number)

    caught = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {number: signal.signal(number, end) for number in caught}
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


@contextlib.contextmanager
def _logged(path: Path | None, *, outside: bool, **facts: Any) -> Iterator[Any]:
    """The run in a log of JSON lines; yields the function that adds one. No log, no lines.

    Of an outside edition the log has the kind of a failure alone, not what it says.
    """
    if path is None:
        yield lambda *_, **__: None
        return
    run = f"{time.time_ns():x}-{os.getpid():x}"
    with publishing.explained(path):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | publishing.CLOSED, 0o600)

    def note(event: str, **more: Any) -> None:
        now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "run": run, "event": event, **more}, ensure_ascii=False)
        with publishing.explained(path):
            os.write(handle, (_CREDENTIALS.sub("***@", line) + "\n").encode())

    try:
        note("started", **facts)
        yield note
        note("ended", exit=0)
    except FppError as problem:
        said = type(problem).__name__ if outside else str(problem)
        note("ended", exit=problem.exit_code, error=said)
        raise
    except BaseException as problem:
        code = problem.code if isinstance(problem, SystemExit) else 70
        note("ended", exit=130 if isinstance(problem, KeyboardInterrupt) else code,
             error=type(problem).__name__)  # fmt: skip
        raise
    finally:
        os.close(handle)


if __name__ == "__main__":
    sys.exit(run_part(Path(sys.argv[1])))
