"""The sentences of a draft: headline and paragraphs, numbers standing in them as statements."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain

from fpp_analysis.book import Book
from fpp_analysis.claims.grading import Graded, graded_on
from fpp_analysis.claims.model import Statement
from fpp_analysis.claims.showing import plain as plain_figure
from fpp_analysis.claims.showing import readable
from fpp_analysis.drafts import wording
from fpp_analysis.drafts.wording import Words, told
from fpp_analysis.drafts.writer import Facts, Writer, facts
from fpp_analysis.errors import ReconciliationError
from fpp_analysis.fiscal import DateLike
from fpp_analysis.listed import listed

FORWARD = "Forward-looking statements"
_MOVEMENTS = listed("wording", "words.toml")["movements"]
ALMOST = Fraction(1, 200)
"""A growth below this is no growth in whole percents."""
MOST_TERMS = (60, 108)
"""Months of the terms that a draft calls most, where more than half of the contracts have them."""


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
    paragraphs = [first, _fleet(writer), _signed(writer), _terms(writer), _paid(writer)]
    ahead, left_out = _ahead(writer)
    told = tuple(words for words in [*paragraphs, *ahead] if words)
    used = {one.id for words in (headline, *told) for one in words if isinstance(one, Statement)}
    statements = tuple(one for one in writer.made if one.id in used)
    made = Draft(headline, told, statements, left_out)
    for one in grades(made, known):
        if one.grade != "supported":
            raise ReconciliationError(f"draft: {one.statement.id} is {one.grade}")
    return made


def grades(made: Draft, known: Facts) -> tuple[Graded, ...]:
    """The statements of a draft, graded on the figures that it was written from."""
    found = {}
    for one in made.statements:
        opening = not one.start and one.as_of == known.compare_to
        found[one.id] = known.figures[one.metric, one.scope, opening]
    return graded_on(made.statements, found)


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
        exact = readable(one.figure.value, s.card.unit).removesuffix(" count")
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
        "statements": [_as_dict(one) for one in grades(made, known)],
    }
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def _as_dict(one: Graded) -> dict[str, object]:
    s = one.statement
    exact = plain_figure(one.figure.value, s.card.unit)
    return {
        "id": s.id, "metric": s.metric, "scope": s.scope_words, "start": s.start, "as_of": s.as_of,
        "text": s.text, "grade": one.grade, "unrounded": exact,
    }  # fmt: skip


def _backlog(writer: Writer) -> tuple[Words, Words]:
    """The headline, and what the backlog is, was and holds that customers may leave."""
    known = writer.facts
    before, after = known.value("backlog", opening=True), known.value("backlog")
    name = known.programme.partition(" (")[0]
    name = "" if wording.OF_CONTRACTS.search(name) else f"{name} "
    if not (before or after):
        return (f"{name}Service Contracts",), ()
    writer.style(before, after)
    opening, closing = writer.say("backlog", opening=True), writer.say("backlog")
    if opening is None or closing is None:  # always defined; for the type checker
        return (), ()
    rate = known.value("growth")
    moves = rate is not None and abs(rate) >= ALMOST and opening.text != closing.text
    moves = moves and "less than" not in (opening.qualifier, closing.qualifier)
    growth = writer.say("growth") if moves else None
    if opening.text == closing.text:
        verb, to = ("Unchanged" if before == after else "Almost Unchanged"), "at"
    else:
        verb, to = ("Increases" if (after or 0) > (before or 0) else "Decreases"), "to"
    by: Words = ()
    if growth is not None and len(growth.figures) == 1:  # of a range the paragraph tells
        by = wording.shortened(growth), " "
    headline: Words = (f"{name}Service Backlog {verb} ", *by, f"{to} ", wording.titled(closing))
    clock = f", as known on {wording.day(known, known.known)}" if known.known else ""
    whose = wording.contracts(known.programme)
    first: list[str | Statement] = [
        f"As {wording.close(known, known.as_of)}{clock}, the service backlog of {whose} "
        f"(contracted service value that is yet to be {wording.recognised(known)} as revenue) was ",
        closing,
    ]
    same = verb.lower() if to == "at" else ""  # never the same twice
    first += [f", {same} from {wording.day(known, known.compare_to)}"] if same else [
        ", compared with ", opening, f" as {wording.close(known, known.compare_to)}"
    ]  # fmt: skip
    if growth is not None:
        first += [", ", *wording.change(growth), *told(" in ", writer.say("period_months"))]
    left = writer.some("cancellable")
    first += told(". Of this amount, ", left, " was cancellable on notice")
    return headline, (*first, ".")


def _fleet(writer: Writer) -> Words:
    """Machines under contract and coverage, each with what it has fallen from."""
    known = writer.facts
    today, then = wording.close(known, known.as_of), wording.close(known, known.compare_to)
    one, many = known.machines
    words: list[str | Statement] = []
    machines = writer.some("units_under_contract", unit="units")
    if machines is not None:
        alone = known.value("units_under_contract") == 1
        noun, verb = (one, "was") if alone else (many, "were")
        words += [f"As {today}, ", wording.counted(machines, noun), f" {verb} under "]
        words += [wording.contracts(wording.short_name(known.programme))]
        if earlier := _fallen_from(writer, machines, unit="units"):
            words += [", down from ", wording.counted(earlier, many), f" as {then}"]
        words += [". "]
    for scope in known.scopes or ("",):
        rate = writer.say("coverage_rate", scope=scope)
        ever = [known.value("coverage_rate", scope, opening=when) for when in (False, True)]
        if rate is None or not any(ever):  # no sentence on what is empty
            continue
        of = f"{scope} " if scope else ""
        rated = replace(rate, text=rate.text[:1].upper() + rate.text[1:])  # it begins a sentence
        words += [rated, f" of the {of}{many} in operation were covered as {today}"]
        words += [*told(", down from ", _fallen_from(writer, rate), f" as {then}"), ". "]
    return (*words[:-1], ".") if words else ()


def _fallen_from(writer: Writer, said: Statement, unit: str = "") -> Statement | None:
    """What a figure was at the opening; None where it was no more, or is printed the same."""
    metric, scope = said.metric, said.scope
    was, now = (writer.facts.value(metric, scope, opening=when) or 0 for when in (True, False))
    before = writer.say(metric, scope=scope, opening=True, unit=unit) if was > now else None
    return before if before and before.figures != said.figures else None


def _signed(writer: Writer) -> Words:
    """New business and renewals apart, and what left the book beside them."""
    known = writer.facts
    stated = known.value("renewed") is not None
    sides = {"added": ("new", "renewed") if stated else (), "reduced": ("terminated", "removed")}
    total = () if stated else ("signed_value",)
    writer.style(*map(known.value, (*total, *chain(*sides.values()))))
    words: list[str | Statement] = []
    period = f"From {wording.day(known, known.compare_to)} to {wording.day(known, known.as_of)}, "
    if number := known.value("contracts_signed"):
        count = writer.say("contracts_signed", unit="contracts")
        words += told(period, count, f" {'was' if number == 1 else 'were'} signed")
        value = None if stated else writer.some("signed_value")
        words += [*told(", with a total value of ", value), ". "] if words else []
    whole = "the backlog"
    for verb, side in sides.items():
        parts: list[str | Statement] = []
        for name in side:
            if said := writer.some(name):
                joint = " and " if parts else ""
                before, after = (" ", f" to {whole}") if verb == "added" else (f" {whole} by ", "")
                lead = f"{joint}{_MOVEMENTS[name]} {verb}{before}"
                parts += [lead, wording.unsigned(said), after]
                whole = "it"
        if parts:
            head = str(parts[0])
            parts[0] = head[:1].upper() + head[1:] if words else period + head
            words += [*parts, ". "]
    return (*words[:-1], ".") if words else ()


def _terms(writer: Writer) -> Words:
    """The range of terms, where there is one, and how most contracts are billed."""
    known = writer.facts
    low, high = known.value("term_min"), known.value("term_max")
    today = wording.close(known, known.as_of)
    words: list[str | Statement] = []
    if low and high and low < high and low.denominator == high.denominator == 1:
        shortest, longest = (writer.say(f"term_{end}", unit="years") for end in ("min", "max"))
        if shortest is not None and longest is not None:
            short = replace(shortest, text=shortest.figures[0])
            words += [f"As {today}, contract terms ranged from ", short, " to ", longest]
        each = known.figures["contract_term", "", False].each
        inside = sum(MOST_TERMS[0] <= 12 * one <= MOST_TERMS[1] for one in each)
        narrower = 12 * low < MOST_TERMS[0] or 12 * high > MOST_TERMS[1]
        if narrower and 2 * inside > len(each):
            figures = [str(months // 12) for months in MOST_TERMS]
            words += [", with ", writer.put("contract_term", "most between", figures, "years")]
        words += [". "]
    share = known.value("share_quarterly_in_advance")
    if share is not None and share > Fraction(1, 2):
        said = writer.put("share_quarterly_in_advance", "more than", ["50"], "percent")
        words += [f"As {today}, ", said, " of the contracts were billed quarterly in advance. "]
    return (*words[:-1], str(words[-1]).rstrip()) if words else ()


def _paid(writer: Writer) -> Words:
    """What was really invoiced and collected, and what is owed; never what is scheduled."""
    known = writer.facts
    names = ("invoiced", "received", "receivables")
    if not all(known.value(name) for name in names):
        return ()
    writer.style(*map(known.value, names))
    invoiced, received, owed = (writer.say(name) for name in names)
    then, today = wording.day(known, known.compare_to), wording.day(known, known.as_of)
    words = told(
        f"Between {then} and {today}, service customers were invoiced ", invoiced, " and ",
        received, " was collected. Receivables were ", owed,
        f" as {wording.close(known, known.as_of)}",
    )  # fmt: skip
    if not words:
        return ()
    return (*words, *told(", with days sales outstanding of ", writer.some("dso")), ".")


def _ahead(writer: Writer) -> tuple[list[Words], tuple[str, ...]]:
    """What the contracts schedule, in a paragraph of its own that the safe-harbour text names."""
    known = writer.facts
    if not known.safe_harbour:
        reason = "what is scheduled after the date: book.toml has no safe_harbour text"
        return [], (reason,)
    names = ("rpo", "next_12_month_revenue", "next_12_month_billings")
    writer.style(*map(known.value, names))
    today, recognised = wording.day(known, known.as_of), wording.recognised(known)
    words: list[str | Statement] = []
    after, following = known.value("rpo_after_12_months"), known.value("rpo_next_12_months")
    both = bool(after and following)
    then = writer.say("rpo_next_12_months") if both else None
    later = writer.say("rpo_after_12_months") if both else None
    whole = writer.some("rpo")
    if whole is not None:
        name = wording.short_name(known.programme)
        words += [f"Remaining performance obligations of {wording.contracts(name)} were ", whole]
        ahead = f" is scheduled to be {recognised} within the next 12 months and "
        words += [f" as {wording.close(known, known.as_of)}"]
        words += [*told(", of which ", then, ahead, later, " thereafter"), ". "]
    parts: list[str | Statement] = []
    for what in ("revenue", "billings"):
        said, joint = writer.some(f"next_12_month_{what}"), " and " if parts else ""
        parts += told(joint, f"service {what} of ", said, " in the next 12 months")
    if parts:
        left = known.value("cancellable") and " (with those that customers can end on notice)"
        words += [f"The contracts known on {today}{left or ''} schedule ", *parts, ". "]
    if not words:
        return [], ()
    body: Words = (f"{FORWARD}. ", *words[:-1], ".")
    named = f"The amounts in the paragraph headed “{FORWARD}” that are scheduled after {today}"
    return [body, (f"{named} are forward-looking statements. {known.safe_harbour}",)], ()
