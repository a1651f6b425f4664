"""When and of what: the date, the period and the scope that the words beside a number give."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fpp_analysis.claims.calendar import When, back
from fpp_analysis.claims.model import PERIOD_METRICS, Scope
from fpp_analysis.claims.naming import Named
from fpp_analysis.claims.proposals import DEALS, Proposal, State, short
from fpp_analysis.claims.scanning import Quantity
from fpp_analysis.claims.sentences import Sentence
from fpp_analysis.metrics import METRICS

_DEAL_WORDS = re.compile(r"\b(?:the|these|those|both|together|which|each)\b", re.IGNORECASE)
_RESPECTIVELY = re.compile(r"\brespectively\b", re.IGNORECASE)


@dataclass(frozen=True)
class Dated:
    """One number in its sentence, with what stands beside it."""

    sentence: Sentence
    one: Quantity
    found: Sequence[Quantity]
    when: Sequence[When]
    named: Sequence[Named]
    state: State
    here: tuple[Proposal, ...] = ()  # what the numbers before it in the sentence are

    def dated(self, metric: str, one: Quantity, note: str = "") -> list[Proposal] | str:
        """The statement of a metric with its scope and date (or none yet), or why none."""
        notes = (note,) if note else ()
        scope = self._scope(metric)
        made = Proposal(
            self.sentence.line, short(self.sentence.text), metric, one.qualifier, one.figures,
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
        if not METRICS[metric].of_machines:
            return places.of_contracts(metric, text)
        ends = [o.end for o in self.found if o.end <= self.one.start]
        starts = [o.start for o in self.found if o.start >= self.one.end]
        after = text[self.one.end : min(starts, default=len(text))]
        before = text[max(ends, default=0) : self.one.start]
        # words before a number may belong to the number before it, where there is one
        return places.of_machines(metric, after) or (
            "" if ends else places.of_machines(metric, before)
        )

    def _of_deal(self, metric: str, note: str) -> bool:
        """Whether the sentence says more of the contracts named before it in the paragraph."""
        text = self.sentence.text
        if metric == "contract_term":
            return "signed" in note
        return metric in DEALS and bool(_DEAL_WORDS.search(text)) and "new" not in text.lower()

    def _over_period(self, made: Proposal) -> list[Proposal] | str:
        spans = [w for w in self.when if w.kind == "span"]
        day, _ = self._balance_date()
        day = max(self.state.dates, default=day)
        if made.metric in ("growth", "constant_currency_growth"):
            ends = sorted({*self.state.backlog_dates, *self._sentence_dates()})
            # the day of publication, as in a dateline, ends no period where two other dates do
            others = [end for end in ends if end != self.state.published]
            ends = others if len(others) >= 2 else ends
            if len(ends) >= 2:
                return [replace(made, start=ends[0], as_of=ends[-1])]
        if spans:
            near = min(spans, key=lambda w: abs(w.at - self.one.start))
            return [replace(made, start=near.start, as_of=near.end)]
        backs = [w.months for w in self.when if w.kind == "back"]
        backs += [12 for w in self.when if w.kind == "yearly"]
        if backs and day:
            return [replace(made, start=back(day, backs[0]), as_of=day)]
        if made.metric in DEALS:
            return self._announced(made)
        if self.state.span[0]:
            start, end = self.state.span
            note = f"the period of its paragraph, {start} to {end}"
            return [replace(made, start=start, as_of=end, notes=(*made.notes, note))]
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

    def _leads(self, when: When) -> bool:
        """Whether a date leads the number after it: `(31 December 2021: EUR 3.0 billion)`."""
        return self.sentence.text[when.until :].lstrip().startswith(":")

    def _a_year_earlier(self) -> bool:
        return any(
            0 <= w.at - self.one.end < 12
            and self.sentence.text[w.at :].lower().startswith("a year")
            for w in self.when
        )

    def _balance_date(self) -> tuple[str, tuple[str, ...]]:
        """The date beside the number, of the sentence, or of the paragraph; with what was read."""
        if self._a_year_earlier() and self.state.dates:
            latest = max(self.state.dates)
            return back(latest, 12), (f"a year before {latest}",)
        given = [w for w in self.when if w.kind in ("date", "span")]
        if given:
            same = [o for o in self.found if o.kind == self.one.kind]
            if _RESPECTIVELY.search(self.sentence.text) and len(same) == len(given):
                return given[same.index(self.one)].end, ()
            nexts = [o.start for o in same if o.start > self.one.start]
            limit = min(nexts, default=len(self.sentence.text))
            after = [w for w in given if self.one.end <= w.at < limit and not self._leads(w)]
            before = [w for w in given if w.at < self.one.start]
            return (after or before[::-1] or given)[0].end, ()
        if self.state.dates:
            latest = max(self.state.dates)
            return latest, (f"the date of its paragraph, {latest}",)
        return "", ()
