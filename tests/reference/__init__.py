"""A second implementation of the handbook, slow and plain, for comparison with the package.

Written from the handbook alone: loops over rows, `datetime.date`, whole minor units and
fractions, every instalment written out. It shares no code with the package and reads the CSV
files by itself. It supposes a lawful book; refusing is the package's work.

Each measure returns a list of rows (dicts): labels as text, money as whole minor units of the
reporting currency, fractions as `Fraction` or None where a denominator is zero.
"""

from tests.reference.book import plain, ratio
from tests.reference.calendar import DAY, edate, month_end, month_part, rounded
from tests.reference.contract import Contract, Segment, decimal, minor, minor_digits
from tests.reference.documents import Documents
from tests.reference.view import View


class Reference(Documents):
    """A CSV book and every measure of it."""


__all__ = [
    "DAY",
    "Contract",
    "Reference",
    "Segment",
    "View",
    "decimal",
    "edate",
    "minor",
    "minor_digits",
    "month_end",
    "month_part",
    "plain",
    "ratio",
    "rounded",
]
