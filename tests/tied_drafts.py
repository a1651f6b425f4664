"""A draft tied back to the figures that it was written from, as a reader ties any text."""

from __future__ import annotations

from fpp_analysis.drafts import text as drafts
from fpp_analysis.metrics import Figure
from fpp_analysis.tie import Known, Mark, Text, tie


def known_of(facts: drafts.Facts) -> Known:
    """The figures of a draft as figures to tie a text to."""

    def figure(metric: str, scope: str, start: str, as_of: str) -> Figure | None:
        opening = not start and as_of == facts.compare_to
        if as_of not in (facts.as_of, facts.compare_to) or start not in ("", facts.compare_to):
            return None
        return facts.figures.get((metric, scope, opening))

    return Known(
        figure,
        currency=facts.currency,
        programme=facts.programme,
        scopes=facts.scopes,
        first="2007-12-31",
        last="2012-03-31",
        nouns=facts.machines,
    )


def text_of(made: drafts.Draft) -> str:
    """The draft as text, a blank line between paragraphs."""
    return "\n\n".join(map(drafts.plain, (made.headline, *made.paragraphs)))


def not_green(made: drafts.Draft, known: Known, facts: drafts.Facts) -> list[tuple[str, Mark]]:
    """The numbers of a draft's statements that are not tied to one figure, each with its text."""
    text = text_of(made)
    found = tie(Text("draft", text), known, as_of=facts.as_of, compare_to=facts.compare_to)
    at, wrong = 0, []
    for words in (made.headline, *made.paragraphs):
        for part in words:
            shown = part if isinstance(part, str) else part.text
            if not isinstance(part, str):
                marks = [m for m in found.marks if m.start < at + len(shown) and at < m.end]
                spans = part.metric == "period_months"
                wrong += [
                    (part.id, m)
                    for m in marks
                    if m.status != "one" and not (spans and m.kind == "date")
                ]
                if not marks:
                    wrong.append((part.id, found.marks[0]))
            at += len(shown)
        at += 2
    return wrong
