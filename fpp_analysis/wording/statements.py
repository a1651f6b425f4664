"""What may be said of statements and their grades, and of what changed in a book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from fpp_analysis.claims.grading import GRADES, UNGRADED, Report
from fpp_analysis.claims.reported import headline
from fpp_analysis.context import Context
from fpp_analysis.evidence import figure
from fpp_analysis.numbers import day_in_words
from fpp_analysis.wording.findings import balance
from fpp_analysis.wording.numbers import Paragraph, capital, change, sentence

NONE = "No statements go with this book that speak of no later day."


def grades_stand(reports: Sequence[Report]) -> Paragraph:
    """How many statements have which grade, the safest first."""
    counts = {
        grade: sum(report.counts.get(grade, 0) for report in reports)
        for grade in (*GRADES, *UNGRADED)
    }
    total = sum(counts.values())
    if not total:
        return sentence(NONE)
    if counts["supported"] == total:
        return sentence(f"All {total} statements are supported by the rows and by a calculator")
    said = ", ".join(f"{n} {grade}" for grade, n in counts.items() if n)
    return sentence(f"{total} statements: {said}")


def grades_changed(frame: pd.DataFrame) -> Paragraph:
    """The first line of what changed: which published statements have another grade."""
    said = headline(frame) or "No statements had been published by the date compared with."
    return sentence(f"{capital(said).removesuffix('.')}.")


def tone_of(frame: pd.DataFrame) -> str:
    """The tone of that line: a warning where a grade changed."""
    if frame.empty:
        return "note"
    return "warning" if frame["changed"].astype(bool).any() else "good"


def became_known(ctx: Context, day: str) -> Paragraph:
    """What became known since the date compared with did to the backlog of a day."""
    then = figure(ctx.book.as_known(ctx.compare_to), "backlog", as_of=day)
    name = f"{then.id}-known-{ctx.compare_to}"
    then = replace(then, id=name, metric="backlog_known_then")
    c = change(then, balance(ctx, "backlog", day).evidence, ctx.money)
    verb = {"up": "raised", "down": "lowered"}.get(c.direction, "left")
    whose = "the backlog of the reporting date" if day == ctx.as_of else "that day's backlog"
    head = f"What became known since {day_in_words(ctx.compare_to)} {verb} {whose} "
    if verb == "left":
        return sentence(head, c.verb.removeprefix("was ") if c.direction == "flat" else "unchanged")
    return sentence(head, "from ", c.before, " to ", c.after)
