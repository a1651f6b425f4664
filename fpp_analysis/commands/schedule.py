"""`fpp schedule`: ready files for cron, systemd or a CI workflow."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fpp_analysis.commands.options import asked
from fpp_analysis.errors import UsageError

if TYPE_CHECKING:
    from fpp_analysis.report.scheduling import Schedule

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


@asked("schedule")
def command(kind: str, at: str, folder: str | None, **given: Any) -> None:
    """Print the files that make a scheduler produce each quarter's pack.

    KIND: cron, systemd (a service and its timer), ci (a workflow) or airflow (a DAG). A
    database's URL with its password does not belong in any of them: see
    docs/how-to-schedule.md.
    """
    from fpp_analysis.report import scheduling

    for name, text in scheduling.files(_schedule(at, kind, **given), kind).items():
        if folder is None:
            click.echo(f"# --- {name}\n{text}")
            continue
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / name).write_text(text, encoding="utf-8")
        click.echo(f"wrote {Path(folder) / name}")


def _schedule(at: str, kind: str, *, book: str, out: str, log: str, **given: Any) -> Schedule:
    """The schedule asked for; every part that cannot be used is refused with its remedy."""
    from fpp_analysis.fiscal import FiscalCalendar
    from fpp_analysis.parts import Part
    from fpp_analysis.report.scheduling import Schedule

    found = _TIME.fullmatch(at)
    if not found:
        raise UsageError(f"--at: {at!r} is not a time of day (write HH:MM, e.g. 06:30)")
    edition, month = given["edition"], given.pop("month")
    if edition not in ("inside", "outside"):
        raise UsageError(f"--edition: {edition!r} is not inside or outside")
    if not 1 <= month <= 12:
        raise UsageError(f"--fiscal-year-end-month is from 1 to 12, not {month}")
    _ = given["part"] and Part.of(given["part"], said="--part")
    _ = given["since"] and FiscalCalendar(month).parse(given["since"])
    # a workflow runs in a checkout, so its paths stay as they are given
    place = str if kind == "ci" else _absolute
    return Schedule(
        program=shutil.which("fpp") or str(Path(sys.executable).with_name("fpp")),
        book=place(book),
        out=place(out),
        log=place(log or str(Path(out) / "runs.jsonl")),
        year_end_month=month,
        hour=int(found[1]),
        minute=int(found[2]),
        **given,
    )


def _absolute(path: str) -> str:
    """A scheduler starts in another folder: paths are absolute, names and URLs stay."""
    return path if path == "sample" or "://" in path else str(Path(path).absolute())
