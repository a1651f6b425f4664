"""One pack for each value of a column: a process each, a state that a rerun resumes from.

    reports/b-FY2010Q2-by-region/index.html            which packs there are, which failed and why
    reports/b-FY2010Q2-by-region/state.json            the same for the next run
    reports/b-FY2010Q2-by-region/b-FY2010Q2-region-Europe/    a pack like any other

The book is read once. A bad row fails the part that it belongs to and no other; a run that
fails or is killed leaves the other packs and its own earlier one as they were. A rerun makes
only what failed, or whose rows, parameters, code or versions changed.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from fpp_analysis import limited
from fpp_analysis.arrays import processors
from fpp_analysis.aside import Limits, SetAside
from fpp_analysis.book import Book
from fpp_analysis.context import Stamp
from fpp_analysis.errors import DataError, FppError
from fpp_analysis.fiscal import FOREVER
from fpp_analysis.loading import hold, load_book
from fpp_analysis.measures.groups import NONE, contract_groups
from fpp_analysis.report import markdown, pack, publishing, standing, stopping
from fpp_analysis.report.asked import Asked
from fpp_analysis.report.kernel import Parent, private_folder
from fpp_analysis.report.leaks import places_of_machine
from fpp_analysis.report.running import Notebook
from fpp_analysis.schema import TABLES

STATE = "state.json"
PUBLISHED, UNCHANGED, FAILED = "published", "unchanged", "failed"
_UNLIMITED = Limits(rows=1 << 40)
_UNBOUNDED = limited.Limits(None, None, None)  # a pack has limits of its own
_OF_PARTS = (f"{__name__}:ready", "fpp_analysis.report.slides", "fpp_analysis.report.workbook")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one part ended; `key` stands for all that its pack was made from."""

    part: str
    status: str
    key: str = ""
    pack: str = ""
    exit_code: int = 0
    message: str = ""


@dataclass
class Source:
    """The owner of a book, and what was found wrong with the rows of each part of it."""

    book: Book
    faults: Mapping[str, list[str]] = field(default_factory=dict)

    def taken(self) -> Book:
        """The book, for its last user: nobody else holds it any more."""
        book: Book = vars(self).pop("book")
        return book


def read(path: str, columns: Sequence[str]) -> Source:
    """The book without its bad rows, and these rows' faults by part.

    Raises `DataError` where a fault always stops, or a bad row belongs to no part that can
    be named.
    """
    with TemporaryDirectory() as folder:
        rejects = Path(folder) / "rejects.jsonl"
        book = load_book(path, bad_rows=_UNLIMITED, rejects=rejects)
        if not book.set_aside:
            return Source(book)
        records = [json.loads(line) for line in rejects.read_text(encoding="utf-8").splitlines()]
    faults: dict[str, list[str]] = {}
    lost = []
    for record in records:
        said = f"{record['place']}: {'; '.join(record['reasons'])}"
        parts = _parts_of(record["table"], record["values"], records, book, columns)
        if not parts:
            lost.append(said)
        for part in parts:
            faults.setdefault(part, []).append(said)
    if lost:
        raise DataError(
            "\n".join(lost)
            + f"\nthese rows belong to no part of {', '.join(columns)}; nothing was published"
        )
    return Source(replace(book, set_aside=SetAside()), faults)


def _parts_of(
    table: str,
    values: Mapping[str, Any],
    records: Sequence[Mapping[str, Any]],
    book: Book,
    columns: Sequence[str],
) -> list[str]:
    """The parts that a bad row belongs to: by its own value, else those of the row it refers to.

    An invoice refers to its contract and a payment to its invoice, kept or bad as well.
    """
    own = [f"{c}={NONE if values[c] in ('', None) else values[c]}" for c in columns if c in values]
    f = next((f for f in TABLES[table].fields if f.refers), None)
    if own or f is None or f.refers == table:
        return own
    rows = book.contract_columns if f.refers == "contracts" else getattr(book, f.refers)
    key, named = TABLES[f.refers].key[-1], values.get(f.name)
    kept = rows[rows[key] == named].head(1).astype(object)
    others: list[Any] = kept.where(kept.notna(), None).to_dict("records")
    others += [bad["values"] for bad in records
               if bad["table"] == f.refers and bad["values"].get(key) == named]  # fmt: skip
    return _parts_of(f.refers, others[0], records, book, columns) if others else []


def parts(book: Book, split_by: Sequence[str]) -> list[str]:
    """The parts asked for, as `column=value`: every value of a column, or those named.

    Raises `UsageError` for an unknown column.
    """
    found: list[str] = []
    for text in split_by:
        column, named, value = text.partition("=")
        groups = contract_groups(book, column, FOREVER)
        values = [value] if named else [str(v) for v in groups.labels[column]]
        found += [f"{column}={v}" for v in values]
    return list(dict.fromkeys(found))


def key_of(book: Book, part: str, asked: Asked, means: Mapping[str, Any] | None = None) -> str:
    """A hash of all that a part's pack is made from; `means` are known where they are alike."""
    own = asked.of_part(part)
    return standing.key_of(pack.context_of(book, own.parameters).book, own, means)


def run(source: Source, asked: Asked, *, say: Callable[[str], None]) -> list[Outcome]:
    """Make every part's pack that is not there as it would be made now.

    `say` is told of each part as it ends. Returns the outcomes in the order of the parts, and
    leaves them in `state.json` and `index.html`.
    """
    root = asked.out / asked.together
    with publishing.claimed(root, "batch"), private_folder(root.absolute()) as private:
        book = pack.with_status(source.book, asked.options)
        context = pack.context_of(book, asked.parameters)
        wanted = dict.fromkeys([*parts(context.book, asked.split_by), *source.faults])
        earlier = {o.part: o for o in _state(root / STATE)}
        outcomes: dict[str, Outcome] = {}
        todo: dict[str, str] = {}
        means = standing.made_with(asked)
        for part in wanted:
            if part in source.faults:
                outcomes[part] = _refused(part, source.faults[part])
                say(f"{part}: {FAILED}: {outcomes[part].message}")
                continue
            key = key_of(book, part, asked, means)
            before = earlier.get(part)
            if before and before.key == key and (root / before.pack / publishing.MANIFEST).exists():
                outcomes[part] = replace(before, status=UNCHANGED)
                say(f"{part}: {UNCHANGED}")
            else:
                todo[part] = key

        def ended(part: str, outcome: Outcome) -> None:
            outcomes[part] = outcome
            say(f"{part}: {outcome.status}" + (f": {outcome.message}" * bool(outcome.message)))
            _keep(root, [outcomes[s] for s in wanted if s in outcomes])

        _make(todo, asked, source.book, private, ended)
        done = [outcomes[part] for part in wanted]
        _keep(root, done)
        page = _page(done, context.stamp, asked.together)
        publishing.replace_whole(root / "index.html", page)
    return done


def exit_code(outcomes: Iterable[Outcome]) -> int:
    """0 where every part has its pack, else the failures' code (73 where they differ)."""
    codes = {o.exit_code for o in outcomes if o.status == FAILED}
    return 0 if not codes else codes.pop() if len(codes) == 1 else 73


def _make(
    todo: Mapping[str, str],
    asked: Asked,
    book: Book,
    private: Path,
    ended: Callable[[str, Outcome], None],
) -> None:
    """Make each part's pack in a process of its own, several at once; says of each as it ends.

    They are forked from one that has read the book, and have their kernels from it too.
    """
    running: set[Any] = set()
    snapshot = str(private / "book")
    parameters = replace(asked.parameters, book=snapshot)
    secrets = places_of_machine(book.source)

    def one(part: str, key: str) -> Outcome:
        own = replace(asked, parameters=parameters).of_part(part)

        def start(asked: IO[bytes], answer: IO[bytes]) -> Any:
            child = parent.work(asked, answer) if parent else limited.spawned(asked, answer)
            running.add(child)
            return child

        try:
            limited.run(make_part, own, secrets, limits=_UNBOUNDED, start=start)
        except (FppError, limited.BrokenLimitError, RuntimeError) as problem:
            return _failed(part, problem)
        return Outcome(part, PUBLISHED, key, own.name)

    def stop() -> None:
        for child in tuple(running):
            with suppress(OSError):
                child.send_signal(signal.SIGTERM)

    with Parent.start(private) as parent:
        pack.prepare(book, asked.options).save_snapshot(Path(snapshot))
        if parent:
            parent.load(Path(snapshot), *_OF_PARTS)
        work = [(part, partial(one, part, key)) for part, key in todo.items()]
        stopping.several(asked.options.jobs or processors(), work, ended, end=stop)


def ready() -> None:
    """Make once what every part makes first: templates, versions, readers of its files."""
    from fpp_analysis.report import html

    html.templates()
    pack.versions()
    Notebook.read(min(pack.notebooks_folder().glob("*.ipynb")))
    markdown.blocks("# Backlog")


def make_part(asked: Asked, secrets: Mapping[str, str]) -> None:
    """Make the pack of one part of a snapshot, in a process that is there for it."""
    signal.signal(signal.SIGTERM, stopping.end)
    job = pack.job_of(asked, hold(asked.parameters.book), prepared=True)
    pack.publish(replace(job, secrets=secrets), out=asked.out, options=asked.options)


def _refused(part: str, faults: Sequence[str]) -> Outcome:
    more = f" (and {len(faults) - 1:,} more)" if len(faults) > 1 else ""
    return Outcome(part, FAILED, exit_code=65, message=faults[0] + more)


def _failed(part: str, problem: Exception) -> Outcome:
    if isinstance(problem, FppError):
        code, said = problem.exit_code, str(problem).splitlines()[0]
    elif isinstance(problem, limited.BrokenLimitError):
        how = signal.Signals(-problem.code).name if problem.code and problem.code < 0 else "itself"
        code, said = 73, f"its process was ended by {how}"
    else:
        code, said = 70, str(problem).strip().splitlines()[-1]
    return Outcome(part, FAILED, exit_code=code, message=said)


def _state(path: Path) -> list[Outcome]:
    """What the last run left; nothing where it cannot be read: then everything is made again."""
    try:
        return [Outcome(**record) for record in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def _keep(root: Path, outcomes: Sequence[Outcome]) -> None:
    text = json.dumps([asdict(o) for o in outcomes], ensure_ascii=False, indent=1) + "\n"
    publishing.replace_whole(root / STATE, text)


def _page(outcomes: Sequence[Outcome], stamp: Stamp, title: str) -> str:
    """The way into the packs: what there is, what failed and why."""
    from fpp_analysis.report import html

    return html.render([], title=title, stamp=stamp, template="parts.html.j2", outcomes=outcomes)
