"""Display objects: what the cells of a notebook end with.

Each carries its content as plain data in its MIME bundle, besides HTML for a notebook and text
for a terminal. HTML, PDF and workbook of a pack are views of that data; none parses another.
"""

from fpp_analysis.display.figure import Figure
from fpp_analysis.display.objects import (
    Callout,
    Definition,
    Display,
    Finished,
    KeyFigures,
    Marked,
    Prose,
    Table,
    caveats,
    marked,
    show,
)

__all__ = [
    "Callout",
    "Definition",
    "Display",
    "Figure",
    "Finished",
    "KeyFigures",
    "Marked",
    "Prose",
    "Table",
    "caveats",
    "marked",
    "show",
]
