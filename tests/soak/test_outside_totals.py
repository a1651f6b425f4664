"""Outside figures beside the inside ones, on hundreds of random books."""

from __future__ import annotations

from pathlib import Path

import pytest

import fpp_analysis as fpp
from fpp_analysis.errors import DataError, UsageError
from fpp_analysis.outside.known import POLICY
from tests.random_books import write_book
from tests.test_outside import ANYBODY, equal_to_the_inside, of

pytestmark = pytest.mark.soak
BOOKS = 500


@pytest.mark.filterwarnings("ignore::fpp_analysis.errors.FppWarning")
def test_totals_are_the_inside_ones(tmp_path: Path) -> None:
    compared = 0
    for seed in range(1000, 1000 + BOOKS):
        book = fpp.load_book(write_book(tmp_path / str(seed), seed))
        for policy in (ANYBODY, POLICY):
            try:
                released = of(book, "2010-06-30", "2009-12-31", policy=policy)
            except (DataError, UsageError):
                continue
            compared += equal_to_the_inside(book, released, "2010-06-30", "2009-12-31")
    assert compared > 4 * BOOKS / 2
