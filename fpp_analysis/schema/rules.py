"""The rules of a book, once: id, severity, what it says, why it matters and how to repair.

Ids are stable and never used again for another rule. F0 files, F1 values, F2 keys and
references, F3 dates, F4 amendments, F5 currencies, F6 settings, F9 warnings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `title` says what is wrong, `cause` how it comes about, `repair` what to do."""

    id: str
    title: str
    cause: str
    repair: str

    @property
    def severity(self) -> Severity:
        return "warning" if self.id.startswith("F9") else "error"


def _rules(*rows: tuple[str, str, str, str]) -> dict[str, Rule]:
    return {row[0]: Rule(*row) for row in rows}


RULES: dict[str, Rule] = _rules(
    (
        "F001",
        "a table is missing",
        "The file, sheet or database table was not exported, or has another name.",
        "Add it, or name it under `[tables]` in `book.toml`. A table without rows keeps its header.",
    ),
    (
        "F002",
        "a table has no header",
        "The file or sheet is empty; an export that failed looks like this.",
        "Export it again; the first line holds the column names.",
    ),
    (
        "F003",
        "the file is not UTF-8 text",
        "It was saved in a Windows code page or as UTF-16, or it is not a text file at all.",
        "Save it as `CSV UTF-8`.",
    ),
    (
        "F004",
        "a line has more or fewer fields than the header",
        "A comma or line break inside a text without quotes, a line cut off, or another separator.",
        "Put quotes round the text, or declare the separator in `book.toml`.",
    ),
    (
        "F005",
        "quotes do not match",
        "A quoted text is not closed, or goes on after its closing quote.",
        "Close the quotes; write a quote inside a quoted text twice.",
    ),
    (
        "F006",
        "a column occurs twice",
        "Two columns of the header have the same name, or two names are mapped to one column.",
        "Rename or remove one of them.",
    ),
    (
        "F007",
        "a required column is missing",
        "The export leaves it out, or it has another name.",
        "Add it, or name the company's own column under `[map.TABLE]` in `book.toml`.",
    ),
    (
        "F008",
        "a column has no name",
        "An index column was exported, or the header is shorter than the rows.",
        "Name the column or remove it.",
    ),
    (
        "F009",
        "a column name differs from a known one by case, spaces or invisible characters only",
        "It would be carried along as an unknown column, and the known one taken as empty.",
        "Write the name as the dictionary has it.",
    ),
    (
        "F101",
        "a required value is missing",
        "The cell is empty.",
        "Fill it in.",
    ),
    (
        "F102",
        "not a plain decimal number",
        "Thousands separators, currency signs, brackets, exponents or another decimal mark.",
        "Write digits with a decimal point, e.g. `1234.50`; declare a decimal comma in `book.toml`.",
    ),
    (
        "F103",
        "too many decimals",
        "An amount has at most two decimals, a rate as many as the dictionary says.",
        "Round it at its source.",
    ),
    (
        "F104",
        "not a whole number",
        "A count of months, days or modules has a fraction, a unit or a separator.",
        "Write digits only.",
    ),
    (
        "F105",
        "not a date",
        "Another order of day, month and year, a time of day, or a day that does not exist.",
        "Write YYYY-MM-DD; declare day-first dates in `book.toml`.",
    ),
    (
        "F106",
        "out of range",
        "The number is below or above what the dictionary allows.",
        "Correct it.",
    ),
    (
        "F107",
        "not one of the choices",
        "Another spelling, or a value that the handbook does not know.",
        "Write one of the choices as listed.",
    ),
    (
        "F109",
        "a control or invisible character, or a space at an end, in an identifier",
        "Copied from a web page or a word processor; the same name would not match elsewhere.",
        "Type it again without it.",
    ),
    (
        "F201",
        "an identifier occurs twice",
        "A row was exported or appended twice, or two rows share a name.",
        "Remove or rename one of them.",
    ),
    (
        "F202",
        "two identifiers differ only by letter case or Unicode normal form",
        "The same name typed or encoded in two ways.",
        "Write it in one way everywhere.",
    ),
    (
        "F203",
        "an identifier refers to nothing",
        "The row it names is missing from the other table, or is spelt in another way there.",
        "Add the row, or correct the name.",
    ),
    (
        "F501",
        "no rate for a currency",
        "A contract is in a currency for which `fx_rates` has no rate on or before the day.",
        "Add a rate.",
    ),
    (
        "F502",
        "not a currency code of ISO 4217",
        "A symbol, a name or a misspelling.",
        "Write the three-letter code, e.g. `USD`.",
    ),
    (
        "F503",
        "a currency without two decimals",
        "Amounts are held in hundredths; this currency has another minor unit.",
        "State the contract in a currency with two decimals.",
    ),
    (
        "F901",
        "the newest rate is old",
        "The newest rate on or before the day is more than 45 days older.",
        "Add a newer rate.",
    ),
)
