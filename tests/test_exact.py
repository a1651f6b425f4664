"""Shares of cents against exact fractions, at every size and at half a cent."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fpp_analysis.exact import FLOAT_UNITS, MOST_UNITS, minor_units, share, weight, weighted_share
from tests.reference import rounded

quick = settings(max_examples=300, deadline=None, derandomize=True)
amounts = st.integers(min_value=-(10**18), max_value=10**18)
days = st.integers(min_value=1, max_value=20_000)
escalators = st.integers(min_value=1, max_value=2000)


@quick
@given(amount=amounts, whole=days, data=st.data())
def test_a_share_is_rounded_half_away_from_zero(
    amount: int, whole: int, data: st.DataObject
) -> None:
    part = data.draw(st.integers(min_value=0, max_value=whole))
    assert int(share(amount, part, whole)) == rounded(Fraction(amount * part, whole))


def test_halves_and_edges() -> None:
    assert share([1, -1, 3, -3], 1, 2).tolist() == [1, -1, 2, -2]
    assert share(7, [0, 7], 7).tolist() == [0, 7]
    assert share(7, 0, 0).tolist() == 0
    largest = 2**63 - 1
    assert int(share(largest, 5478, 5479)) == rounded(Fraction(largest * 5478, 5479))


@quick
@given(months=st.integers(min_value=0, max_value=400), escalator=st.integers(0, 2000))
def test_the_weight_of_the_months_so_far(months: int, escalator: int) -> None:
    growth = 1 + Fraction(escalator, 10_000)
    assert weight(months, escalator) == sum((growth ** (m // 12) for m in range(months)), 0)


@quick
@given(
    amount=st.integers(min_value=-(10**14), max_value=10**14),
    escalator=escalators,
    months=st.integers(min_value=13, max_value=360),
    data=st.data(),
)
def test_an_weighted_share_is_exact(
    amount: int, escalator: int, months: int, data: st.DataObject
) -> None:
    part = data.draw(st.integers(min_value=0, max_value=months))
    expected = amount * weight(part, escalator) / weight(months, escalator)
    arrays = [np.array([x]) for x in (amount, escalator, months, part)]
    assert weighted_share(*arrays).tolist() == [rounded(expected)]


def test_weighted_shares_that_fall_on_half_a_cent() -> None:
    """g = 0: half of an odd amount; a rate of 20% over two years, 12 of 26.4: 5 / 11."""
    for amount in (11, 33, -11, 110):
        for part in (12, 24):
            expected = Fraction(amount) * weight(part, 2000) / weight(24, 2000)
            arrays = [np.array([x]) for x in (amount, 2000, 24, part)]
            assert weighted_share(*arrays).tolist() == [rounded(expected)]
    # amounts with many exact halves: 6 months of a first year are 1/4.4 of two years at 20%
    amounts_ = np.arange(1, 400)
    ones = np.ones_like(amounts_)
    for part in (1, 3, 6, 11, 13, 18):
        found = weighted_share(amounts_, 2000 * ones, 24 * ones, part * ones)
        scale = weight(part, 2000) / weight(24, 2000)
        assert found.tolist() == [rounded(int(a) * scale) for a in amounts_]


@quick
@given(
    rows=st.lists(
        st.tuples(
            st.integers(min_value=-(10**14), max_value=10**14),
            st.sampled_from([0, 0, 1, 300, 2000]),
            st.sampled_from([1, 28, 30, 31]),
            st.integers(min_value=1, max_value=360),
            st.integers(min_value=0, max_value=100),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_a_column_of_weighted_shares_with_and_without_escalator_and_in_parts_of_a_month(
    rows: list[tuple[int, int, int, int, int]],
) -> None:
    amount, escalator, per, months, hundredths = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    whole = months * per + per // 2
    part = whole * hundredths // 100
    found = weighted_share(amount, escalator, whole, part, per)
    expected = []
    columns = (c.tolist() for c in (amount, escalator, whole, part, per))
    for v, g, n, p, d in zip(*columns, strict=True):
        scale = weight(Fraction(p, d), g) / weight(Fraction(n, d), g)
        expected.append(rounded(v * scale))
    assert found.tolist() == expected


@quick
@given(
    units=st.integers(min_value=-(10**15) + 1, max_value=10**15 - 1),
    per=st.sampled_from([1, 100, 1000]),
)
def test_what_is_written_with_fifteen_digits_is_read_to_the_minor_unit(
    units: int, per: int
) -> None:
    assert minor_units(pd.Series([units / per, None]), per).tolist() == [units, 0]


@pytest.mark.parametrize(
    ("text", "per", "units"),
    [  # a product of floats is one off in each
        ("90000000000000.06", 100, 9_000_000_000_000_006),
        ("-90071992547409.9", 100, -9_007_199_254_740_990),
        ("4503599627370.497", 1000, 4_503_599_627_370_497),
        (str(FLOAT_UNITS), 1, FLOAT_UNITS),
    ],
)
def test_beyond_that_as_far_as_a_float_gives_the_text_back(text: str, per: int, units: int) -> None:
    assert repr(float(text)) in (text, text + ".0")
    assert minor_units(pd.Series([float(text)]), per).tolist() == [units]


def test_an_amount_beyond_every_lawful_one_stays_in_its_integer() -> None:
    found = minor_units(pd.Series([1e30, -1e30, 2.0**62]), [100, 100, 1])
    assert found.tolist() == [MOST_UNITS, -MOST_UNITS, MOST_UNITS]
    assert np.iinfo(np.int64).max == 2 * MOST_UNITS - 1
