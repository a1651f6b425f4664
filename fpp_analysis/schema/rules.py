"""The rules of a book, once: id, what is wrong, how it comes about and how to repair it.

Ids are stable and never used again for another rule. F0 files and headers, F1 values, F2 keys
and references, F3 dates and rows against each other, F4 amendments, F5 currencies,
F6 settings, F9 warnings. `docs/rules.md` is made from this page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fpp_analysis.errors import Fault

Severity = Literal["error", "warning"]

_ALWAYS_STOP = ("F0", "F2", "F5", "F6")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `title` says what is wrong, `cause` how it comes about, `repair` what to do."""

    id: str
    title: str
    cause: str
    repair: str

    @property
    def severity(self) -> Severity:
        """Errors refuse a book; warnings, whose ids begin with F9, do not."""
        return "warning" if self.id.startswith("F9") else "error"

    @property
    def stops(self) -> bool:
        """Whether it stops a run even where bad rows may be set aside."""
        return self.id.startswith(_ALWAYS_STOP) or self.id in ("F109", "F113")


_TEXT = """
F001 | a table is missing
The file, sheet or database table was not exported, or has another name.
Add it, or name it under `[tables]` in `book.toml`. A table without rows keeps its header.

F002 | a table has no header
The file or sheet is empty; an export that failed looks like this.
Export it again; the first line holds the column names.

F003 | not UTF-8 text
It was saved in a Windows code page or as UTF-16, is damaged, or is not a text file at all.
Save it as "CSV UTF-8".

F004 | a line has more or fewer fields than the header
A separator or line break inside a text without quotes, a line cut off, or another separator.
Put quotes round the text, or declare the separator under `[dialect]` in `book.toml`.

F005 | quotes do not match
A quoted text is never closed, or goes on after its closing quote.
Close the quotes; write a quote inside a quoted text twice.

F006 | a column occurs twice
Two columns of the header have the same name, or two names are mapped to one column.
Rename or remove one of them.

F007 | a required column is missing
The export leaves it out, or it has another name.
Add it, or name the company's own column under `[map.TABLE]` in `book.toml`.

F008 | a column with values has no name
An index column was exported, or the header is shorter than the rows.
Name the column or remove it.

F009 | a column name differs from a known one only by case, spaces or invisible characters
It would be carried along as an unknown column, and the known one would count as empty.
Write the name as the data dictionary has it.

F010 | the separator is not the one expected
The file is separated by semicolons, tabs or bars.
Declare it, e.g. `[dialect]` with `separator = ";"` in `book.toml`.

F011 | a table occurs twice
The folder holds the same table as CSV and as Parquet, or two sheets are mapped to it.
Remove one of them.

F012 | not a regular file, or too large
A pipe, a device or a loop of links, or a file beyond the limit of the reader.
Give a plain file; split what is beyond the limit.

F013 | the file is damaged or not of its kind
Cut off while copying, encrypted, or another format under this ending.
Export it again, without a password.

F014 | a sheet or table of the book is hidden
Its rows would be counted without being seen.
Unhide the sheet, or rename it if it is not part of the book.

F015 | merged cells
Only the first cell of a merged range holds the value; the others would count as empty.
Unmerge them and fill in every cell.

F016 | a file beyond the limits of the reader
A cell far outside the table, very many cells or columns, or a file that takes very much to read.
Delete the rows and columns below and beside the table; use CSV or Parquet for large books.

F017 | a column of a type that is not read
Lists, structures or binary data in a Parquet file or a database.
Write the column as text, number or date.

F101 | a required value is missing
The cell is empty or blank.
Fill it in.

F102 | not a plain decimal number
Thousands separators, currency signs, brackets, exponents or another decimal mark.
Write digits with a decimal point, e.g. `1234.50`; declare a decimal comma under `[dialect]`.

F103 | too many decimals
An amount has at most the decimals of its currency, a rate as many as the dictionary says.
Round it at its source.

F104 | not a whole number
A count of months, days or modules has a fraction, a unit or a separator.
Write digits only.

F105 | not a date
Another order of day, month and year, a time of day, or a day that is not in the calendar.
Write YYYY-MM-DD, or declare day-first dates under `[dialect]`; use real date cells in workbooks.

F106 | out of range
The value is below or above what the data dictionary allows.
Correct it at its source.

F107 | not one of the choices
Another spelling, or a value that the handbook does not know.
Write one of the choices as listed.

F108 | an Excel error value
A formula failed: #REF!, #N/A, #VALUE! and the like.
Repair the formula, or write the value.

F109 | a control or invisible character, or a space at an end, in an identifier
Copied from a web page or a word processor; the same name would not match elsewhere.
Type it again without it.

F110 | the amounts add up to more than is exact
The sum of a column reaches 2^62 minor units, beyond which integers could overflow.
Look for an amount with digits too many; otherwise split the book.

F111 | a formula without a stored value
The workbook was written by a program that does not calculate, and never opened since.
Open and save it in a spreadsheet program, or write the values.

F112 | a text is too long
Two cells ran together, or a file was pasted into one.
Shorten it: 255 characters for an identifier, 32,767 for other text.

F113 | an identifier is not text
A spreadsheet turned it into a date, a truth value or a rounded number.
Format the column as text and type the identifier again.

F114 | a NUL character
The file is damaged, or was written by a program that pads with NUL.
Export it again.

F115 | a 32-bit floating-point amount
At this size it cannot hold cents, so that the amount may already be wrong.
Write the column as decimal or 64-bit.

F201 | an identifier occurs twice
A row was exported or appended twice, or two rows share a name.
Remove or rename one of them.

F202 | two identifiers differ only by letter case or Unicode normal form
The same name typed or encoded in two ways.
Write it in one way everywhere.

F203 | an identifier refers to nothing
The row it names is missing from the other table, or is spelt in another way there.
Add the row, or correct the name.

F204 | a contract renews itself, directly or in a circle
The wrong contract was entered.
Name the contract that ended before this one.

F301 | dates out of order
Shipped, commissioned and retired must follow each other where present.
Correct the dates.

F302 | covered_until is not after covered_from
`covered_until` is the first day without cover; it was taken as the last day, or swapped.
Correct the dates.

F303 | the same machine twice under the same contract on one day
A pair of contract and machine repeats with dates that overlap.
Remove a row, or give both rows dates that do not overlap.

F304 | a reference value without its date or period
A balance needs `as_of`, a flow needs `start` and a later `end`.
Fill them in.

F305 | ends_on is not the end of term_months
One of the two was changed without the other, or the first day without cover was taken.
Correct one, or leave one empty; `ends_on` is the last day of cover.

F306 | annual_fee does not come to contract_value
The value is that of another term, or leaves out an escalator.
Correct one, or leave one empty.

F307 | a machine added before its contract is signed
One of the two dates is wrong.
Correct it, or leave `added_on` empty.

F308 | an average rate on a day that is not the last of a month
It is the average of a calendar month, which is known with its last day.
Put it on the row of that day.

F401 | an amendment is signed before its contract
One of the two dates is wrong.
Correct it.

F402 | a repricing, termination or removal without effective_on
The cell is empty.
Write the first day of the new fee, or the first day without cover.

F403 | a repricing without a value_change
It is empty or 0.
Write by how much the fee of the remaining term changes.

F404 | a termination or removal with a value_change
What it takes away follows from its date.
Leave the cell empty.

F405 | an extension without months and without an end
`ends_on` is empty, and `term_change_months` is empty, 0 or negative.
Write by how many months the term is extended, or its new last day.

F406 | a change of term where the term does not change
Only an extension has `term_change_months` and `ends_on`.
Leave the cell empty.

F407 | an extension without a fee, or with a negative one
`value_change` is empty or below 0.
Write the fee of the added months; 0.00 where they are free.

F408 | a second termination or removal
A contract ends once.
Remove one of them.

F409 | an amendment signed after the termination
After its termination is signed a contract does not change.
Correct the dates, or write a new contract.

F410 | a repricing that takes effect on or after the termination
There is no fee left to change.
Remove it, or correct its date.

F411 | a termination or removal outside the cover
Its first day without cover lies before the contract starts or after its cover ends.
Correct `effective_on`.

F412 | a repricing that takes effect after the cover
There is no fee left to change.
Correct `effective_on`, or enter the extension with an earlier signature.

F413 | a fee below zero
With this repricing the daily amounts of the contract add up to less than 0 on some day.
Correct the amount, or enter a termination.

F414 | cover beyond the calendar
The extensions add up to more than the calendar holds.
Correct `term_change_months`.

F415 | an extension to a day that does not fit
`ends_on` is not after the old last day of cover, or not the end of `term_change_months`.
Correct it, or leave one of the two empty.

F416 | a change that fits no kind
Its contract, dates or amount cannot be read, or it moves the last day before the first.
Correct it, or leave the row out by `where_not`.

F501 | no rate for a currency
A contract is in a currency for which `fx_rates` has no rate, or none on or before the day.
Add a rate.

F502 | not a currency code of ISO 4217
A symbol, a name, a misspelling, or small letters.
Write the three-letter code, e.g. `USD`.

F503 | a currency without a minor unit
A metal or a unit of account: amounts in it cannot be held in whole units.
State the contract in a currency that is paid in.

F504 | an invoice or a receipt in another currency than its contract
What was invoiced and paid is counted in the contract's currency.
State it in that currency, or look whether it belongs to another contract.

F509 | an amount that names another currency than its row
A sign or code that `money` lets stand beside the digits is not of the row's currency.
Map `currency`, or leave the rows out by `where_not`.

F601 | a setting that is not known
A misspelt setting would silently count as not set.
Write it as the data dictionary has it.

F602 | a setting that cannot be used
Another type or value than the data dictionary allows.
Correct it.

F603 | a 52/53-week fiscal year
Fiscal years end with the last day of a month here; weeks are not supported.
Set `fiscal_year_end_month` to the month whose end is nearest.

F604 | a map or table name that does not fit
`[map.TABLE]` or `[tables]` names a table or column that the handbook does not have.
Write it as `column = "the company's name for it"`.

F605 | a value that a declaration leaves out
The words, the pattern or the table looked up in have nothing for it.
Add it to the declaration, or to the table.

F606 | a lookup that cannot be made
The table or column is not there, or one key has two values.
Name a table with each key once.

F607 | a declaration names a column that the file does not have
Its rows cannot be chosen by it.
Name a heading of the file.

F608 | two headings of a list stand in one file
The first that is there would be taken, and the other may be meant.
Keep the heading that is meant.

F609 | a proposal that nobody has kept
`fpp init --from` marks each line that it proposes; loading uses none of them.
Delete the mark where the line is right, otherwise the line.

F901 | the newest rate is old
The newest rate on or before the day is more than 45 days older.
Add a newer rate.

F902 | a value outside what is usual
`[expect]` in `book.toml` says what is usual in this book.
Look whether years were entered as months, or at `[expect]`.

F903 | an unknown column with a name near a known one
It is carried along, and the known column counts as empty.
Rename it if it is meant to be the known one.

F904 | not a country code of ISO 3166-1
A name or another code.
Write the two-letter code, e.g. `GB`.

F905 | empty rows
Rows without any value, as spreadsheets export them.
Nothing; they are skipped.

F906 | a contract renewed twice
Two contracts name the same one in `renews_contract_id`; lawful where a site was split.
Look whether one of them is a new contract.

F907 | recorded before it was signed
Drafts are sometimes entered early; the row counts from its signature.
Look whether the dates were swapped.

F908 | dated after the data cut-off
The book says that its data end earlier.
Look at the date, or at `data_cut_off`.

F909 | a value without effect
Lead days in arrears, arrears for an upfront fee, an effective date of an extension.
Remove it, or look whether another value is wrong.

F910 | names that differ only by case, spaces or Unicode form
They count as two customers, regions or models.
Write the name in one way everywhere.

F911 | a machine's dates outside its contract's cover
The row covers no day.
Look at `covered_from` and `covered_until`.

F912 | a book without contracts or without a fleet
An export may have failed; coverage needs a fleet.
Add the rows where there are some.

F913 | no book.toml
The book goes by the name of its folder, in USD, with a fiscal year that ends in March.
Write a `book.toml` (or a sheet or table `book` of key and value).

F914 | an unknown setting
It is ignored.
Remove it, or look for its name in the data dictionary.

F915 | a file or sheet with a name near that of a table
It is not read, and the table counts as absent.
Rename it if it is meant to be the table.

F916 | a damaged character
U+FFFD stands where an earlier conversion lost a character.
Correct the text at its source.

F917 | hidden rows or columns
They are read like all others.
Look whether they belong to the book.

F918 | a foreign contract without a rate, or signed before the first one
Figures at a date before the first rate of the currency are refused where they need it.
Add a rate, or an earlier one.

F919 | a scope that holds no machine
Its coverage has no denominator.
Look at the spelling of its values.

F920 | a rate for the reporting currency
It is not used: the reporting currency counts as 1.
Remove it, or look whether rates are quoted the other way round.

F921 | a column of a type that is not read is left out
Lists, structures, durations or binary data in a Parquet file or a database.
Nothing, unless the column is wanted.

F922 | rows set aside by a declared rule
A change whose contract is not in the files, or one that changes nothing.
Nothing, where it is meant; the rows are listed.

F923 | an identifier shown with zeros in front by its number format
The cell holds a number; its zeros are a picture, and are not read.
Format the column as text and type the identifiers again.

F924 | a stated change of value differs from what the change takes off
What a termination takes off follows from its date.
Look at the date and the amount.

F925 | receipts over their invoice
More came in than was asked for: paid twice, or put to the wrong invoice.
Look which receipt is another invoice's, or pay it back.

F926 | the same contract, day and amount twice
An invoice or a receipt entered twice; lawful where two were really sent or paid.
Look whether one of them is to go.

F927 | an invoice outside its contract
It is issued before the signature, or after the end of cover and its settlement.
Look at the date, and whether the contract was extended or renewed.

F928 | a renewal overlaps the contract that it renews, or leaves a gap
Both are lawful; in a gap nobody pays for cover, in an overlap two fees are counted.
Look at the first day of the renewal and at the end of the old cover.
"""


def _read(text: str) -> dict[str, Rule]:
    rules = {}
    for block in text.strip().split("\n\n"):
        head, cause, repair = block.splitlines()
        name, title = head.split(" | ", 1)
        rules[name] = Rule(name, title, cause, repair)
    return rules


RULES: dict[str, Rule] = _read(_TEXT)
"""Every rule by its id."""


def fault(
    rule: str,
    source: str,
    place: str,
    column: str,
    message: str,
    remedy: str = "",
    subject: str = "",
) -> Fault:
    """A fault with the severity of its rule."""
    return Fault(rule, source, place, column, message, remedy, subject, RULES[rule].severity)
