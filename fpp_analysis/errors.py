"""What can go wrong, said once: exception classes, the fault record and the exit codes.

Every error a user can cause is an `FppError` and carries the exit code that a scheduler
acts on. A message says where, what was found, what was expected and what to do.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

EXIT_CODES: dict[int, str] = {
    0: "done",
    3: "published with rows set aside (only on request)",
    4: "a claim is not supported",
    5: "nothing made: the data do not reach the quarter yet",
    64: "usage or bad parameter",
    65: "data refused",
    66: "input missing or unreadable",
    69: "database unreachable",
    70: "internal fault",
    73: "output cannot be made",
    74: "write failed",
    75: "locked, try again",
    77: "no permission",
    78: "configuration",
    124: "time limit",
    130: "interrupted",
    143: "terminated",
}

FAULTS_SHOWN = 100
VALUE_SHOWN = 80


def escaped(value: object, *, limit: int = VALUE_SHOWN) -> str:
    """A value from a file as it may be shown: quoted, cut, controls and bidi marks escaped."""
    text = value if isinstance(value, str) else str(value)
    shown = text[:limit].replace("\\", "\\\\").replace("'", "\\'")
    if not shown.isprintable():
        shown = "".join(ch if ch.isprintable() else ascii(ch)[1:-1] for ch in shown)
    return f"'{shown}'" + (f"… ({len(text):,} characters)" if len(text) > limit else "")


_JOINERS = "\u200c\u200d"


def printable(text: str) -> str:
    r"""A text on one line with nothing alive in it: controls, breaks and bidi marks escaped.

    >>> printable("a\x1b[2Jb\nc")
    'a\\u001b[2Jb\\nc'
    """
    if text.isprintable():
        return text
    return "".join(
        json.dumps(ch)[1:-1]
        if unicodedata.category(ch) in ("Cc", "Cf", "Cs", "Zl", "Zp") and ch not in _JOINERS
        else ch
        for ch in text
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding in the data: which rule, where, what was found and what to write instead.

    `message` is a sentence without its final stop that already shows the value escaped;
    `remedy` completes it in brackets; `subject` names the row, e.g. ``contract K-0005``.
    """

    rule: str
    source: str
    place: str
    column: str
    message: str
    remedy: str = ""
    subject: str = ""

    @property
    def severity(self) -> Literal["error", "warning"]:
        """Errors refuse a book; warnings, whose rules begin with F9, do not."""
        return "warning" if self.rule.startswith("F9") else "error"

    def __str__(self) -> str:
        where = f"{self.place}: {self.column}: " if self.column else f"{self.place}: "
        what = f"{self.severity} {self.rule}: {self.message}"
        remedy = f" ({self.remedy})" if self.remedy else ""
        subject = f" [{self.subject}]" if self.subject else ""
        return printable(where + what + remedy + subject)

    def as_dict(self) -> dict[str, str]:
        """The fields by name, as JSON holds them for a reader."""
        return {**asdict(self), "severity": self.severity}


class FppError(Exception):
    """Base of every error that is explained to the user; `exit_code` is the process's."""

    exit_code = 70

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows in place of a traceback: the message, which says what to do."""
        return [f"{type(self).__name__}: {self}"]


class NotReachedError(FppError):
    """A quarter that the data do not reach yet: nothing is made, and nothing is wrong but late."""

    exit_code = 5


class UsageError(FppError):
    """A parameter or option that cannot be used."""

    exit_code = 64


class FaultsError(FppError):
    """An error that may carry findings; `faults` holds them in file order.

    `more` counts those beyond; `summary` has one line per rule and column, to stand first.
    `refused` says what became of the input.
    """

    def __init__(
        self,
        faults: Sequence[Fault] | str,
        *,
        more: int = 0,
        summary: Sequence[str] = (),
        refused: str = "the book was refused; nothing was published",
    ) -> None:
        self.faults: tuple[Fault, ...] = () if isinstance(faults, str) else tuple(faults)
        self.more = more
        self.summary = tuple(summary)
        self.refused = refused
        text = faults if isinstance(faults, str) else listed(self.faults, more=more)
        super().__init__("\n".join([*self.summary, text]))


class DataError(FaultsError):
    """A book that is refused."""

    exit_code = 65


class InputError(FppError):
    """An input that is missing or cannot be read."""

    exit_code = 66


class DatabaseError(FppError):
    """A database that cannot be reached."""

    exit_code = 69


class ReconciliationError(FppError):
    """An identity that does not hold; an internal fault, never published."""

    exit_code = 70


class OutputError(FppError):
    """An output that cannot be made, e.g. a notebook that failed or a PDF that is refused."""

    exit_code = 73


class WriteError(FppError):
    """A write that failed: disk full, input/output error."""

    exit_code = 74


class LockedError(FppError):
    """Another run holds the lock; try again."""

    exit_code = 75


class PermissionRefusedError(FppError):
    """A file or folder that may not be read or written."""

    exit_code = 77


class ConfigurationError(FaultsError):
    """A setting in `book.toml` or in the installation that cannot be used."""

    exit_code = 78


class TimeLimitError(FppError):
    """A cell, notebook or pack that took longer than its limit."""

    exit_code = 124


class FppWarning(UserWarning):
    """Something the reader can act on that does not stop the work."""


def listed(faults: Iterable[Fault], *, more: int = 0) -> str:
    """The faults a line each, capped with "and N more"; `more` counts those not handed over."""
    lines = [str(fault) for fault in faults]
    more += max(len(lines) - FAULTS_SHOWN, 0)
    return "\n".join(lines[:FAULTS_SHOWN] + ([f"… and {more:,} more"] if more > 0 else []))
