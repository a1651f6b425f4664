"""The `with` that every chart draws in: house style in, laid-out chart out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fpp_analysis import fonts
from fpp_analysis.charts import style
from fpp_analysis.charts.layout import lay_out
from fpp_analysis.charts.marks import SHEETS
from fpp_analysis.charts.sheet import Nothing, Sheet
from fpp_analysis.errors import UsageError

WIDE = 7.2  # inches: a page's text width
HEIGHT = 3.2

SAY: ContextVar[Callable[[str], str]] = ContextVar("say", default=str)
"""How the words around a plot are said: a book may call a machine otherwise."""


@contextmanager
def canvas(ax: Axes | None, *, lying: bool = False, bare: bool = False) -> Iterator[Sheet]:
    """A sheet on an Axes in the house style, laid out on leaving; a new figure without one."""
    with style.house():
        if ax is None:
            from matplotlib import pyplot as plt

            _, ax = plt.subplots(figsize=(WIDE, HEIGHT))
        sheet = Sheet(ax, lying=lying, bare=bare)
        try:
            yield sheet
            sheet.some(np.flatnonzero(sheet.limits), "Every value is zero")
        except Nothing as why:
            sheet.message = str(why)
            ax.clear()
        sheet.speak(SAY.get())
        mpl.rcParams["font.family"] = fonts.families(sheet.said)  # inside the `with` only
        lay_out(sheet)
        SHEETS[ax] = sheet


def need(frame: pd.DataFrame, chart: str, *columns: str) -> None:
    """Raise `UsageError` where a chart's frame lacks columns, naming all of them."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise UsageError(
            f"{chart}: the frame has no column {', '.join(map(repr, missing))} (it needs "
            f"{', '.join(columns)}; there are: {', '.join(map(str, frame.columns)) or 'none'})"
        )
