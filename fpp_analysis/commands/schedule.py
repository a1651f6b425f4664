"""`fpp schedule`: ready files for cron, systemd or a CI workflow."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from pathlib import Path
from typing import Any

import click

from fpp_analysis.commands.options import asked


@asked("schedule")
def command(
    kind: str, folder: Path | None, at: dt.datetime, month: int, book: str, out: str, **given: Any
) -> None:
    """Print the files that make a scheduler produce each quarter's pack.

    KIND: cron, systemd (a service and its timer), ci (a workflow) or airflow (a DAG). A
    database's URL with its password does not belong in any of them: see
    docs/how-to-schedule.md.
    """
    from fpp_analysis.fiscal import FiscalCalendar
    from fpp_analysis.parts import Part
    from fpp_analysis.report.scheduling import Schedule, files

    _ = given["part"] and Part.of(given["part"], said="--part")
    _ = given["since"] and FiscalCalendar(month).parse(given["since"])
    # a workflow runs in a checkout, so its paths stay as they are given
    place = str if kind == "ci" else _absolute
    schedule = Schedule(
        program=shutil.which("fpp") or str(Path(sys.executable).with_name("fpp")),
        book=place(book),
        out=place(out),
        log=place(given.pop("log") or str(Path(out) / "runs.jsonl")),
        year_end_month=month,
        hour=at.hour,
        minute=at.minute,
        **given,
    )
    for name, text in files(schedule, kind).items():
        if folder is None:
            click.echo(f"# --- {name}\n{text}")
            continue
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        click.echo(f"wrote {folder / name}")


def _absolute(path: str) -> str:
    """A scheduler starts in another folder: paths are absolute, names and URLs stay."""
    return path if path == "sample" or "://" in path else str(Path(path).absolute())
