"""First touch: the package costs what is asked of it, and its face stays what it is."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"matplotlib", "papermill", "nbconvert", "IPython", "openpyxl", "duckdb", "typst"}


def loaded_by(code: str) -> set[str]:
    """The modules, by their first name, of a fresh interpreter that has run the code."""
    script = f"{code}\nimport sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    return set(ran.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "code",
    [
        "import fpp_analysis",
        "from fpp_analysis.cli import cli; cli.main(['--help'], standalone_mode=False)",
    ],
)
def test_what_computes_nothing_imports_nothing_that_computes(code):
    assert not loaded_by(code) & (HEAVY | {"numpy", "pandas", "pyarrow"})


def test_a_measure_of_the_sample_imports_no_more_than_numpy_and_pandas():
    code = "import fpp_analysis as fpp; fpp.backlog(fpp.load_book('sample'), as_of='2009-11-30')"
    assert not loaded_by(code) & HEAVY


@pytest.mark.parametrize("first", ["import fpp_analysis.metrics", "fpp.metrics"])
def test_a_public_function_stays_where_a_room_has_its_name(first):
    code = (
        "import fpp_analysis as fpp\n"
        f"{first}\n"
        "from fpp_analysis.metrics import METRICS\n"
        "from fpp_analysis import metrics\n"
        "assert metrics is fpp.metrics and callable(metrics) and len(METRICS)\n"
        "assert set(fpp.__all__) <= set(dir(fpp))\n"
        "assert not hasattr(fpp, 'no_such_name')"
    )
    assert "fpp_analysis" in loaded_by(code)
