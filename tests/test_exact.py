"""Shares of cents against exact fractions, at every size and at half a cent."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fpp_analysis.exact import share, weight, weighted_share
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
