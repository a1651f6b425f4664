"""Statements found in a text: each number with its metric, scope and date, or the reason why not.

Rules, not guesses (docs/claims.md): a number is placed only where the words beside it name one
metric whose unit fits, and a date can be found. What was read into the words is noted; what
could not be placed is listed with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from fpp_analysis import intervals
from fpp_analysis.book import Book
from fpp_analysis.claims import units
from fpp_analysis.claims import vocabulary as words
from fpp_analysis.claims.calendar import When, back, dates, own_date
from fpp_analysis.claims.figures import is_of_machines
from fpp_analysis.claims.model import PERIOD_METRICS, Scope
from fpp_analysis.claims.scanning import MACHINES, Quantity, quantities
from fpp_analysis.claims.scopes import Places
from fpp_analysis.claims.sentences import Sentence, sentences
from fpp_analysis.claims.wordings import phrase as printed
from fpp_analysis.fiscal import FiscalCalendar
from fpp_analysis.measures.cards import CARDS

_FAR = 160  # characters between a number and the words that name it
_BARRIER = re.compile(r";|\bwhile\b|\bwhereas\b|\bcompared (?:to|with)\b", re.IGNORECASE)
_NEXT_PART = re.compile(r",|\band\b|\bwith\b|\bon\b", re.IGNORECASE)
_CARRY = re.compile(
    r"\b(?:this|that|these|which|it|remaining|remainder|balance|thereof|amount)\b", re.IGNORECASE
)
_FISCAL = re.compile(r"\bfiscal\b|\bFY ?\d", re.IGNORECASE)
_DEAL_WORDS = re.compile(r"\b(?:the|these|those|both|together|which|each)\b", re.IGNORECASE)
_RECOGNISE = re.compile(r"\brecogni[sz]", re.IGNORECASE)
_RESPECTIVELY = re.compile(r"\brespectively\b", re.IGNORECASE)
_DEALS = ("contracts_signed", "signed_value", "contract_term")


@dataclass(frozen=True)
class Proposal:
    """A number placed: what it is said to be, where it stands, and what was read into it."""

    line: int
    text: str
    metric: str
    qualifier: str
    figures: tuple[str, ...]
    unit: str
    scope: Scope = ""
    start: str = ""
    as_of: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unplaced:
    """A number that no rule places, and why."""

    line: int
    text: str
    figure: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """What a text says that can be checked, and what it says that could not be placed."""

    proposals: tuple[Proposal, ...]
    unplaced: tuple[Unplaced, ...]
    published: str


@dataclass
class _State:
    """What earlier sentences leave to later ones."""

    published: str
    programme: tuple[str, ...]
    places: Places
    paragraph: int = -1
    metric: str = ""  # of the last placed balance of the paragraph
    dates: list[str] = field(default_factory=list)  # balance dates named in the paragraph
    backlog_dates: list[str] = field(default_factory=list)
    deal: Proposal | None = None  # the last contracts signed, for what is said of them
    service_line: int = 0  # where the text first says "service backlog"
    product_line: int = 0
    plain: FiscalCalendar = field(default_factory=lambda: FiscalCalendar(12))

    def enter(self, paragraph: int) -> None:
        """Forget the dates of the paragraph before."""
        if paragraph != self.paragraph:
            self.paragraph, self.metric = paragraph, ""
            self.dates, self.backlog_dates, self.deal = [], [], None


def read(text: str, book: Book, *, published: str | None = None) -> Reading:
    """Every number of a text, placed or listed with the reason why not.

    The book lends its fiscal calendar, its scopes and the values of its columns, and the name
    of its programme; no figure of it is asked. Without `published` the text's first full date
    is the day of publication.
    """
    day = published or own_date(text[:2_000])
    state = _State(day, words.programme_names(book.settings.programme_name), Places.of(book))
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


def _mentions(parts: Sequence[Sentence], state: _State) -> None:
    service = words.phrases(state.programme)[0].pattern
    for one in parts:
        if not state.service_line and service.search(one.text):
            state.service_line = one.line
        without = service.sub("", one.text)
        if not state.product_line and words.PRODUCT_BACKLOG.search(without):
            state.product_line = one.line


@dataclass(frozen=True)
class _Named:
    """A phrase found in a sentence."""

    at: int
    until: int
    metric: str
    kinds: tuple[str, ...]
    what: str
    note: str = ""


def _sentence(
    sentence: Sentence,
    calendar: FiscalCalendar,
    state: _State,
    proposals: list[Proposal],
    unplaced: list[Unplaced],
) -> None:
    text = sentence.text
    when = dates(text, calendar, plain=state.plain)
    found = quantities(text, [(one.at, one.until) for one in when])
    named = _named(text, state)
    state.dates += [one.end for one in when if one.kind in ("date", "span")]
    for one in found:
        place = _Place(sentence, one, found, when, named, state)
        made = place.proposals()
        if isinstance(made, str):
            shown = printed(one.qualifier, one.figures, one.unit or "(no unit)")
            unplaced.append(Unplaced(sentence.line, _short(text), shown, made))
            continue
        proposals += made
        _remember(made, state)
    proposals += _period_of(sentence, when, state)
    proposals += _billing(sentence, found, state)


def _remember(made: Sequence[Proposal], state: _State) -> None:
    for one in made:
        if one.metric == "backlog" and one.as_of:
            state.backlog_dates.append(one.as_of)
        if one.metric in ("contracts_signed", "signed_value"):
            state.deal = one
        if one.metric not in PERIOD_METRICS:
            state.metric = one.metric


def _named(text: str, state: _State) -> list[_Named]:
    """The phrases of a sentence; one that lies in a longer one does not count."""
    found = [
        _Named(*m.span(), p.metric, p.kinds, p.what)
        for p in words.phrases(state.programme)
        for m in p.pattern.finditer(text)
    ]
    covered = [
        (one.at, one.until) for one in found if "backlog" in text[one.at : one.until].lower()
    ]
    bare = [m for m in words.BARE_BACKLOG.finditer(text) if not _inside(m.span(), covered)]
    for match in bare:
        if state.service_line and not state.product_line:
            note = f"backlog read as the service backlog of line {state.service_line}"
            found.append(_Named(*match.span(), "backlog", ("money",), "", note))
        else:
            what = "a backlog that does not say of what: service backlog or product backlog"
            found.append(_Named(*match.span(), words.FOREIGN, (), what))
    if not words.service_words(state.programme).search(text):
        what = "a figure that does not say whether it is of the service contracts"
        found = [
            _Named(n.at, n.until, words.FOREIGN, (), f"{what} ({n.metric})")
            if n.metric in words.OF_SERVICE
            else n
            for n in found
        ]
    return [one for one in found if not any(_hides(other, one) for other in found)]


def _hides(other: _Named, one: _Named) -> bool:
    """Whether a phrase is only part of another one: the longer decides, and ours over foreign."""
    if other is one or other.until <= one.at or one.until <= other.at:
        return False
    foreign, theirs = one.metric == words.FOREIGN, other.metric == words.FOREIGN
    if not foreign and not theirs and not set(one.kinds) & set(other.kinds):
        return False
    contains = other.at <= one.at and one.until <= other.until
    longer = (other.until - other.at) > (one.until - one.at)
    if contains and longer:
        return True
    return foreign and not theirs and not (one.at <= other.at and other.until <= one.until)


def _inside(span: tuple[int, int], spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in spans)


@dataclass(frozen=True)
class _Place:
    """One number in its sentence, and the rules that place it."""

    sentence: Sentence
    one: Quantity
    found: Sequence[Quantity]
    when: Sequence[When]
    named: Sequence[_Named]
    state: _State

    def proposals(self) -> list[Proposal] | str:
        """The statements that the number makes (two for a range of terms), or why none."""
        kind = self.one.kind
        if kind in ("years", "months", "days"):
            return self._duration()
        if kind == "fraction":
            return self._rate()
        if kind in ("money", "count", "kW", "ratio", "bare"):
            return self._amount()
        if kind == "points":
            return "percentage points: a difference of two rates has no metric card"
        return "a unit that no metric card has"

    # what is it
    def _amount(self) -> list[Proposal] | str:
        one = self.one
        if one.kind == "money" and self._followed_by(r"\s+per (?:kW|kilowatt)[- ]?year"):
            unit = f"{one.unit} per kW-year"
            return self._dated("price_per_kw_year", replace(one, unit=unit))
        kind = one.kind
        if kind == "count":
            if one.noun in ("contracts", "agreements"):
                kind = "contracts"
            elif one.noun not in MACHINES:
                return f"{one.noun} are counted, and no metric card counts them"
        metric = self._nearest(kind)
        if isinstance(metric, str):
            return self._carried(kind) or metric
        if metric.metric == "rpo":
            return self._rpo(metric)
        if one.kind == "bare" and metric.metric != "book_to_bill":
            return "a number without a unit"
        if metric.metric == "shipped" and any(w.kind in ("span", "back") for w in self.when):
            return "machines shipped in a period: the metric card counts all shipped so far"
        return self._dated(metric.metric, one, metric.note)

    def _rate(self) -> list[Proposal] | str:
        one = self.one
        change = self._changes()
        if change:
            return self._growth()
        metric = self._nearest("fraction")
        return metric if isinstance(metric, str) else self._dated(metric.metric, one, metric.note)

    def _growth(self) -> list[Proposal] | str:
        """A rate of change: of the backlog, where that is what changes."""
        money = [n for n in self.named if n.metric == words.FOREIGN or "money" in n.kinds]
        subject = self._closest(money)
        note = ""
        if subject is None:
            carried = self.state.metric == "backlog" or (
                bool(self.state.backlog_dates) and not self.state.metric
            )
            if not carried:
                return "a rate of change that does not say of what"
            note = "growth of the backlog named before it in the paragraph"
        elif subject.metric != "backlog":
            what = subject.metric or subject.what
            return f"growth of {what}: the metric card is of backlog only"
        constant = words.CONSTANT.search(self.sentence.text)
        metric = "constant_currency_growth" if constant else "growth"
        one = self.one
        before = self.sentence.text[max(0, one.start - 40) : one.start]
        if one.sign in ("-", "−", "–") or words.FALLS.search(before):
            one = replace(one, figures=tuple(f"-{figure}" for figure in one.figures))
        return self._dated(metric, one, note or (subject.note if subject else ""))

    def _rpo(self, metric: _Named) -> list[Proposal] | str:
        part = self._time_band()
        if part is None and metric.metric == "rpo":
            return self._dated("rpo", self.one, metric.note)
        name = "rpo_next_12_months" if part == "next" else "rpo_after_12_months"
        return self._dated(name, self.one, metric.note)

    def _time_band(self) -> str | None:
        """Whether the words beside the number say within 12 months, or later."""
        text, one = self.sentence.text, self.one
        nexts = [o.start for o in self.found if o.start > one.start and o.kind == one.kind]
        limit = min(nexts, default=len(text))
        after = [w for w in self.when if w.kind in ("next", "after") and one.end <= w.at < limit]
        if after:
            return after[0].kind
        earlier = [o.end for o in self.found if o.end < one.start and o.kind == one.kind]
        floor = max(earlier, default=0)
        before = [w for w in self.when if w.kind in ("next", "after") and floor <= w.at < one.start]
        return before[-1].kind if before and one.start - before[-1].until < 60 else None

    def _carried(self, kind: str) -> list[Proposal] | str | None:
        """A number that says more of the RPO or the contracts named before it."""
        text, state = self.sentence.text, self.state
        if kind == "money" and state.metric.startswith("rpo") and not self._foreign_near():
            band = self._time_band()
            if band and (_RECOGNISE.search(text) or _CARRY.search(text)):
                return self._rpo(_Named(0, 0, "rpo", ("money",), "", "the RPO named before it"))
        about = re.search(r"\b(?:worth|valued at|value of|represent|total)", text, re.IGNORECASE)
        if kind == "money" and state.deal and about and not self._foreign_near():
            return self._dated("signed_value", self.one)
        if kind == "contracts" and state.deal and _DEAL_WORDS.search(text[: self.one.start]):
            return self._dated("contracts_signed", self.one)
        return None

    def _duration(self) -> list[Proposal] | str:
        one, text = self.one, self.sentence.text
        near = self._closest([n for n in self.named if "years" in n.kinds])
        if near is not None:
            return self._dated(near.metric, one)
        before, after = text[max(0, one.start - 60) : one.start], text[one.end : one.end + 40]
        average = re.search(r"\baverage\b[^.;,]*$", before, re.IGNORECASE)
        if average:
            return "an average term as first signed has no metric card"
        if len(one.figures) == 2:
            return self._term_range(before)
        if not words.TERMS.search(before + after):
            return "a length of time that is no term of contracts"
        deal = self._deal_terms(after)
        if deal is not None:
            return deal
        ranged = one.qualifier in ("up to", "at least") and words.TERMS.search(before + after)
        return (
            self._dated("contract_term", one)
            if ranged
            else ("a length of time that does not say of which contracts")
        )

    def _term_range(self, before: str) -> list[Proposal] | str:
        one = self.one
        if re.search(r"\b(?:most|majority|bulk)\b[^.;]*$", before, re.IGNORECASE):
            return self._dated("contract_term", replace(one, qualifier="most between"))
        if not (words.TERMS.search(self.sentence.text) and words.RANGES.search(before)):
            return "a range of time that does not say of what"
        ends = [replace(one, figures=(figure,), qualifier="exact") for figure in one.figures]
        low, high = self._dated("term_min", ends[0]), self._dated("term_max", ends[1])
        return low if isinstance(low, str) else [*low, *high]

    def _deal_terms(self, after: str) -> list[Proposal] | None:
        """`15-year`, said of the contracts signed in the sentence or named before it."""
        one, state = self.one, self.state
        here = any(n.metric in ("contracts_signed", "signed_value") for n in self.named)
        said = re.match(
            r"\s?(?:long[- ]term\s+)?(?:\w+\s+){0,2}?"
            r"(?:term|period|contract|agreement|FPP|service)",
            after,
            re.IGNORECASE,
        )
        if not (here or state.deal) or not (said or one.hyphened):
            return None
        if one.qualifier not in ("exact", "approximately", "at least", "up to", "over"):
            return None
        made = self._dated("contract_term", one, "of the contracts signed")
        return None if isinstance(made, str) else made

    # which words name it
    def _nearest(self, kind: str) -> _Named | str:
        """The phrase closest to the number whose unit fits, unless a foreign one is closer."""
        fitting = [n for n in self.named if kind in n.kinds or n.metric == words.FOREIGN]
        best = self._closest(fitting)
        if best is None:
            return "no words beside it name a metric"
        if best.metric == words.FOREIGN:
            return f"about {best.what}"
        if self._expected() and kind == "money" and best.metric != "rpo":
            return "forward-looking: what is expected is not in a book"
        return best

    def _closest(self, named: Sequence[_Named]) -> _Named | None:
        ranked = sorted(
            (n for n in named if self._distance(n) < _FAR),
            key=lambda n: (self._distance(n), n.at - n.until),
        )
        return ranked[0] if ranked else None

    def _distance(self, named: _Named) -> int:
        """Characters between, more across a barrier or another number of the same kind."""
        one, text = self.one, self.sentence.text
        low, high = (named.until, one.start) if named.at < one.start else (one.end, named.at)
        if low >= high:
            return 0
        between = text[low:high]
        barrier = 60 * len(_BARRIER.findall(between))
        if named.at > one.start and _NEXT_PART.search(between):
            barrier += 60  # "… was $3 million, and billings were …": the words of the next number
        others = sum(low <= o.start < high and o.kind == one.kind for o in self.found)
        behind = 12 if named.at > one.start else 0  # words before a number name it more often
        return high - low + barrier + (0 if others == 0 else 10 * others) + behind

    def _foreign_near(self) -> bool:
        best = self._closest(self.named)
        return best is not None and best.metric == words.FOREIGN

    def _changes(self) -> bool:
        """Whether the words beside a rate say that something grew or fell by it."""
        text, one = self.sentence.text, self.one
        if one.sign:
            return True
        start = one.qualified_from if one.qualified_from >= 0 else one.start
        before, after = text[max(0, start - 45) : start], text[one.end : one.end + 35]
        cut = re.split(r"[;.]|\band\b(?=[^;.]*\bof\b)", before)[-1]
        if words.GROWS.search(cut):
            return True
        return bool(
            re.match(
                r"\s*(?:year[- ]over[- ]year\s+)?(?:growth|increase|higher|decrease|"
                r"lower|improvement|gain|decline|rise)",
                after,
                re.IGNORECASE,
            )
        )

    def _expected(self) -> bool:
        text, one = self.sentence.text, self.one
        return bool(words.EXPECTED.search(text[max(0, one.start - 70) : one.start]))

    def _followed_by(self, pattern: str) -> bool:
        return bool(re.match(pattern, self.sentence.text[self.one.end :], re.IGNORECASE))

    # when and where
    def _dated(self, metric: str, one: Quantity, note: str = "") -> list[Proposal] | str:
        notes = (note,) if note else ()
        scope = self._scope(metric)
        made = Proposal(
            self.sentence.line, _short(self.sentence.text), metric, one.qualifier, one.figures,
            one.unit, scope, notes=notes,
        )  # fmt: skip
        deal = self.state.deal
        if deal is not None and not scope and self._of_deal(metric, note):
            said = (*notes, "of the contracts named before it")
            return [replace(made, scope=deal.scope, start=deal.start, as_of=deal.as_of, notes=said)]
        if metric in PERIOD_METRICS or (metric == "contract_term" and "signed" in note):
            return self._over_period(made)
        day, said = self._balance_date()
        if not day:
            return [made]
        return [replace(made, as_of=day, notes=(*notes, *said))]

    def _scope(self, metric: str) -> Scope:
        """The scope beside the number, for machines; of the sentence, for contracts."""
        text, places = self.sentence.text, self.state.places
        if not is_of_machines(metric):
            return places.of_contracts(metric, text)
        ends = [o.end for o in self.found if o.end <= self.one.start]
        starts = [o.start for o in self.found if o.start >= self.one.end]
        return places.of_machines(
            metric, text[max(ends, default=0) : min(starts, default=len(text))]
        )

    def _of_deal(self, metric: str, note: str) -> bool:
        """Whether the sentence says more of the contracts named before it in the paragraph."""
        text = self.sentence.text
        if metric == "contract_term":
            return "signed" in note
        return metric in _DEALS and bool(_DEAL_WORDS.search(text)) and "new" not in text.lower()

    def _over_period(self, made: Proposal) -> list[Proposal] | str:
        spans = [w for w in self.when if w.kind == "span"]
        day, _ = self._balance_date()
        day = max(self.state.dates, default=day)
        if made.metric in ("growth", "constant_currency_growth"):
            ends = sorted({*self.state.backlog_dates, *self._sentence_dates()})
            if len(ends) >= 2:
                return [replace(made, start=ends[0], as_of=ends[-1])]
        if spans:
            near = min(spans, key=lambda w: abs(w.at - self.one.start))
            return [replace(made, start=near.start, as_of=near.end)]
        backs = [w.months for w in self.when if w.kind == "back"]
        backs += [12 for w in self.when if w.kind == "yearly"]
        if backs and day:
            return [replace(made, start=back(day, backs[0]), as_of=day)]
        if made.metric in _DEALS:
            return self._announced(made)
        if self.state.backlog_dates and made.metric.endswith("growth"):
            return "growth over a period that the text does not give"
        return "a figure of a period, and the text gives none"

    def _announced(self, made: Proposal) -> list[Proposal] | str:
        """Contracts announced as signed: those of the month before the publication."""
        end = self.state.published
        if not end:
            return "contracts signed, and neither a period nor a day of publication is given"
        note = "no period in the text: the month before the publication"
        return [replace(made, start=back(end, 1), as_of=end, notes=(*made.notes, note))]

    def _sentence_dates(self) -> list[str]:
        return [w.end for w in self.when if w.kind == "date"]

    def _balance_date(self) -> tuple[str, tuple[str, ...]]:
        """The date beside the number, of the sentence, or of the paragraph; with what was read."""
        given = [w for w in self.when if w.kind in ("date", "span")]
        if given:
            same = [o for o in self.found if o.kind == self.one.kind]
            if _RESPECTIVELY.search(self.sentence.text) and len(same) == len(given):
                return given[same.index(self.one)].end, ()
            nexts = [o.start for o in same if o.start > self.one.start]
            limit = min(nexts, default=len(self.sentence.text))
            after = [w for w in given if self.one.end <= w.at < limit]
            before = [w for w in given if w.at < self.one.start]
            return (after or before[::-1] or given)[0].end, ()
        if self.state.dates:
            latest = max(self.state.dates)
            return latest, (f"the date of its paragraph, {latest}",)
        return "", ()


def _period_of(sentence: Sentence, when: Sequence[When], state: _State) -> list[Proposal]:
    """`in the last six months`, where the two dates of the backlog are named: a whole period."""
    ends = sorted(set(state.backlog_dates))
    if len(ends) != 2:
        return []
    return [
        Proposal(
            sentence.line, _short(sentence.text), "period_months", "exact", (str(w.months),),
            "months", start=ends[0], as_of=ends[1],
        )
        for w in when
        if w.kind == "back"
    ]  # fmt: skip


def _billing(sentence: Sentence, found: Sequence[Quantity], state: _State) -> list[Proposal]:
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
            sentence.line, _short(sentence.text), "share_quarterly_in_advance", "more than",
            ("50",), "percent", as_of=day, notes=(note,),
        )
    ]  # fmt: skip


def _settled(proposals: Sequence[Proposal], state: _State) -> tuple[list[Proposal], list[Unplaced]]:
    """Dates for what has none: of the same figure elsewhere, else the day of publication."""
    known: Mapping[tuple[object, ...], Proposal] = {
        (p.metric, p.figures, p.unit, p.scope): p for p in reversed(proposals) if p.as_of
    }
    settled, left = [], []
    for one in proposals:
        twin = known.get((one.metric, one.figures, one.unit, one.scope))
        scoped = next((p for p in proposals if _same_deal(one, p)), None)
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
        else:
            shown = printed(one.qualifier, one.figures, one.unit)
            left.append(Unplaced(one.line, one.text, shown, f"{one.metric}, but no date is given"))
    return settled, left


def _same_deal(one: Proposal, other: Proposal) -> bool:
    """Whether a headline's figure of contracts is that of a sentence which names their scope."""
    return (
        one.metric in _DEALS
        and not one.scope
        and bool(other.scope)
        and (one.metric, one.figures, one.unit) == (other.metric, other.figures, other.unit)
    )


def _contradicting(proposals: Sequence[Proposal]) -> tuple[list[Proposal], list[Unplaced]]:
    """Two figures that cannot both be of one thing are not placed: one of them is of another."""
    kept, left = [], []
    for one in proposals:
        others = [p for p in proposals if p is not one and _about(p) == _about(one)]
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
    factor = unit.factor_to(CARDS[one.metric].unit) if unit else None
    return intervals.of(one.qualifier, *one.figures) * (factor or 1)


def _short(text: str, limit: int = 240) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
