"""Names folded in whole columns are the names folded one by one."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from fpp_analysis.nearest import looks
from fpp_analysis.schema.keys import _loosely

NAMES = st.text(st.sampled_from("aAb  _-.\t\n\x0b\x1f\x00\x7f\x85\u00a0é\u0410\u200bß"), max_size=8)


@given(st.lists(NAMES, min_size=1))
def test_a_column_of_names_is_folded_as_each_of_them(names):
    assert _loosely(pa.array(names, pa.large_string())).to_pylist() == [looks(n) for n in names]


@given(st.lists(st.text("aB c\t", max_size=6), min_size=1))
def test_so_are_names_of_plain_letters(names):
    assert _loosely(pa.array(names, pa.large_string())).to_pylist() == [looks(n) for n in names]
