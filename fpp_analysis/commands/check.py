"""`fpp check`: faults, control totals, tie-out, and what the warnings touch in money."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fpp_analysis.commands.options import asked, limits

if TYPE_CHECKING:
    from fpp_analysis.schema import ValidBook


@asked("check")
def command(book: str | None, named: str | None, form: str, rejects: Path, **given: Any) -> int:
    """Check a book: every fault with its place and remedy, then control totals.

    BOOK: a folder, a workbook, a database file or a URL. Ends with 0 where the book is
    accepted, 3 where rows were set aside, 65 where it is refused.
    """
    from fpp_analysis import aside, loading, quality, sources
    from fpp_analysis.errors import FaultsError

    bad_rows = limits(**given)
    if book and named:
        raise click.UsageError("BOOK is given twice")
    book = book or named or loading.SAMPLE
    source = loading.data_folder(loading.SAMPLE) if book == loading.SAMPLE else book
    valid = aside.checked(sources.read(source))
    quality.require_rates(valid)
    left_out = aside.SetAside()
    try:
        if bad_rows and valid.findings.count("error"):
            valid, left_out, rejected = aside.set_aside(valid, bad_rows)
            aside.write_rejects(rejects, rejected)
        built = loading.build_book(valid, left_out)
        loading.texts(Path(source) / loading.CLAIMS, (*loading.STATEMENTS, *loading.TEXTS))
        said = quality.quality(valid, built)
    except FaultsError as refused:
        _show(form, book, valid, refused=refused)
        if form == "text" or not refused.faults:
            raise
        return refused.exit_code
    code = 3 if built.set_aside else 0
    _show(form, book, valid, said=said, code=code)
    return code


def _show(
    form: str, book: str, valid: ValidBook, *, refused: Any = None, said: Any = None, code: int = 0
) -> None:
    """Faults and totals in the form asked for; warnings of a text go to standard error."""
    from fpp_analysis import aside, quality
    from fpp_analysis.errors import FAULTS_SHOWN, listed

    found = valid.findings
    if form == "text":
        warned = found.faults("warning")
        if warned:
            lines = aside.summary_lines(found.summed("warning"))
            click.echo("\n".join([*lines, listed(warned)]), err=True)
        for line in quality.how_read(valid.raw) + (said.lines() if said else []):
            click.echo(line)
        return
    faults = found.faults()
    if refused is not None and not found.count("error"):
        faults = (*refused.faults, *faults)  # what came to light after the check
    if form == "github":
        for fault in faults[:FAULTS_SHOWN]:
            click.echo(quality.annotation(fault, book))
        return
    state: dict[str, Any] = {
        "faults": [fault.as_dict() for fault in faults],
        "more": 0,
        "summary": [one.as_dict() for one in found.summed()],
        "tables": {name: table.how.as_dict(name) for name, table in valid.raw.tables.items()},
        "exit": refused.exit_code if refused else code,
    }
    if refused:
        state["refused"] = refused.refused
    state.update(said.as_dict() if said else {})
    click.echo(json.dumps(state, ensure_ascii=False, indent=1))
