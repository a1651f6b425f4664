"""The tests notice changes of the code: at least nine mutants of ten are killed.

docs/mutation.md explains the survivors.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys

import pytest

from fpp_analysis.forecast.projecting import SERIES
from tests import measured
from tests.mutation import PAGE, ROOT, mutants, row

WANTED = 0.9
MODULES = ("fiscal", "schedule", "exact", "kernels")


@pytest.mark.soak
@pytest.mark.usefixtures("cold")
@pytest.mark.parametrize("module", MODULES)
def test_nine_mutants_of_ten_are_killed(module: str) -> None:
    """In a process of its own: in this one the module may be imported already."""
    write = ["--write"] * bool(os.environ.get(measured.WRITE))
    command = [sys.executable, "-m", "tests.mutation", module, *write]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    scores = re.search(r"(\d+) of (\d+) mutants killed", done.stdout)
    assert scores, done.stderr
    killed, total = map(int, scores.groups())
    assert killed >= WANTED * total > 0, done.stderr


def test_a_mutant_is_one_change_and_texts_of_errors_are_left() -> None:
    source = (
        '"""Doc."""\nfrom x import y\nA = Literal["a"]\n\ndef f(a: "int") -> "int":\n'
        '    """Doc."""\n    if a < 1:\n        raise E("b")\n    return np.minimum(a, -2)\n'
    )
    found = [(m.before, m.after) for m in mutants(source)]
    assert found == [
        ("a < 1", "a <= 1"),
        ("1", "2"),
        ("return np.minimum(a, -2)", "return None"),
        ("np.minimum(a, -2)", "np.maximum(a, -2)"),
        ("-2", "2"),
        ("2", "3"),
    ]
    assert all(ast.unparse(m.tree) for m in mutants(source))


@pytest.mark.parametrize("module", MODULES)
def test_the_page_states_a_score_that_holds_and_takes_a_new_one(module: str) -> None:
    page = (measured.DOCS / PAGE).read_text(encoding="utf-8")
    (line,) = [line for line in page.splitlines() if line.startswith(f"| `{module}` |")]
    _, _, total, killed, score, when, _ = (cell.strip() for cell in line.split("|"))
    assert int(killed) >= WANTED * int(total) > 0
    assert (f"`{module}`", int(total), int(killed), score) == row(
        module, int(total), int(total) - int(killed)
    )
    assert re.match(r"\d{4}-\d\d-\d\d, Python 3\.\d+", when)
    changed = measured.with_row(page, *row(module, 10, 1))
    assert f"| `{module}` | 10 | 9 | 90.0% | " in changed
    assert changed.count("\n") == page.count("\n")


@pytest.mark.parametrize("series", SERIES)
def test_the_page_of_forecasts_takes_what_the_long_proof_measures(series: str) -> None:
    page = (measured.DOCS / "forecast.md").read_text(encoding="utf-8")
    changed = measured.with_row(page, f"`{series}`", "9", "80%", 1, "0.50 to 0.60")
    assert f"| `{series}` | 9 | 80% | 1 | 0.50 to 0.60 | " in changed
    assert changed.count("\n") == page.count("\n")
