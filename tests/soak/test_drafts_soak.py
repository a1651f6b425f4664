"""Ten thousand drafts of random figures, each of them supported and tied back number by number."""

from __future__ import annotations

import pytest

from fpp_analysis.drafts import text as drafts
from tests.random_facts import random_facts
from tests.tied_drafts import known_of, not_green

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("block", range(100))
def test_a_draft_of_random_figures_is_always_supported(block):
    for seed in range(1_000 + 100 * block, 1_100 + 100 * block):
        known = random_facts(seed)
        made = drafts.compose(known)
        assert {one.grade for one in drafts.grades(made, known)} <= {"supported"}, seed
        assert not not_green(made, known_of(known), known), seed
