"""Random figures for drafts: any size, falling and rising, tiny, zero and undefined."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pandas as pd

from fpp_analysis.drafts.writer import Facts
from fpp_analysis.metrics import Figure

SCOPES = ("C200 and C1000 Series", "C65")


def random_facts(seed: int) -> Facts:
    """A set of figures that hang together as those of a book do."""
    rng = Random(seed)
    opening, closing = _money(rng), _money(rng)
    if rng.random() < 0.1:
        closing = opening
    rpo = Fraction(rng.randrange(int(closing * 100) + 1), 100)
    following = Fraction(rng.randrange(int(rpo * 100) + 1), 100)
    terms = sorted(rng.choices((12, 36, 60, 84, 90, 108, 180), k=rng.randint(1, 9)))
    values: dict[tuple[str, str, bool], Fraction | None] = {
        ("backlog", "", False): closing,
        ("backlog", "", True): opening,
        ("growth", "", False): closing / opening - 1 if opening else None,
        ("period_months", "", False): rng.choice([Fraction(6), None]),
        ("units_under_contract", "", False): Fraction(rng.choice([0, 1, 7, 538, 12_345])),
        ("contracts_signed", "", False): Fraction(rng.choice([0, 1, 2, 61])),
        ("signed_value", "", False): _money(rng),
        ("units_under_contract", "", True): Fraction(rng.choice([0, 3, 600, 12_345])),
        ("cancellable", "", False): rng.choice([None, closing - rpo]),
        ("new", "", False): _money(rng),
        ("renewed", "", False): rng.choice([None, _money(rng), Fraction(0)]),
        ("terminated", "", False): rng.choice([-_money(rng), Fraction(0)]),
        ("removed", "", False): rng.choice([-_money(rng), Fraction(0)]),
        ("rpo", "", False): rpo,
        ("rpo_next_12_months", "", False): following,
        ("rpo_after_12_months", "", False): rpo - following,
        ("next_12_month_revenue", "", False): _money(rng),
        ("next_12_month_billings", "", False): _money(rng),
        ("term_min", "", False): Fraction(terms[0], 12),
        ("term_max", "", False): Fraction(terms[-1], 12),
        ("share_quarterly_in_advance", "", False): Fraction(rng.randint(0, 20), 20),
    }
    for scope in SCOPES:
        for opening in (False, True):
            fleet = rng.randint(0, 400)
            values["coverage_rate", scope, opening] = (
                Fraction(rng.randint(0, fleet), fleet) if fleet else None
            )
    none = pd.DataFrame()
    figures = {ask: Figure(value, none, "rows", "") for ask, value in values.items()}
    each = tuple(Fraction(months, 12) for months in terms)
    figures["contract_term", "", False] = Figure(None, none, "contracts", "", each)
    return Facts(
        programme="Factory Protection Plan (FPP)",
        currency=rng.choice(["USD", "EUR", "DKK"]),
        as_of="2009-11-30",
        compare_to="2009-05-31",
        figures=figures,
        scopes=SCOPES,
        safe_harbour=rng.choice(["", "This draft holds forward-looking statements."]),
        british=rng.random() < 0.5,
    )


def _money(rng: Random) -> Fraction:
    """Cents of any size, often near an edge of rounding."""
    size = 10 ** rng.randint(0, 12)
    near = rng.choice([0, 1, -1, size // 2, size // 20])
    return Fraction(max(rng.randint(0, 40) * size // 2 + near + rng.randint(0, size) // 3, 0), 100)
