"""A notebook of one's own: joins by its metadata, plain outputs appear, the rest is refused."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest

from fpp_analysis.errors import OutputError, UsageError
from fpp_analysis.loading import load_book
from fpp_analysis.report import plain, shelf
from fpp_analysis.report.payloads import read_page
from tests.command import run
from tests.small_notebooks import write_notebook

WALK = Path(__file__).parent.parent / "docs" / "how-to-add-a-notebook.md"
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PLOT = """\
import matplotlib.pyplot as plt
fig, ax = plt.subplots()
_ = ax.plot([1, 2, 3])
fig"""


def said(path: Path, **metadata: Any) -> None:
    nb = json.loads(path.read_text(encoding="utf-8"))
    nb["metadata"]["fpp"] = metadata
    path.write_text(json.dumps(nb), encoding="utf-8")


def test_the_walk_of_the_page_makes_a_pack(tmp_path: Path) -> None:
    cells = re.findall(r"```python\n(.*?)```", WALK.read_text(encoding="utf-8"), re.DOTALL)
    (metadata,) = re.findall(r"```json\n(.*?)```", WALK.read_text(encoding="utf-8"), re.DOTALL)
    parameters, ask, end = cells
    path = write_notebook(
        tmp_path / "47-own.ipynb", ask, "## A picture", PLOT,
        "from IPython.display import Markdown\nMarkdown('Told *in* **Markdown**.')",
        end=end, parameters=parameters,
    )  # fmt: skip
    said(path, **json.loads(metadata)["fpp"])
    write_notebook(tmp_path / "50-not-in-it.ipynb", "1 / 0")
    done = run("report", "--notebooks", tmp_path, "--as-of", "2009-11-30",
               "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 0, done.stderr
    pack = tmp_path / "out" / "sample-2009-11-30"
    html = (pack / "47-own.html").read_text(encoding="utf-8")
    for shown in ("6 regions", "Asia Pacific", "<em>in</em>", "Picture 1: A picture", "Table 1"):
        assert shown in html, shown
    assert "Picture 2" not in html
    words = "".join(page.extract_text() for page in pypdf.PdfReader(pack / "47-own.pdf").pages)
    for shown in ("6 regions", "Asia Pacific", "Picture 1", "Told in Markdown."):
        assert shown in words, shown
    sheet = openpyxl.load_workbook(pack / "workbook.xlsx")["47 table-1"]
    assert sheet["A5"].value == "Asia Pacific"
    assert sheet["B5"].value > 1e6
    assert not (pack / "50-not-in-it.html").exists()


def page_of(*outputs: dict[str, Any]) -> Any:
    cell = {"cell_type": "code", "source": "x", "outputs": list(outputs)}
    title = {"cell_type": "markdown", "source": "# Own\n\n## Part"}
    return read_page({"cells": [title, cell], "metadata": {}}, "47-own")


def shows(mime: str, data: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {mime: data, "text/plain": "x"}}


def test_a_table_keeps_its_index_and_its_numbers() -> None:
    html = (
        "<style>td {color: red}</style><table><thead><tr><th></th><th colspan='2'>USD</th></tr>"
        "<tr><th>region</th><th>new</th><th>lost</th></tr></thead><tbody>"
        "<tr><th>Europe</th><td>1,234.5</td><td>-2</td></tr>"
        "<tr><th>Asia &amp; more</th><td>NaN</td><td>3</td></tr></tbody></table>"
    )
    (table,) = page_of(shows("text/html", html)).of("table")
    assert [column["label"] for column in table["columns"]] == ["region", "new", "USD lost"]
    assert table["rows"] == [["Europe", 1234.5, -2.0], ["Asia & more", None, 3.0]]
    assert table["title"] == "Table 1: Part"
    assert table["row_header"]


def test_a_picture_is_a_figure_of_its_size_with_an_alt_text() -> None:
    shown = {**shows("image/png", PIXEL), "metadata": {"image/png": {"alt": "A red point."}}}
    svg = shows("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg' width='1pt'/>")
    first, second = page_of(shown, shown, svg).of("figure")  # the same twice is one
    assert first["alt"] == "A red point."
    assert second["alt"].startswith("Picture 2: Part")
    assert 'width="0.72pt"' in first["svg"]["wide"]
    assert base64.b64decode(first["png"])[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("output", "told"),
    [
        (shows("application/vnd.jupyter.widget-view+json", "{}"), "widget-view"),
        (shows("text/latex", "$x$"), "text/latex"),
        (shows("text/html", "<div onclick='x()'>hello</div>"), "HTML without a table"),
        (shows("image/svg+xml", "<svg><script>1</script></svg>"), "script"),
        (shows("image/png", "AAAA"), "PNG picture that is none"),
        (
            {"output_type": "stream", "name": "stdout", "text": "x" * (plain.MOST_BYTES + 1)},
            "more than 20 MB",
        ),
    ],
)
def test_what_cannot_appear_is_refused_by_name(output: dict[str, Any], told: str) -> None:
    with pytest.raises(OutputError, match="47-own: a cell shows") as refused:
        page_of(output)
    assert told in str(refused.value)


def test_five_hundred_pictures_are_refused() -> None:
    with pytest.raises(OutputError, match="more than 100 plain outputs"):
        page_of(*[shows("image/svg+xml", f"<svg id='{i}'/>") for i in range(500)])


def test_standard_error_and_empty_prints_are_not_shown() -> None:
    page = page_of(
        {"output_type": "stream", "name": "stderr", "text": "a warning"},
        {"output_type": "stream", "name": "stdout", "text": "\n"},
    )
    assert "warning" not in str(page.blocks)


def test_metadata_that_says_what_it_may_not_is_refused(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "47-own.ipynb")
    book = load_book("sample")
    with pytest.raises(UsageError, match=r'"fpp": \{"order"'):
        shelf.chosen(tmp_path, (), book, given=True)
    for metadata, told in (({"order": "x"}, "write a number"), ({"needs": "flet"}, "fleet")):
        said(path, **metadata)
        with pytest.raises(OutputError, match=told):
            shelf.entries(tmp_path)
    said(path, order=47, needs="statements")
    assert shelf.chosen(tmp_path, (), book, given=True) == ([path] if book.statements else [])
