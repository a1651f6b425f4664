"""Small notebooks for the tests of the report: written to a folder, cell by cell."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

PARAMETERS = """\
book: str = "sample"
as_of: str = "2009-11-30"
compare_to: str = ""
as_known: str = ""
part: str = ""
"""
MIME = "application/vnd.fpp_analysis+json"
SHOW = f"""\
from IPython.display import display
def show(**payload):
    payload = {{"version": 1, "evidence": [], **payload}}
    display({{"{MIME}": payload, "text/plain": payload["id"]}}, raw=True)
"""
END = 'show(kind="end", id="end", checks=["0 = 0"])'


def write_notebook(
    path: Path, *cells: str, end: str | None = END, parameters: str = PARAMETERS
) -> Path:
    """A notebook with a title, a parameters cell, the code cells given and the last cell."""
    body = [new_markdown_cell(f"# {path.stem.replace('-', ' ').capitalize()}\n\nA question?")]
    body.append(new_code_cell(parameters, metadata={"tags": ["parameters"]}))
    body.append(new_code_cell(SHOW))
    body += [new_markdown_cell(c) if c.startswith("#") else new_code_cell(c) for c in cells]
    if end is not None:
        body.append(new_code_cell(end))
    for number, cell in enumerate(body):
        cell["id"] = f"cell-{number}"
    nb = new_notebook(
        cells=body,
        metadata={"kernelspec": {"name": "python3", "display_name": "x", "language": "python"}},
    )
    path.write_text(nbformat.writes(nb), encoding="utf-8")
    return path
