"""How a draft words a statement: without its sign, with a noun, as a headline has it."""

from __future__ import annotations

import re
from dataclasses import replace

from fpp_analysis import intervals
from fpp_analysis.claims.model import Statement
from fpp_analysis.claims.wordings import phrase
from fpp_analysis.drafts.writer import Facts
from fpp_analysis.fiscal import to_date, to_day
from fpp_analysis.numbers import day_in_words

Words = tuple["str | Statement", ...]


def told(*parts: str | Statement | None) -> Words:
    """The words; none of them where a statement among them could not be made."""
    made = tuple(part for part in parts if part is not None)
    return made if len(made) == len(parts) else ()


def unsigned(said: Statement) -> Statement:
    """A movement off the book as a text prints it: without its sign."""
    if not said.figures[0].startswith("-"):
        return said
    # the fall of the smaller size first
    figures = [figure.removeprefix("-") for figure in reversed(said.figures)]
    turned = {"over": "less than"}.get(said.qualifier, said.qualifier)
    return replace(said, text=phrase(turned, figures, said.unit))


def counted(said: Statement, noun: str) -> Statement:
    """A count with what the trade calls its machines."""
    return replace(said, text=phrase(said.qualifier, said.figures, noun))


def recognised(known: Facts) -> str:
    """The word in the spelling of the book."""
    return "recognised" if known.british else "recognized"


def shortened(growth: Statement) -> Statement:
    """A growth rate as a headline has it: without `approximately`, which a headline implies."""
    (figure,) = growth.figures
    sharp = intervals.of("exact", figure) == intervals.of(growth.qualifier, figure)
    words = "exact" if sharp else growth.qualifier
    return replace(growth, text=phrase(words, [figure.removeprefix("-")], growth.unit))


def change(growth: Statement) -> Words:
    """`growth of …`, `a decrease of …` without its sign, or a range that has both signs."""
    falls = [figure.startswith("-") for figure in growth.figures]
    if any(falls) and not all(falls):
        return "a change of ", growth
    if not any(falls):
        return "growth of ", growth
    return "a decrease of ", unsigned(growth)


def titled(statement: Statement) -> Statement:
    """A statement's words with capitals, for a headline."""
    text = " ".join(word[:1].upper() + word[1:] for word in statement.text.split(" "))
    return replace(statement, text=text)


OF_CONTRACTS = re.compile(r"\b(?:contract|agreement)s?\Z", re.IGNORECASE)


def contracts(programme: str) -> str:
    """The contracts of a programme, whose name may say already that it is of such."""
    return programme if OF_CONTRACTS.search(programme) else f"{programme} contracts"


def short_name(programme: str) -> str:
    """A programme as it is called for short: what its name has in brackets."""
    inside = programme.partition("(")[2].rstrip(" )")
    return inside or programme


def day(known: Facts, text: str) -> str:
    """A date as the country of the book writes it."""
    if known.british:
        return day_in_words(text)
    day = to_date(to_day(text))
    return f"{day:%B} {day.day}, {day.year}"


def close(known: Facts, text: str) -> str:
    """What follows `as` before a date: American texts have *as of*, British ones *as at*."""
    return f"{'at' if known.british else 'of'} {day(known, text)}"
