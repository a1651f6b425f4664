"""The sentences of a draft: headline and paragraphs, numbers standing in them as statements."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from fractions import Fraction

from fpp_analysis.book import Book
from fpp_analysis.claims.grading import Graded, graded_on
from fpp_analysis.claims.model import Statement, Statements
from fpp_analysis.claims.showing import plain as plain_figure
from fpp_analysis.claims.showing import readable
from fpp_analysis.claims.wordings import phrase
from fpp_analysis.drafts.facts import Facts, facts
from fpp_analysis.drafts.writer import Writer
from fpp_analysis.errors import ReconciliationError
from fpp_analysis.fiscal import DateLike, to_date, to_day
from fpp_analysis.metrics import METRICS

MOST_TERMS = (60, 108)
"""Months of the terms that a draft calls most, where more than half of the contracts have them."""

Words = tuple["str | Statement", ...]


@dataclass(frozen=True)
class Draft:
    """A headline and paragraphs; a number in them is its statement, everything else is text.

    `left_out` says which sentences are missing and why.
    """

    headline: Words
    paragraphs: tuple[Words, ...]
    statements: tuple[Statement, ...]
    left_out: tuple[str, ...] = ()


def draft(book: Book, *, as_of: DateLike, compare_to: DateLike) -> Draft:
    """A headline and paragraphs on a book at a date, compared with another.

    Parameters
    ----------
    book : Book
    as_of, compare_to : date-like; the closing and the opening date of what is told

    Raises
    ------
    UsageError where the dates are in the wrong order.

    >>> import fpp_analysis as fpp
    >>> made = draft(fpp.load_book("sample"), as_of="2009-11-30", compare_to="2009-05-31")
    >>> plain(made.headline).split(" Increases ")[0]
    'Factory Protection Plan Service Backlog'
    """
    return compose(facts(book, as_of=as_of, compare_to=compare_to))


def compose(known: Facts) -> Draft:
    """The draft of a set of figures. Every statement in it is supported by them.

    Raises `ReconciliationError` where a statement would not be: a fault of the rules above,
    never of the figures.
    """
    writer = Writer(known)
    headline, first = _backlog(writer)
    paragraphs = [first, _fleet(writer), _signed(writer), _terms(writer)]
    ahead, left_out = _ahead(writer)
    made = Draft(
        headline,
        tuple(words for words in [*paragraphs, *ahead] if words),
        tuple(writer.made),
        left_out,
    )
    for one in grades(made, known):
        if one.grade != "supported":
            raise ReconciliationError(f"draft: {one.statement.id} is {one.grade}")
    return made


def grades(made: Draft, known: Facts) -> tuple[Graded, ...]:
    """The statements of a draft, graded on the figures that it was written from."""
    found = {}
    for one in made.statements:
        opening = one.metric == "backlog" and one.as_of == known.compare_to
        found[one.id] = known.figures[one.metric, one.scope, opening]
    return graded_on(Statements(made.statements), found)


def plain(words: Words) -> str:
    """The words as one text, numbers as they are printed."""
    return "".join(one if isinstance(one, str) else one.text for one in words)


def marked(words: Words) -> str:
    """The words as one text, each number followed by the id of its statement in brackets."""
    return "".join(one if isinstance(one, str) else f"{one.text} [{one.id}]" for one in words)


def as_text(made: Draft, known: Facts, *, synthetic: bool) -> str:
    """The draft for people: numbers with the ids of their statements, and the statements."""
    parts = ["DRAFT, not for publication" + (" (SYNTHETIC)" if synthetic else "")]
    parts += [marked(made.headline), *(marked(words) for words in made.paragraphs)]
    parts += [f"Left out: {reason}" for reason in made.left_out]
    lines = []
    for one in grades(made, known):
        s = one.statement
        exact = readable(one.figure.value, METRICS[s.metric].unit).removesuffix(" count")
        unrounded = f"; unrounded {exact}" if one.figure.value is not None else ""
        lines.append(f"{s.id}: {s.text}; {one.grade}{unrounded}")
    return "\n\n".join([*parts, "Statements\n" + "\n".join(lines)]) + "\n"


def as_json(made: Draft, known: Facts) -> str:
    """The draft for programs: words in order, each number as `shown` with its statement's id."""

    def runs(words: Words) -> list[object]:
        return [w if isinstance(w, str) else {"shown": w.text, "statement": w.id} for w in words]

    body = {
        "headline": runs(made.headline),
        "paragraphs": [runs(words) for words in made.paragraphs],
        "left_out": list(made.left_out),
        "statements": [
            {
                "id": one.statement.id,
                "metric": one.statement.metric,
                "scope": one.statement.scope_words,
                "start": one.statement.start,
                "as_of": one.statement.as_of,
                "text": one.statement.text,
                "grade": one.grade,
                "unrounded": plain_figure(one.figure.value, METRICS[one.statement.metric].unit),
            }
            for one in grades(made, known)
        ],
    }
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def _backlog(writer: Writer) -> tuple[Words, Words]:
    known = writer.facts
    opening = writer.say("backlog", opening=True)
    closing = writer.say("backlog")
    growth = writer.say("growth")
    if opening is None or closing is None:  # backlog is always defined; for the type checker
        return (), ()
    moved = (known.value("backlog") or 0) - (known.value("backlog", opening=True) or 0)
    verb = "Increases" if moved > 0 else "Decreases" if moved < 0 else "Unchanged"
    name = known.programme.partition(" (")[0]
    by: Words = ()
    if growth is not None and moved:
        by = (_shortened(growth), " ")
    title = _titled(closing)
    at = "at" if not moved else "to"
    headline: Words = (f"{name} Service Backlog {verb} ", *by, f"{at} ", title)
    first: list[str | Statement] = [
        f"As of {_day(known.as_of)}, the service backlog of {known.programme} contracts was ",
        closing, ", compared with ", opening, f" as of {_day(known.compare_to)}",
    ]  # fmt: skip
    if growth is not None and moved:
        first += [", ", *_change(growth)]
        months = writer.say("period_months")
        if months is not None:
            first += [" in ", months]
    return headline, (*first, ".")


def _fleet(writer: Writer) -> Words:
    known = writer.facts
    parts: list[Words] = []
    machines = writer.say("units_under_contract", unit="units")
    if machines is not None:
        verb = "was" if known.value("units_under_contract") == 1 else "were"
        parts.append((machines, f" {verb} under {_short_name(known.programme)} contracts"))
    for scope in known.scopes or ("",):
        rate = writer.say("coverage_rate", scope=scope)
        if rate is not None:
            of = f"{scope} " if scope else ""
            parts.append((rate, f" of the {of}units in operation were covered"))
    words: Words = ()
    for i, part in enumerate(parts):
        joint = "" if not i else " and " if i == len(parts) - 1 else ", "
        words = (*words, *((joint,) if joint else ()), *part)
    return (*words, ".") if words else ()


def _signed(writer: Writer) -> Words:
    known = writer.facts
    if not known.value("contracts_signed"):
        return ()
    count = writer.say("contracts_signed", unit="contracts")
    value = writer.say("signed_value")
    if count is None or value is None:
        return ()
    verb = "was" if known.value("contracts_signed") == 1 else "were"
    start, end = _day(known.compare_to), _day(known.as_of)
    return (
        f"From {start} to {end}, ", count, f" {verb} signed, with a total value of ", value, ".",
    )  # fmt: skip


def _terms(writer: Writer) -> Words:
    known = writer.facts
    low, high = known.value("term_min"), known.value("term_max")
    if low is None or high is None or low.denominator != 1 or high.denominator != 1:
        return ()
    words: list[str | Statement] = ["Contract terms range from "]
    shortest, longest = (writer.say(f"term_{end}", unit="years") for end in ("min", "max"))
    if shortest is not None and longest is not None:
        words += [replace(shortest, text=shortest.figures[0]), " to ", longest]
    each = known.figures["contract_term", "", False].each
    inside = sum(MOST_TERMS[0] <= 12 * one <= MOST_TERMS[1] for one in each)
    if 2 * inside > len(each):
        figures = [str(months // 12) for months in MOST_TERMS]
        words += [", with ", writer.put("contract_term", "most between", figures, "years")]
    share = known.value("share_quarterly_in_advance")
    if share is not None and share > Fraction(1, 2):
        said = writer.put("share_quarterly_in_advance", "more than", ["50"], "percent")
        words += [". Of the contracts, ", said, " are billed quarterly in advance"]
    return (*words, ".")


def _ahead(writer: Writer) -> tuple[list[Words], tuple[str, ...]]:
    """What the contracts schedule, with the safe-harbour text; without it nothing."""
    known = writer.facts
    if not known.safe_harbour:
        reason = "what is scheduled after the date: book.toml has no safe_harbour text"
        return [], (reason,)
    like = writer.printed("money", known.value("rpo") or Fraction(0))
    then, later = (writer.say(f"rpo_{part}_12_months", like=like) for part in ("next", "after"))
    whole = writer.say("rpo", like=like)
    revenue, billings = writer.say("next_12_month_revenue"), writer.say("next_12_month_billings")
    if not (then and later and whole and revenue and billings):
        return [], ()
    name = _short_name(known.programme)
    return [
        (
            f"The remaining performance obligations of {name} contracts were ", whole, ", of ",
            "which ",
            then, " is scheduled to be recognised within the next 12 months and ", later,
            " thereafter. The contracts known on the date schedule ", revenue,
            " of service revenue and ", billings, " of service billings within the next 12 months.",
        ),
        (known.safe_harbour,),
    ], ()  # fmt: skip


def _shortened(growth: Statement) -> Statement:
    """A growth rate as a headline has it: without `approximately`, which a headline implies."""
    signs = {figure.startswith("-") for figure in growth.figures}
    figures = [figure.removeprefix("-") for figure in growth.figures]
    if signs == {True}:
        figures.reverse()
    elif len(signs) == 2:
        figures = list(growth.figures)
    words = "exact" if growth.qualifier == "approximately" else growth.qualifier
    return replace(growth, text=phrase(words, figures, growth.unit))


def _change(growth: Statement) -> Words:
    """`growth of …`, `a decrease of …` without its sign, or a range that has both signs."""
    falls = [figure.startswith("-") for figure in growth.figures]
    if any(falls) and not all(falls):
        return "a change of ", growth
    if not any(falls):
        return "growth of ", growth
    # the fall of the smaller size first
    figures = [figure.removeprefix("-") for figure in reversed(growth.figures)]
    return "a decrease of ", replace(growth, text=phrase(growth.qualifier, figures, growth.unit))


def _titled(statement: Statement) -> Statement:
    """A statement's words with capitals, for a headline."""
    text = " ".join(word[:1].upper() + word[1:] for word in statement.text.split(" "))
    return replace(statement, text=text)


def _short_name(programme: str) -> str:
    inside = programme.partition("(")[2].rstrip(" )")
    return inside or programme


def _day(text: str) -> str:
    day = to_date(to_day(text))
    return f"{day:%B} {day.day}, {day.year}"
