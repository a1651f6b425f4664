"""What is found in a text, and what one sentence leaves to the next."""

from __future__ import annotations

from dataclasses import dataclass, field

from fpp_analysis.claims.model import Scope
from fpp_analysis.claims.scopes import Places
from fpp_analysis.fiscal import FiscalCalendar

DEALS = ("contracts_signed", "signed_value", "contract_term")
"""Metrics of contracts announced as signed: one sentence says more of those of another."""


@dataclass(frozen=True)
class Proposal:
    """A number placed: what it is said to be, where it stands, and what was read into it."""

    line: int
    text: str
    metric: str
    qualifier: str
    figures: tuple[str, ...]
    unit: str
    scope: Scope = ""
    start: str = ""
    as_of: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unplaced:
    """A number that no rule places, and why."""

    line: int
    text: str
    figure: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """What a text says that can be checked, and what it says that could not be placed."""

    proposals: tuple[Proposal, ...]
    unplaced: tuple[Unplaced, ...]
    published: str


@dataclass
class State:
    """What earlier sentences leave to later ones."""

    published: str
    programme: tuple[str, ...]
    places: Places
    paragraph: int = -1
    metric: str = ""  # of the last placed balance of the paragraph
    dates: list[str] = field(default_factory=list)  # balance dates named in the paragraph
    backlog_dates: list[str] = field(default_factory=list)
    span: tuple[str, str] = ("", "")  # the last period named in the paragraph
    deal: Proposal | None = None  # the last contracts signed, for what is said of them
    service_line: int = 0  # where the text first says "service backlog"
    product_line: int = 0
    plain: FiscalCalendar = field(default_factory=lambda: FiscalCalendar(12))

    def enter(self, paragraph: int) -> None:
        """Forget the dates of the paragraph before."""
        if paragraph != self.paragraph:
            self.paragraph, self.metric = paragraph, ""
            self.dates, self.backlog_dates, self.deal = [], [], None
            self.span = ("", "")


def short(text: str, limit: int = 240) -> str:
    """A sentence as a statement quotes it, cut where it is long."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
