"""Statements found in a text: every number placed, or listed with the reason why not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fpp_analysis import intervals
from fpp_analysis.book import Book
from fpp_analysis.claims import units
from fpp_analysis.claims import vocabulary as words
from fpp_analysis.claims.calendar import When, dates, own_date
from fpp_analysis.claims.model import PERIOD_METRICS
from fpp_analysis.claims.naming import Named, named_in
from fpp_analysis.claims.placing import Place
from fpp_analysis.claims.proposals import DEALS, Proposal, Reading, State, Unplaced, short
from fpp_analysis.claims.scanning import Quantity, quantities
from fpp_analysis.claims.scopes import Places
from fpp_analysis.claims.sentences import Sentence, sentences
from fpp_analysis.claims.wordings import phrase as printed
from fpp_analysis.fiscal import FiscalCalendar
from fpp_analysis.metrics import METRICS

_FISCAL = re.compile(r"\bfiscal\b|\bFY ?\d", re.IGNORECASE)


def read(text: str, book: Book, *, published: str | None = None) -> Reading:
    """Every number of a text, placed or listed with the reason why not.

    The book lends its fiscal calendar, its scopes and the values of its columns, and the name
    of its programme; no figure of it is asked. Without `published` the text's first full date
    is the day of publication.
    """
    day = published or own_date(text[:2_000])
    state = State(day, words.programme_names(book.settings.programme_name), Places.of(book))
    parts = sentences(text)
    _mentions(parts, state)
    if _FISCAL.search(text):  # such a text counts quarters by its own years
        state.plain = book.calendar
    proposals: list[Proposal] = []
    unplaced: list[Unplaced] = []
    for sentence in parts:
        state.enter(sentence.paragraph)
        _sentence(sentence, book.calendar, state, proposals, unplaced)
    settled, undated = _settled(proposals, state)
    kept, clashing = _contradicting(settled)
    left = sorted([*unplaced, *undated, *clashing], key=lambda one: one.line)
    return Reading(tuple(kept), tuple(left), day)


def _mentions(parts: Sequence[Sentence], state: State) -> None:
    service = words.phrases(state.programme)[0].pattern
    for one in parts:
        if not state.service_line and service.search(one.text):
            state.service_line = one.line
        without = service.sub("", one.text)
        if not state.product_line and words.PRODUCT_BACKLOG.search(without):
            state.product_line = one.line


def _sentence(
    sentence: Sentence,
    calendar: FiscalCalendar,
    state: State,
    proposals: list[Proposal],
    unplaced: list[Unplaced],
) -> None:
    text = sentence.text
    when = dates(text, calendar, plain=state.plain)
    found = quantities(text, [(one.at, one.until) for one in when])
    named = named_in(text, state)
    state.dates += [w.end for w in when if w.kind in ("date", "span") and w.end != state.published]
    found = [one for one in found if not _in_a_phrase(one, named)]
    for span in when:
        if span.kind == "span":
            state.span = (span.start, span.end)
    here: list[Proposal] = []
    for one in found:
        made = Place(sentence, one, found, when, named, state, tuple(here)).proposals()
        if isinstance(made, str):
            shown = printed(one.qualifier, one.figures, one.unit or "(no unit)")
            unplaced.append(Unplaced(sentence.line, short(text), shown, made))
            continue
        here += made
        _remember(made, state)
    proposals += here
    proposals += _period_of(sentence, when, state)
    proposals += _billing(sentence, found, state)


def _in_a_phrase(one: Quantity, named: Sequence[Named]) -> bool:
    """A count that is part of the words, as in `the ten largest customers`."""
    return one.kind == "count" and any(
        n.metric.startswith("concentration") and n.at <= one.start and one.end <= n.until
        for n in named
    )


def _remember(made: Sequence[Proposal], state: State) -> None:
    for one in made:
        if one.metric == "backlog" and one.as_of:
            state.backlog_dates.append(one.as_of)
        if one.metric in ("contracts_signed", "signed_value"):
            state.deal = one
        if one.metric not in PERIOD_METRICS:
            state.metric = one.metric


def _period_of(sentence: Sentence, when: Sequence[When], state: State) -> list[Proposal]:
    """`in the last six months`, where the two dates of the backlog are named: a whole period."""
    ends = sorted(set(state.backlog_dates))
    if len(ends) != 2:
        return []
    return [
        Proposal(
            sentence.line, short(sentence.text), "period_months", "exact", (str(w.months),),
            "months", start=ends[0], as_of=ends[1],
        )
        for w in when
        if w.kind == "back"
    ]  # fmt: skip


def _billing(sentence: Sentence, found: Sequence[Quantity], state: State) -> list[Proposal]:
    """`generally paid quarterly in advance`: more than half of the contracts."""
    said = words.QUARTERLY.search(sentence.text)
    if not said or any(one.kind == "fraction" for one in found):
        return []
    if not words.MOST.search(sentence.text[: said.start()]):
        return []
    note = "generally read as: more than half of the contracts"
    day = max(state.dates, default="")
    return [
        Proposal(
            sentence.line, short(sentence.text), "share_quarterly_in_advance", "more than",
            ("50",), "percent", as_of=day, notes=(note,),
        )
    ]  # fmt: skip


def _settled(proposals: Sequence[Proposal], state: State) -> tuple[list[Proposal], list[Unplaced]]:
    """Dates for what has none: of the same figure elsewhere, else the day of publication."""
    known: Mapping[tuple[object, ...], Proposal] = {
        (p.metric, p.figures, p.unit, p.scope): p for p in reversed(proposals) if p.as_of
    }
    # a headline's figure of contracts is that of the sentence which names their scope
    deals = {
        (p.metric, p.figures, p.unit): p
        for p in reversed(proposals)
        if p.metric in DEALS and p.scope
    }
    latest = max((one.as_of for one in proposals if one.as_of), default="")
    settled, left = [], []
    for one in proposals:
        twin = known.get((one.metric, one.figures, one.unit, one.scope))
        scoped = None if one.scope else deals.get((one.metric, one.figures, one.unit))
        if scoped is not None:
            note = f"the contracts of the same figure on line {scoped.line}"
            settled.append(
                replace(
                    one,
                    scope=scoped.scope,
                    start=scoped.start,
                    as_of=scoped.as_of,
                    notes=(*one.notes[:-1], note),
                )
            )
        elif one.as_of:
            settled.append(one)
        elif twin is not None:
            note = f"the date of the same figure on line {twin.line}"
            settled.append(replace(one, as_of=twin.as_of, notes=(*one.notes, note)))
        elif state.published:
            note = "no date in the text: the day of publication"
            settled.append(replace(one, as_of=state.published, notes=(*one.notes, note)))
        elif latest:
            note = "no date beside it: the latest date of the text"
            settled.append(replace(one, as_of=latest, notes=(*one.notes, note)))
        else:
            shown = printed(one.qualifier, one.figures, one.unit)
            left.append(Unplaced(one.line, one.text, shown, f"{one.metric}, but no date is given"))
    return settled, left


def _contradicting(proposals: Sequence[Proposal]) -> tuple[list[Proposal], list[Unplaced]]:
    """Two figures that cannot both be of one thing are not placed: one of them is of another."""
    different: dict[tuple[object, ...], dict[tuple[object, ...], Proposal]] = {}
    for one in proposals:
        said = (one.qualifier, one.figures, one.unit)
        different.setdefault(_about(one), {}).setdefault(said, one)
    kept, left = [], []
    for one in proposals:
        others = different[_about(one)].values() if len(different[_about(one)]) > 1 else ()
        clash = next((p for p in others if not _allows(p).overlaps(_allows(one))), None)
        if clash is None or one.qualifier == "most between" or clash.qualifier == "most between":
            kept.append(one)
            continue
        shown = printed(one.qualifier, one.figures, one.unit)
        reason = f"{one.metric}, but line {clash.line} has another figure for the same"
        left.append(Unplaced(one.line, one.text, shown, reason))
    return kept, left


def _about(one: Proposal) -> tuple[object, ...]:
    return (one.metric, one.scope, one.start, one.as_of)


def _allows(one: Proposal) -> intervals.Interval:
    unit = units.parse(one.unit)
    factor = unit.factor_to(METRICS[one.metric].unit) if unit else None
    return intervals.of(one.qualifier, *one.figures) * (factor or 1)
