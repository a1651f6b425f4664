"""`fpp report`: the quarter's pack, HTML, PDF, workbook and data, in one command."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from fpp_analysis.commands.options import asked, limits
from fpp_analysis.report import forking


@contextmanager
def _importing() -> Iterator[None]:
    """What is imported stays: nobody looks for cycles in it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class _Ahead(click.Command):
    """What kernels are forked from imports while it is still read what was asked."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not set(args) & set(ctx.help_option_names):
            ctx.with_resource(forking.ahead())
        with _importing():
            return super().parse_args(ctx, args)


@asked("report", cls=_Ahead)
def command(**given: Any) -> None:
    """Make the pack of a quarter or a date and move it into place when all of it succeeded.

    The book is read once; each notebook runs in a process of its own on a snapshot of it. On
    any failure nothing is published, the earlier pack stays, and the exit code says what kind
    of failure it was.
    """
    with _importing():
        from fpp_analysis.report.asked import Limits, Options
        from fpp_analysis.report.session import Request, run_report

    atexit.register(gc.freeze)  # what is left ends with the process
    memory = given.pop("memory_limit")
    longest = {name: given.pop(f"{name}_limit") for name in ("cell", "notebook", "pack")}
    most = Limits(**longest, memory=memory * 1_000_000 if memory else None)
    reviewed = given.pop("allow_list")
    lines = reviewed.read_text(encoding="utf-8").splitlines() if reviewed else []
    options = Options(
        status=given.pop("status") or "",
        jobs=given.pop("jobs") or 0,
        limits=most,
        allow_list=tuple(line.strip() for line in lines if line.strip() and line[0] != "#"),
        **{name: given.pop(name) for name in ("notebooks", "folder", "paper", "wait", "private")},
    )
    dates = {name: given[name] or "" for name in ("as_of", "compare_to", "as_known", "today")}
    bad_rows = limits(**{name: given.pop(name) for name in ("bad_rows", "max_rows", "max_share")})
    if code := run_report(Request(**{**given, **dates}, bad_rows=bad_rows, options=options)):
        raise click.exceptions.Exit(code)
