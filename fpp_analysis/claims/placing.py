"""One number in its sentence, placed by rules: which metric, of what scope, at which date.

Rules, not guesses (docs/claims.md): a number is placed only where the words beside it name one
metric whose unit fits, and a date can be found; else the reason is given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fpp_analysis.claims import vocabulary as words
from fpp_analysis.claims.dating import Dated
from fpp_analysis.claims.naming import Named
from fpp_analysis.claims.proposals import Proposal
from fpp_analysis.claims.scanning import MACHINES, Quantity

_FAR = 180  # characters between a number and the words that name it
_SENTENCE = 500  # between a rate of change and what changes
_BARRIER = re.compile(r";|\bwhile\b|\bwhereas\b|\bcompared (?:to|with)\b", re.IGNORECASE)
_COMPARED = re.compile(
    r"\b(?:compared (?:to|with)|versus|vs\.?|up from|down from|from|to|against)\b", re.IGNORECASE
)
_NEXT_PART = re.compile(r",|\band\b|\bwith\b|\bon\b", re.IGNORECASE)
_CARRY = re.compile(
    r"\b(?:this|that|these|which|it|remaining|remainder|balance|thereof|amount)\b", re.IGNORECASE
)
_DEAL_WORDS = re.compile(r"\b(?:the|these|those|both|together|which|each)\b", re.IGNORECASE)
_RECOGNISE = re.compile(r"\brecogni[sz]", re.IGNORECASE)


@dataclass(frozen=True)
class Place(Dated):
    """One number in its sentence, and the rules that place it."""

    def proposals(self) -> list[Proposal] | str:
        """The statements that the number makes (two for a range of terms), or why none."""
        kind = self.one.kind
        if kind == "bare" and self._is_a_table_line():
            counted = replace(self.one, kind="count", unit="units", noun="units")
            return replace(self, one=counted).proposals()
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
            return self.dated("price_per_kw_year", replace(one, unit=unit))
        kind = "contracts" if one.noun in ("contracts", "agreements") else one.kind
        if kind == "count" and one.noun not in MACHINES:
            return f"{one.noun} are counted, and no metric card counts them"
        if one.kind == "money" and self._is_change(one):
            return "an amount of change, which no metric card measures"
        metric = self._nearest(kind)
        if isinstance(metric, str):
            said = "a number without a unit" if kind == "bare" else metric
            return self._compared() or self._carried(kind) or said
        if metric.metric == "rpo":
            return self._rpo(metric)
        if kind == "bare":  # "a book-to-bill of 1.2": only a ratio has no unit
            one = replace(one, unit="ratio")
        if metric.metric == "shipped" and any(w.kind in ("span", "back") for w in self.when):
            return "machines shipped in a period: the metric card counts all shipped so far"
        name = metric.metric
        if name in ("revenue", "billings", "cash") and self._time_band() == "next":
            name = f"next_12_month_{name}"
        return self.dated(name, one, metric.note)

    def _compared(self) -> list[Proposal] | str | None:
        """The same metric as the number before it, where the two are compared."""
        one, earlier = self.one, [o for o in self.found if o.end <= self.one.start]
        if not self.here or not earlier or earlier[-1].kind != one.kind:
            return None
        last = self.here[-1]
        between = self.sentence.text[earlier[-1].end : one.start]
        same = last.unit.split(" ")[0] == one.unit.split(" ")[0]
        listed = self._own_date() and re.search(r"\band\b|[(,;]", between)
        if not same or not (_COMPARED.search(between) or listed) or self._foreign_within(between):
            return None
        return self.dated(last.metric, one)

    def _own_date(self) -> bool:
        """Whether a date stands right beside the number: after it, or before it in brackets."""
        return any(
            w.kind == "date"
            and (0 <= w.at - self.one.end < 12 or 0 <= self.one.start - w.until < 4)
            for w in self.when
        )

    def _is_a_table_line(self) -> bool:
        """`Machines in operation: 6,120`: the words right before a colon say what is counted."""
        before = self.sentence.text[: self.one.start].rstrip()
        if not before.endswith(":"):
            return False
        return any("count" in n.kinds and 0 <= len(before) - 1 - n.until < 3 for n in self.named)

    def _is_change(self, one: Quantity) -> bool:
        """`increased by $12 million`: by how much, not how much."""
        start = one.qualified_from if one.qualified_from >= 0 else one.start
        before = self.sentence.text[max(0, start - 60) : start]
        return bool(re.search(r"\bby\s*$", before, re.IGNORECASE) and words.GROWS.search(before))

    def _foreign_within(self, text: str) -> bool:
        return any(
            n.metric == words.FOREIGN and self.sentence.text[n.at : n.until] in text
            for n in self.named
        )

    def _rate(self) -> list[Proposal] | str:
        one = self.one
        change = self._changes()
        if change:
            return self._growth()
        metric = self._nearest("fraction")
        if isinstance(metric, str):
            return self._compared() or metric
        return self.dated(metric.metric, one, metric.note)

    def _growth(self) -> list[Proposal] | str:
        """A rate of change: of the backlog, where that is what changes."""
        money = [n for n in self.named if n.metric == words.FOREIGN or "money" in n.kinds]
        subject = self._closest(money, far=_SENTENCE)
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
        constant = self._at_constant_rates()
        metric = "constant_currency_growth" if constant else "growth"
        one = self.one
        before = self.sentence.text[max(0, one.start - 40) : one.start]
        if one.sign in ("-", "−", "–") or words.FALLS.search(before):
            one = replace(one, figures=tuple(f"-{figure}" for figure in one.figures))
        return self.dated(metric, one, note or (subject.note if subject else ""))

    def _at_constant_rates(self) -> bool:
        """Whether the words beside the rate say that it is at constant currency."""
        text, one = self.sentence.text, self.one
        starts = [o.start for o in self.found if o.start >= one.end]
        ends = [o.end for o in self.found if o.end <= one.start]
        after = text[one.end : min([*starts, one.end + 45])]
        before = text[max([*ends, one.start - 45]) : one.start]
        own = re.split(r",|\band\b", before)[-1]
        return bool(words.CONSTANT.search(after) or words.CONSTANT.search(own))

    def _rpo(self, metric: Named) -> list[Proposal] | str:
        part = self._time_band()
        if part is None and metric.metric == "rpo":
            return self.dated("rpo", self.one, metric.note)
        name = "rpo_next_12_months" if part == "next" else "rpo_after_12_months"
        return self.dated(name, self.one, metric.note)

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
                return self._rpo(Named(0, 0, "rpo", ("money",), "", "the RPO named before it"))
        about = re.search(r"\b(?:worth|valued at|value of|represent|total)", text, re.IGNORECASE)
        if kind == "money" and state.deal and about and not self._foreign_near():
            return self.dated("signed_value", self.one)
        if kind == "contracts" and state.deal and _DEAL_WORDS.search(text[: self.one.start]):
            return self.dated("contracts_signed", self.one)
        return None

    def _duration(self) -> list[Proposal] | str:
        one, text = self.one, self.sentence.text
        near = self._closest([n for n in self.named if "years" in n.kinds])
        if near is not None:
            return self.dated(near.metric, one)
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
            self.dated("contract_term", one)
            if ranged
            else ("a length of time that does not say of which contracts")
        )

    def _term_range(self, before: str) -> list[Proposal] | str:
        one = self.one
        if re.search(r"\b(?:most|majority|bulk)\b[^.;]*$", before, re.IGNORECASE):
            return self.dated("contract_term", replace(one, qualifier="most between"))
        if not (words.TERMS.search(self.sentence.text) and words.RANGES.search(before)):
            return "a range of time that does not say of what"
        ends = [replace(one, figures=(figure,), qualifier="exact") for figure in one.figures]
        low, high = self.dated("term_min", ends[0]), self.dated("term_max", ends[1])
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
        made = self.dated("contract_term", one, "of the contracts signed")
        return None if isinstance(made, str) else made

    # which words name it
    def _nearest(self, kind: str) -> Named | str:
        """The phrase closest to the number whose unit fits, unless a foreign one is closer."""
        fitting = [n for n in self.named if kind in n.kinds or n.metric == words.FOREIGN]
        best = self._closest(fitting)
        if best is None:
            return "no words beside it name a metric"
        if best.metric == words.FOREIGN:
            return f"about {best.what}"
        if self._taken(best):
            return f"the words beside it ({best.metric}) are those of another number"
        if self._expected() and best.metric != "rpo":
            return "forward-looking: what is expected is not in a book"
        return best

    def _closest(self, named: Sequence[Named], *, far: int = _FAR) -> Named | None:
        ranked = sorted(
            (n for n in named if self.distance(n) < far),
            key=lambda n: (self.distance(n), n.at - n.until),
        )
        return ranked[0] if ranked else None

    def distance(self, named: Named) -> int:
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

    def _taken(self, named: Named) -> bool:
        """Whether a number of the same kind stands nearer to the words, and has them."""
        if named.metric == "rpo" and self._time_band():
            return False  # "… of which $4.7 million within 12 months": a part of the first
        rivals = [
            o
            for o in self.found
            if o is not self.one and o.kind == self.one.kind and not self._is_change(o)
        ]
        others = [replace(self, one=o) for o in rivals if o.noun == self.one.noun]
        return any(other.distance(named) < self.distance(named) for other in others)

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
