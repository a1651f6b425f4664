"""What a notebook is asked: one declaration, checked before anything is started."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import FiscalCalendar, iso, to_day
from fpp_analysis.nearest import instead
from fpp_analysis.parts import Part

FACTS = "facts"
"""The one parameter of the outside fact sheet: the file of what it may show."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of every notebook; each notebook's `parameters` cell declares the same.

    All are text, because a notebook's parameters cell holds literals that people read and
    change. An empty text means "not given".

    Parameters
    ----------
    book
        Folder, workbook, database file or URL; "sample" is the shipped, synthetic book.
    as_of
        ISO date; balances are at the close of this day.
    compare_to
        ISO date before `as_of`; empty = the end of the fiscal quarter before.
    as_known
        ISO date; rows recorded after it are dropped. Empty = all rows.
    part
        `column=value`; only the contracts with this value. Empty = the whole book.

    Raises
    ------
    UsageError
        For a value of another type, a bad date or dates out of order; all problems in one
        message.

    >>> Parameters(as_of="2009-11-30", compare_to="2009-05-31").part
    ''
    """

    book: str = "sample"
    as_of: str = "2009-11-30"
    compare_to: str = ""
    as_known: str = ""
    part: str = ""

    def __post_init__(self) -> None:
        problems = [
            f"{field.name}: {value!r} is a {type(value).__name__}, expected text in quotes"
            for field in fields(self)
            if not isinstance(value := getattr(self, field.name), str)
        ]
        problems = problems or self._problems()
        if problems:
            raise UsageError("; ".join(problems))

    def _problems(self) -> list[str]:
        dates = {name: getattr(self, name) for name in ("as_of", "compare_to", "as_known")}
        problems = [
            f"{name}: {why}"
            for name, text in dates.items()
            if (text or name == "as_of") and (why := _refusal(to_day, text))
        ]
        if not problems and self.compare_to and to_day(self.compare_to) >= to_day(self.as_of):
            problems.append(
                f"compare_to: {self.compare_to} is not before as_of {self.as_of} "
                "(the report explains the way from the earlier date to the later)"
            )
        if not self.book:
            problems.append("book: is empty (give a folder, a workbook, a database or 'sample')")
        if self.part and (why := _refusal(Part.of, self.part)):
            problems.append(why)
        return problems

    def as_dict(self) -> dict[str, str]:
        """The parameters by name, in the order of declaration."""
        return asdict(self)


def _refusal(read: Callable[[str], object], text: str) -> str:
    """Why a text cannot be read; empty where it can."""
    try:
        read(text)
    except UsageError as problem:
        return str(problem)
    return ""


NAMES = tuple(field.name for field in fields(Parameters))


def from_mapping(given: Mapping[str, Any]) -> Parameters:
    """Parameters by name. Raises `UsageError` for an unknown name, with the nearest one.

    >>> from_mapping({"as_off": "2009-11-30"})
    Traceback (most recent call last):
    ...
    fpp_analysis.errors.UsageError: no parameter 'as_off'; did you mean 'as_of'? (there are: \
book, as_of, compare_to, as_known, part)
    """
    unknown = [
        f"no parameter {name!r}{instead(name, NAMES)}" for name in given if name not in NAMES
    ]
    if unknown:
        raise UsageError("; ".join(unknown))
    return Parameters(**given)


def check_declared(source: str, notebook: str, names: Sequence[str] = NAMES) -> None:
    """Hold a notebook's `parameters` cell against the declaration, without running it.

    Raises `UsageError` where the cell is not typed literals of exactly these names: an
    unknown name would be filled with nothing, and a missing one silently ignored.
    """
    found: dict[str, object] = {}
    problems = []
    try:
        body = ast.parse(source).body
    except SyntaxError as fault:
        raise UsageError(f"{notebook}: its parameters cell is not Python: {fault}") from None
    for statement in body:
        match statement:
            case (
                ast.AnnAssign(target=ast.Name(name), value=value)
                | ast.Assign(targets=[ast.Name(name)], value=value)
            ):
                found[name] = value.value if isinstance(value, ast.Constant) else value
            case ast.Expr(ast.Constant()):
                pass  # a docstring
            case _:
                problems.append(f"line {statement.lineno} is not NAME: str = LITERAL")
    problems += [f"no parameter {n!r}{instead(n, names)}" for n in found if n not in names]
    problems += [f"{name!r} is missing" for name in names if name not in found]
    problems += [
        f"{name!r} is not a text literal"
        for name, value in found.items()
        if name in names and not isinstance(value, str)
    ]
    if problems:
        raise UsageError(f"{notebook}: its parameters cell: {'; '.join(problems)}")


def dates_of(
    *, as_of: str, compare_to: str, quarter: str, calendar: FiscalCalendar, cut_off: str
) -> tuple[str, str, str]:
    """The pack's name and its two dates, from `--quarter` or from `--as-of`.

    `quarter` is a label such as FY2010Q2, or `latest`: the last fiscal quarter closed by the
    data's cut-off. The name is the quarter's label where it was asked for by it, otherwise the
    as-of date. Without `compare_to` it is the end of the fiscal quarter before. Raises
    `UsageError` for both, neither or bad ones.
    """
    if bool(as_of) == bool(quarter):
        raise UsageError("give either --as-of DATE or --quarter FY2010Q2 (or latest)")
    name = as_of
    if quarter == "latest":
        if not cut_off:
            raise UsageError(
                "--quarter latest needs data_cut_off in book.toml: without it nobody can say "
                "which quarter the data is complete for; or name the quarter"
            )
        as_of = iso(calendar.latest_quarter_end(to_day(cut_off)))
        name = calendar.quarter_label(to_day(as_of))
    elif quarter:
        period = calendar.parse(quarter)
        if "Q" not in quarter:
            raise UsageError(f"--quarter {quarter}: is a year, expected a quarter: {quarter}Q4")
        as_of, name = iso(period.end), quarter
    return name, as_of, compare_to or iso(calendar.prior_end(to_day(as_of)))
