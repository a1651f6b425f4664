"""The limits of a pack hold for what renders it: nothing is published, and nothing is left."""

from __future__ import annotations

import gc
import os
import time
import warnings
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fpp_analysis.errors import FppWarning, OutputError, TimeLimitError
from fpp_analysis.loading import load_book
from fpp_analysis.report import pack, rendering, stopping
from fpp_analysis.report.asked import Asked, Limits, Options
from fpp_analysis.report.kernel import Parent
from fpp_analysis.report.leaks import Wanted
from fpp_analysis.report.pack import Press
from fpp_analysis.report.parameters import Parameters
from tests.books import write
from tests.small_notebooks import write_notebook

ROOT = Path(__file__).resolve().parent.parent


def hang(*_: Any) -> dict[str, bytes]:
    time.sleep(600)
    return {}


def greedy(*_: Any) -> dict[str, bytes]:
    return {"a": bytes(16 << 30)}


def files(*_: Any) -> dict[str, bytes]:
    return {"a.html": b"<p>"}


def warns(*_: Any) -> dict[str, bytes]:
    warnings.warn(FppWarning("no font here has: \u2fa1"), stacklevel=1)
    return {}


def echo(name: str) -> dict[str, bytes]:
    time.sleep(0.05)
    return {name: str(os.getpid()).encode()}


@contextmanager
def alone(_: Path) -> Iterator[None]:
    """As on a system that cannot fork."""
    yield None


def rendered(start: Any, folder: Path, function: Any, *, left: float) -> dict[str, bytes]:
    """What is rendered when the notebooks left so many seconds of a hundred."""
    with start(folder) as parent:
        return press(parent, time.monotonic() - 100 + left).within(function)


def press(parent: Any, began: float) -> Press:
    """What renders for a pack of at most a hundred seconds."""
    options = Options(jobs=2, limits=Limits(pack=100, memory=8 << 30))
    stage: Any = None
    return Press(stage, Wanted({}), options, parent, began=began)


@pytest.fixture(params=[Parent.start, alone])
def start(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # the renderers of these tests are found by it
    return request.param


def test_a_renderer_has_what_the_notebooks_left(tmp_path: Path, start: Any) -> None:
    assert rendered(start, tmp_path, files, left=100) == files()
    with pytest.raises(TimeLimitError, match=r"its limit of 100 s; .*raise it with --pack-limit"):
        rendered(start, tmp_path, hang, left=2)
    with pytest.raises(OutputError, match=r"where memory runs out; .*--memory-limit"):
        rendered(start, tmp_path, greedy, left=100)


def test_what_renders_warns_where_it_was_asked_from(tmp_path: Path, start: Any) -> None:
    with start(tmp_path) as parent:
        pressed = press(parent, time.monotonic())
        with pytest.warns(FppWarning, match="no font here has: \u2fa1"):
            pressed._piece([(warns,)])()


def test_pages_are_rendered_side_by_side_each_in_its_process(tmp_path: Path, start: Any) -> None:
    with start(tmp_path) as parent, ThreadPoolExecutor(3) as pool:
        within = press(parent, time.monotonic()).within
        asked = [pool.submit(within, echo, f"{n}.html") for n in range(3)]
        found = [one.result() for one in asked]
    assert [[*made] for made in found] == [[f"{n}.html"] for n in range(3)]
    assert len({pid for made in found for pid in made.values()}) == 3


def test_where_rendering_fails_the_earlier_pack_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = write(tmp_path / "book", contracts=[{"contract_id": "K-1"}])
    (tmp_path / "n").mkdir()
    write_notebook(tmp_path / "n" / "10-one.ipynb")
    options = Options(notebooks=("10-one",), folder=tmp_path / "n", limits=Limits(memory=8 << 30))
    parameters = Parameters(str(book), "2009-11-30", "2009-09-30")
    asked = Asked(parameters, "2009-11-30", tmp_path / "out", options)
    made = pack.make(asked)
    before = (made / "MANIFEST.json").read_bytes()
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(rendering, "rendered", greedy)
    with pytest.raises(OutputError, match="memory runs out"):
        pack.make(asked)
    assert (made / "MANIFEST.json").read_bytes() == before
    assert not [p for p in (tmp_path / "out").iterdir() if ".stage" in p.name or ".lock" in p.name]


def test_a_page_is_made_beside_the_notebooks_that_still_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that cannot be made ends them; else the long one would run to its limit."""
    book = write(tmp_path / "book", contracts=[{"contract_id": "K-1"}])
    (tmp_path / "n").mkdir()
    said = 'show(kind="callout", id="c", tone="warning", title="T", paragraphs=[["Late."]])'
    write_notebook(tmp_path / "n" / "10-quick.ipynb", said)
    write_notebook(tmp_path / "n" / "20-long.ipynb", "import time", "time.sleep(500)")
    limits = Limits(notebook=400, pack=400, memory=8 << 30)
    options = Options(
        notebooks=("10-quick", "20-long"), folder=tmp_path / "n", limits=limits, jobs=2
    )
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(rendering, "of_page", greedy)
    with pytest.raises(OutputError, match="memory runs out"):
        pack.make(
            Asked(Parameters(str(book), "2009-11-30"), "2009-11-30", tmp_path / "out", options)
        )
    assert not [*(tmp_path / "out").glob("2009*")]


def test_a_book_is_let_go_once_its_snapshot_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "book", contracts=[{"contract_id": "K-1"}])
    asked = Asked(Parameters(str(source), "2009-11-30"), "2009-11-30", tmp_path / "out", Options())
    books = [load_book(source)]
    rows = weakref.ref(books[0].contracts)
    alive = []

    def publish(job: pack.Job, **_: Any) -> Path:
        alive.append(rows() is not None)
        job.given(tmp_path)
        gc.collect()
        alive.append(rows() is not None)
        return tmp_path

    monkeypatch.setattr(pack, "publish", publish)
    pack.make(asked, book=books.pop())
    assert alive == [True, False]


def test_where_one_piece_fails_the_others_are_ended_and_none_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    ended: list[str] = []

    def fails() -> None:
        raise OutputError("no room")

    with Parent.start(tmp_path) as parent:
        pressed = press(parent, time.monotonic())

        def hangs() -> None:
            try:
                pressed.within(hang)
            except OutputError as problem:
                ended.append(str(problem))
                raise

        work = enumerate([hangs, fails, hangs, hangs])
        with pytest.raises(OutputError, match="no room"):
            stopping.several(pressed.jobs, work, lambda *_: None, end=parent.close)
        with pytest.raises(OutputError, match="stopped"):
            pressed.within(echo, "late.html")
    assert len(ended) in (1, 2)  # the second had begun, or was never begun
    assert all("was killed" in said or "stopped" in said for said in ended)
