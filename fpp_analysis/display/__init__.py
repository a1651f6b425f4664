"""Display objects: what the cells of a notebook end with.

Each carries its content as plain data in its MIME bundle, besides HTML for a notebook and text
for a terminal. HTML, PDF and workbook of a pack are views of that data; none parses another.
"""

from fpp_analysis.display.figure import Figure as Figure
from fpp_analysis.display.objects import (
    Callout as Callout,
    Definition as Definition,
    Finished as Finished,
    KeyFigures as KeyFigures,
    Marked as Marked,
    Prose as Prose,
    Table as Table,
    caveats as caveats,
    marked as marked,
    show as show,
)
