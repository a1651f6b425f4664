"""`fpp new`: a small notebook that works, to be written on."""

from __future__ import annotations

import re
import shlex
from importlib import resources
from pathlib import Path

import click

from fpp_analysis.commands.options import asked
from fpp_analysis.errors import UsageError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_STARTER = resources.files("fpp_analysis.commands") / "new.ipynb"
"""The notebook, with NAME and TITLE where they are to stand."""


@asked("new")
def command(name: str, folder: Path) -> None:
    """Write DIR/NAME.ipynb: a question, two measures, a check, a chart and a table.

    It runs as it is, in JupyterLab and as a page of a pack.
    """
    name = name.removesuffix(".ipynb")
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name of a notebook (letters, digits and hyphens)")
    from fpp_analysis.schema.templates import write_new

    path = folder / f"{name}.ipynb"
    title = name.replace("-", " ").capitalize()
    text = _STARTER.read_text(encoding="utf-8").replace("TITLE", title).replace("NAME", name)
    write_new(path, text)
    click.echo(path)
    where = shlex.quote(str(folder))
    click.echo(f"Write on: fpp lab {where}")
    click.echo(
        f"Its page: fpp report --as-of 2009-11-30 --notebooks {where} --notebook {name} --out pages"
    )
