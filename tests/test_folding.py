"""Names folded in whole columns are the names folded one by one."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from fpp_analysis.nearest import folded, looks
from fpp_analysis.schema.keys import _formed

NAMES = st.text(
    st.sampled_from("aAb  _-.\t\n\x0b\x1f\x00\x7f\x85\u00a0é\u0410\u200bß\u0301\ufdd0"), max_size=8
)


def formed(names, form):
    return _formed(pa.array(names, pa.large_string()), form).to_pylist()


@given(st.lists(NAMES, min_size=1))
def test_a_column_of_names_is_folded_as_each_of_them(names):
    assert formed(names, looks) == [looks(n) for n in names]


@given(st.lists(st.text("aB c\t", max_size=6), min_size=1))
def test_so_are_names_of_plain_letters(names):
    assert formed(names, looks) == [looks(n) for n in names]


@given(st.lists(NAMES.map(str.strip), min_size=1))
def test_identifiers_without_outer_spaces_are_folded_as_each_of_them(names):
    assert formed(names, folded) == [folded(n) for n in names]
