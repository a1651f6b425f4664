"""The command line: `fpp COMMAND`, thin over the same functions that notebooks call."""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import click

from fpp_analysis.errors import EXIT_CODES, FaultsError, FppError, printable
from fpp_analysis.nearest import instead

DEBUG = "FPP_DEBUG"
_COMPLETION = "_FPP_COMPLETE"
_ROOM = "fpp_analysis.commands"
_CREDENTIALS = re.compile(r"(?<=://)[^/\s]+@")
_SECRET = re.compile(r"PASSWORD$|SECRET|TOKEN|API_?KEY", re.IGNORECASE)
_SHORTEST = 6

COMMANDS = (
    "report", "check", "table", "claims", "tie", "draft", "diff", "verify", "init", "history",
    "new", "lab", "selftest", "sample", "schedule",
)  # fmt: skip


# Before numpy is imported: on matrices as small as ours its threads wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class _Group(click.Group):
    """Commands in the order of use, each imported only when it is called or listed."""

    def list_commands(self, _: click.Context) -> list[str]:
        return [name for name in COMMANDS if find_spec(f"{_ROOM}.{name}")]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"{_ROOM}.{name}").command
        command.name = name
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args[0] not in known and not args[0].startswith("-"):
            ctx.fail(f"no command {args[0]!r}{instead(args[0], known)}")
        return super().resolve_command(ctx, args)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fpp_analysis", prog_name="fpp")
@click.option("--debug", is_flag=True, help="Show the traceback of an internal fault.")
@click.pass_context
def cli(ctx: click.Context, *, debug: bool) -> None:
    """Backlog, coverage and cash flow of a book of long-term service contracts."""
    ctx.obj = {"debug": debug}


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with the documented code."""
    warnings.showwarning = _warnings_once()
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.ClickException as problem:
        _complain(problem.format_message())
        code = 64
    except FppError as problem:
        code = problem.exit_code
        refused = ""
        if isinstance(problem, FaultsError) and problem.faults:
            refused = f"{problem.refused} (exit {code})"
        _complain(str(problem), refused=refused)
    except (KeyboardInterrupt, click.Abort):
        _complain(EXIT_CODES[130])
        code = 130
    except OSError as problem:
        code = _unwritable(problem)
    except Exception as fault:
        if "--debug" in (arguments or sys.argv) or os.environ.get(DEBUG):
            raise
        _complain(
            f"internal fault: {type(fault).__name__}: {fault} "
            "(this is a fault of the program, not of your data; run again with --debug)"
        )
        code = 70
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    """The code that the command ends with.

    Not `cli.main`, which ends the process by itself where standard output is closed; it stays
    for the completion of shells.
    """
    if _COMPLETION in os.environ:
        cli.main(arguments, prog_name="fpp")
    with cli.make_context("fpp", list(arguments)) as context:
        return int(cli.invoke(context) or 0)


def _unwritable(problem: OSError) -> int:
    """Standard output that is closed or full: say so where that can still be read."""
    sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - lives to the exit
    _complain(f"the output could not be written: {problem.strerror or problem}")
    return 77 if isinstance(problem, PermissionError) else 74


def _complain(text: str, *, refused: str = "") -> None:
    """Faults are lines of their own, `place: …`; anything else is one line, `error: …`."""
    text = "\n".join(printable(masked(line)) for line in text.split("\n"))
    click.echo(text if refused else f"error: {text}", err=True)
    if refused:
        click.echo(f"error: {refused}", err=True)


def masked(text: str) -> str:
    """A text without the passwords of URLs and of this process's environment.

    >>> masked("cannot reach postgresql://fin:S3cret@host/db")
    'cannot reach postgresql://***@host/db'
    """
    for name, value in os.environ.items():
        if _SECRET.search(name) and len(value) >= _SHORTEST:
            text = text.replace(value, "***")
    return _CREDENTIALS.sub("***@", text)


def _warnings_once() -> Callable[..., None]:
    """Show a warning as one line, the same one only once."""
    said: set[str] = set()

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        if (text := str(message)) not in said:
            said.add(text)
            click.echo(f"warning: {printable(masked(text))}", err=True)

    return show


if __name__ == "__main__":
    main()
