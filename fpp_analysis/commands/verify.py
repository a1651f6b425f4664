"""`fpp verify`: whether a pack is as it was published, and whether the book still says so."""

from __future__ import annotations

from pathlib import Path

import click

from fpp_analysis.commands.options import asked


@asked("verify")
def command(pack: Path, book: str, against: str) -> None:
    """Hash the files of PACK again; with --book, compute its figures again and compare.

    With --against, a pack whose files and manifest were both written again is found too.

    Says what was compared, or lists every difference and ends with 65.
    """
    from fpp_analysis.report.verifying import verify

    click.echo(f"{pack}: {verify(pack, book=book, against=against)}")
