"""`fpp selftest`: whether this installation works, in half a minute."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click

from fpp_analysis.commands.options import asked
from fpp_analysis.errors import ReconciliationError

NOTEBOOK = "10-backlog-growth"
BY_HAND = 334
"""365.00 for the 365 days from 1 January 2009: so much is left at the close of the 31st."""


@asked("selftest")
def command() -> None:
    """Compute known figures, hold the identities, make and verify a small pack.

    Everything is made in a temporary folder and removed. Ends with 0, or with the code and
    the message of the first thing that does not work here.
    """
    with tempfile.TemporaryDirectory(prefix="fpp selftest ü ") as folder:
        for what, proof in PROOFS.items():
            began = time.monotonic()
            found = proof(Path(folder))
            click.echo(f"ok  {what}: {found} ({time.monotonic() - began:.1f} s)")


def _by_hand(folder: Path) -> str:
    import fpp_analysis as fpp

    (folder / "contracts.csv").write_text(
        "contract_id,customer,region,signed_on,starts_on,term_months,contract_value\n"
        "A,Ärzte & Söhne,Nord,2008-12-15,2009-01-01,12,365.00\n",
        encoding="utf-8",
    )
    found = fpp.backlog(fpp.load_book(folder), as_of="2009-01-31")["backlog"].item()
    if found != BY_HAND:
        raise ReconciliationError(f"a contract by hand: backlog {found}, expected {BY_HAND}")
    return f"{found:,.2f}"


def _sample(_: Path) -> str:
    import fpp_analysis as fpp
    from fpp_analysis import checks

    book = fpp.load_book("sample")
    start, end = "2009-05-31", "2009-11-30"
    balances = fpp.backlog(book, as_of=[start, end])
    moves = fpp.rollforward(book, start=start, end=end)
    split = fpp.rollforward(book, start=start, end=end, by="region")
    held = [
        checks.check_rollforward(moves),
        checks.check_balances(moves, balances[:1], balances[1:], column="backlog"),
        checks.check_split(split, moves, by="region"),
        checks.check_ladder(fpp.ladder(book, as_of=[start, end]), balances),
        checks.check_rpo(fpp.rpo(book, as_of=[start, end]), balances),
        checks.check_coverage(fpp.coverage(book, as_of=end)),
    ]
    return f"{len(held)} identities hold"


def _pack(folder: Path) -> str:
    from fpp_analysis.report import pack
    from fpp_analysis.report.asked import Asked, Options
    from fpp_analysis.report.parameters import Parameters
    from fpp_analysis.report.verifying import verify

    asked = Asked(
        Parameters("sample", "2009-11-30", "2009-05-31"),
        "selftest",
        folder / "reports",
        Options(notebooks=(NOTEBOOK,)),
    )
    return verify(pack.make(asked), book="sample")


PROOFS: dict[str, Callable[[Path], str]] = {
    "a contract by hand": _by_hand,
    "the sample book": _sample,
    "a pack": _pack,
}
