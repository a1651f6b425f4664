"""`fpp diff`: what changed between two books, two known dates, or a pack and today's book."""

from __future__ import annotations

from typing import Any

import click

from fpp_analysis.commands.options import asked


@asked("diff")
def command(old: str, new: str | None, form: str, table: str | None, **given: Any) -> None:
    """Compare OLD and NEW: rows, figures (a bridge to the cent), and grades of statements.

    OLD and NEW are books. With one book, --as-known gives the two clocks. OLD may also be the
    folder of a published pack: then each of its figures is computed again from NEW.
    """
    from fpp_analysis.diff.published import is_pack
    from fpp_analysis.diff.writing import PARTS, WRITERS, of_books, of_pack
    from fpp_analysis.errors import UsageError

    if form == "csv" and table is None:
        raise UsageError(f"fpp diff: CSV holds one table: give --table ({', '.join(PARTS)})")
    if is_pack(old):
        if new is None or given["as_known"]:
            raise UsageError("fpp diff: a pack is compared with a book: fpp diff PACK BOOK")
        made = of_pack(old, new, **given)
    else:
        if new is None and not given["as_known"]:
            raise UsageError("fpp diff: give OLD and NEW, or one book and --as-known DATE DATE")
        made = of_books(old, new or old, **given)
    click.echo(WRITERS[form](made, table), nl=False)
