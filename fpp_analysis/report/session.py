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
from fpp_analysis.errors import EXIT_CODES, FppError, UsageError, WriteError
from fpp_analysis.loading import load_book
from fpp_analysis.report import batch, pack, publishing
from fpp_analysis.report.parameters import Parameters, dates_of
from fpp_analysis.report.running import Limits, Notebook

HANDED_ON = (
    "notebook",
    "notebooks",
    "paper",
    "status",
    "wait",
    "cell_limit",
    "notebook_limit",
    "pack_limit",
    "memory_limit",
    "allow_list",
    "private",
)
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")


def run_report(
    *,
    book: str,
    as_of: str,
    compare_to: str,
    quarter: str,
    as_known: str,
    part: str,
    edition: str,
    out: Path,
    log: Path | None,
    split_by: tuple[str, ...] = (),
    bad_rows: BadRows | None = None,
    **how: Any,
) -> int:
    """Make the pack that the options ask for, or one a part; say so on standard output.

    With `--quarter latest` a pack that is there already is left alone, visibly. Returns the
    exit code: 3 where rows were set aside, another one where some parts have no pack.
    """
    options = _options(how)
    with _signals(), _logged(log, as_of=as_of or quarter, edition=edition, part=part) as note:
        progress = Progress(note)
        progress.check()
        source = batch.read(book, batch.columns_of(split_by)) if split_by else None
        rejects = pack.private_of(options, out) / "rejects.jsonl"
        loaded = source.book if source else load_book(book, bad_rows=bad_rows, rejects=rejects)
        cut_off = loaded.settings.data_cut_off
        label, as_of, compare_to = dates_of(
            as_of=as_of,
            compare_to=compare_to,
            quarter=quarter,
            calendar=loaded.calendar,
            cut_off=cut_off.isoformat() if cut_off else "",
        )
        loaded.require_reached(as_of, "report")
        parameters = Parameters(book, as_of, compare_to, as_known, part, edition)
        if source:
            return _split(source, parameters, split_by, out, label, how, progress)
        name = pack.name_of(parameters, label)
        note("asked", pack=name, **{k: v for k, v in parameters.as_dict().items() if k != "book"})
        if quarter == "latest" and (out / name / publishing.MANIFEST).is_file():
            progress.say(f"{out / name}: is there already; nothing to do")
            note("nothing to do")
            return 0
        path = pack.make(
            parameters, out=out, name=name, options=options, watcher=progress.watcher, book=loaded
        )
        progress.close()
        note("published", pack=name, manifest=_hash(path))
        if loaded.set_aside:
            progress.say(f"{loaded.set_aside.sentence} The rows and reasons are in {rejects}")
            return 3
        return 0


def _split(
    source: batch.Source,
    parameters: Parameters,
    split_by: tuple[str, ...],
    out: Path,
    label: str,
    how: dict[str, Any],
    progress: Progress,
) -> int:
    """A pack for each part; the note of each goes into the log."""
    if parameters.part:
        raise UsageError("give either --part or --split-by")

    def say(text: str) -> None:
        progress.say(text)
        progress.note("part", text=text)

    outcomes = batch.run(
        source,
        parameters,
        split_by,
        out=out,
        label=label,
        options=_handed_on(how),
        jobs=how["jobs"] or pack.processors(),
        say=say,
    )
    failed = sum(outcome.status == batch.FAILED for outcome in outcomes)
    progress.say(f"{len(outcomes) - failed} of {len(outcomes)} parts have their pack")
    return batch.exit_code(outcomes)


def _handed_on(how: dict[str, Any]) -> dict[str, str]:
    """The options that each part's process is given too, as text; several values by NUL."""
    handed = {}
    for name in HANDED_ON:
        value = how[name]
        if value in (None, (), ""):
            continue
        parts = value if isinstance(value, tuple) else (value,)
        handed[f"--{name.replace('_', '-')}"] = "\0".join(str(one) for one in parts)
    return handed


def _options(how: dict[str, Any]) -> pack.Options:
    memory = how["memory_limit"]
    allowed: tuple[str, ...] = ()
    if how["allow_list"]:
        lines = how["allow_list"].read_text(encoding="utf-8").splitlines()
        allowed = tuple(line.strip() for line in lines if line.strip() and line[0] != "#")
    return pack.Options(
        notebooks=tuple(how["notebook"]),
        folder=how["notebooks"],
        paper=how["paper"],
        status=how["status"] or "",
        jobs=how["jobs"] or 0,
        limits=Limits(
            how["cell_limit"],
            how["notebook_limit"],
            how["pack_limit"],
            memory * 1_000_000 if memory else None,
        ),
        wait=how["wait"],
        allow_list=allowed,
        private=how["private"],
    )


def _hash(path: Path) -> str:
    from fpp_analysis.report.fingerprint import of_file

    return of_file(path / publishing.MANIFEST)


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
def _logged(path: Path | None, **facts: Any) -> Iterator[Any]:
    """The run in a log of JSON lines; yields the function that adds one. No log, no lines."""
    if path is None:
        yield lambda *_, **__: None
        return
    run = f"{time.time_ns():x}-{os.getpid():x}"
    with publishing.explained(path):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

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
        note("ended", exit=problem.exit_code, error=str(problem))
        raise
    except BaseException as problem:
        code = problem.code if isinstance(problem, SystemExit) else 70
        note("ended", exit=130 if isinstance(problem, KeyboardInterrupt) else code,
             error=type(problem).__name__)  # fmt: skip
        raise
    finally:
        os.close(handle)
