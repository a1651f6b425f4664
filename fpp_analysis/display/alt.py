"""The text of a chart for those who do not see it: what it plots, with the numbers."""

from __future__ import annotations

from collections.abc import Sequence

from fpp_analysis.tables import Printed, PrintedColumn

NUMERIC = ("money", "fraction", "count", "kW", "price", "ratio", "years", "days")
ROWS_TOLD = 8
LIMIT = 1_200


def describe(title: str, table: Printed, *, as_of: str, unit: str) -> str:
    """A sentence on what is plotted, then the numbers: all of a few, else the telling ones.

    The telling ones are the first, the last, the highest and the lowest of each column.
    """
    head = f"{title.rstrip('.')}. Chart as of {as_of}"
    head += f", in {unit}." if unit else "."
    if not table.rows:
        return f"{head} There is nothing to show."
    numbers = [i for i, column in enumerate(table.columns) if column.kind in NUMERIC]
    words = [i for i in range(len(table.columns)) if i not in numbers]
    labels = [" ".join(row[i] for i in words if row[i]) for row in table.shown]
    told = [_told(table, table.columns[i], i, labels) for i in numbers]
    text = " ".join([head, *told])
    return text if len(text) <= LIMIT else text[: LIMIT - 1].rsplit(" ", 1)[0] + "…"


def _told(table: Printed, column: PrintedColumn, at: int, labels: Sequence[str]) -> str:
    shown = [row[at] for row in table.shown]
    values = [row[at] for row in table.rows]
    if len(shown) <= ROWS_TOLD:
        listed = "; ".join(
            f"{label} {text}".strip() for label, text in zip(labels, shown, strict=True)
        )
        return f"{column.label}: {listed}."
    known = [i for i, value in enumerate(values) if value is not None]
    if not known:
        return f"{column.label}: not defined."
    low = min(known, key=lambda i: values[i])
    high = max(known, key=lambda i: values[i])
    told = [
        f"{word} {shown[i]} ({labels[i]})"
        for word, i in (
            ("from", known[0]),
            ("to", known[-1]),
            ("highest", high),
            ("lowest", low),
        )
    ]
    return f"{column.label}, {len(known)} values: {', '.join(told)}."
