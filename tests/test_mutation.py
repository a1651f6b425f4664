"""The tests notice changes of the code: at least nine mutants of ten are killed.

docs/mutation.md explains the survivors.
"""

from __future__ import annotations

import ast
import os

import pytest

from tests.mutation import mutants, survivors

WANTED = 0.9


@pytest.mark.soak
@pytest.mark.parametrize("module", ["fiscal", "schedule", "exact", "kernels"])
def test_nine_mutants_of_ten_are_killed(module: str) -> None:
    total, alive = survivors(module, set(), os.cpu_count() or 1)
    assert len(alive) <= (1 - WANTED) * total, alive


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
