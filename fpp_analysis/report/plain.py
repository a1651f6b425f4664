"""What a cell of an own notebook shows without display objects: tables, pictures, text.

A table (a DataFrame, or HTML with one) becomes a table with its index, a picture (a matplotlib
figure, PNG or SVG) a figure, printed text a block of code, Markdown what Markdown is. What cannot
appear is refused by name: a page that silently left it out would say less than its author thinks.
"""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from html.parser import HTMLParser
from typing import Any

from fpp_analysis.errors import OutputError
from fpp_analysis.report import markdown

Block = dict[str, Any]

MOST_BYTES, MOST_SHOWN = 20_000_000, 100
"""Of plain outputs of one notebook: what a reader opens, and a page holds."""

_PNG, _SVG, _HTML, _MARKDOWN, _TEXT = (
    "image/png", "image/svg+xml", "text/html", "text/markdown", "text/plain",
)  # fmt: skip
_NUMBER = re.compile(r"[-−+]?\d[\d,]*(\.\d+)?(e[-+]?\d+)?")
_LIVE = re.compile(r"<\s*(script|foreignObject|iframe)|\son\w+\s*=|javascript:", re.IGNORECASE)
_COMMON = {"version": 1, "evidence": [], "unit": "", "as_of": "", "source": "", "note": "",
           "metric": "", "query": ""}  # fmt: skip
_POINTS = 0.72  # of a pixel: as it was drawn, at 100 to the inch


class Plain:
    """The plain outputs of one notebook as blocks, numbered in order."""

    def __init__(self, name: str) -> None:
        self.name, self.bytes, self.shown = name, 0, 0
        self.counts = {"table": 0, "picture": 0}
        self._last = ""

    def blocks(self, output: Mapping[str, Any], under: str) -> list[Block]:
        """The blocks of one output; `under` is the heading that it stands under.

        Raises `OutputError` for what cannot appear, and for too much of it.
        """
        kind = output.get("output_type")
        if kind == "stream":
            text = _joined(output.get("text", "")).rstrip()
            shown = output.get("name") == "stdout" and text
            return [{"kind": "code", "text": text}] if shown and self._counted(text) else []
        bundle = {kind: _joined(data) for kind, data in output.get("data", {}).items()}
        if not bundle:
            return []
        for mime in (_MARKDOWN, _SVG, _PNG, _HTML):
            if mime in bundle and self._counted(bundle[mime]):
                return self._one(mime, bundle, output.get("metadata", {}), under)
        if set(bundle) <= {_TEXT}:
            text = bundle[_TEXT].rstrip()
            return [{"kind": "code", "text": text}] if self._counted(text) else []
        what = ", ".join(sorted(set(bundle) - {_TEXT}))
        raise self._refused(f"shows {what}", "show a table, a PNG or SVG picture, or Markdown")

    def _one(
        self, mime: str, bundle: Mapping[str, str], told: Mapping[str, Any], under: str
    ) -> list[Block]:
        if mime == _MARKDOWN:
            return markdown.blocks(bundle[mime])
        if mime == _HTML:
            return [self._table(rows, heads, under) for rows, heads in self._tables(bundle[mime])]
        if bundle[mime] == self._last:
            return []  # a figure that is open and named at the cell's end is shown twice
        self._last = bundle[mime]
        alt = dict(told.get(mime) or told).get("alt", "")
        svg = bundle[mime] if mime == _SVG else self._framed(bundle[mime])
        if _LIVE.search(svg):
            raise self._refused("shows an SVG picture with a script in it", "save it without")
        title = self._title("picture", under)
        png = bundle.get(_PNG, "").replace("\n", "")
        return [
            {
                **_COMMON, "kind": "figure", "id": f"picture-{self.counts['picture']}",
                "title": title, "alt": str(alt) or f"{title}, drawn in this notebook.",
                "svg": {"wide": svg, "narrow": svg}, "png": png, "columns": [], "rows": [],
            }
        ]  # fmt: skip

    def _framed(self, png: str) -> str:
        """A PNG picture as an SVG of its size."""
        data = base64.b64decode(png)
        if data[:8] != b"\x89PNG\r\n\x1a\n":
            raise self._refused("shows a PNG picture that is none", "draw it again")
        width, height = (n * _POINTS for n in struct.unpack(">II", data[16:24]))
        code = escape("".join(png.split()), quote=True)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}pt" height="{height:g}pt" '
            f'viewBox="0 0 {width:g} {height:g}"><image width="{width:g}" height="{height:g}" '
            f'href="data:image/png;base64,{code}"/></svg>'
        )

    def _tables(self, html: str) -> Iterator[tuple[list[list[str]], int]]:
        reader = _Tables()
        reader.feed(html)
        if not reader.tables:
            raise self._refused("shows HTML without a table", "show a table or Markdown")
        yield from reader.tables

    def _table(self, lines: Sequence[list[str]], heads: int, under: str) -> Block:
        wide = max(map(len, lines), default=0)
        rows = [[*line, *[""] * (wide - len(line))] for line in lines]
        labels = [
            " ".join(dict.fromkeys(filter(None, (row[i] for row in rows[:heads]))))
            for i in range(wide)
        ]
        shown = rows[heads:]
        numeric = [
            bool(shown) and all(_NUMBER.fullmatch(r[i]) or r[i] in ("", "NaN") for r in shown)
            for i in range(wide)
        ]
        numeric[:1] = [False]  # the index, whatever it is of, names its row
        columns = [
            {"name": label or f"column_{i + 1}", "label": label, "align": align, "kind": kind}
            for i, label in enumerate(labels)
            for align, kind in [("right", "number") if numeric[i] else ("left", "text")]
        ]
        values = [[_value(c, numeric=numeric[i]) for i, c in enumerate(row)] for row in shown]
        title = self._title("table", under)
        return {
            **_COMMON, "kind": "table", "id": f"table-{self.counts['table']}", "title": title,
            "columns": columns, "rows": values, "shown": shown, "row_header": wide > 1,
            "total_rows": [],
        }  # fmt: skip

    def _title(self, kind: str, under: str) -> str:
        self.counts[kind] += 1
        return f"{kind.capitalize()} {self.counts[kind]}" + (f": {under}" if under else "")

    def _counted(self, content: str) -> bool:
        self.bytes, self.shown = self.bytes + len(content), self.shown + 1
        if self.bytes > MOST_BYTES:
            raise self._refused(f"shows more than {MOST_BYTES // 10**6} MB", "show less of it")
        if self.shown > MOST_SHOWN:
            raise self._refused(f"shows more than {MOST_SHOWN} plain outputs", "show fewer")
        return True

    def _refused(self, what: str, remedy: str) -> OutputError:
        return OutputError(f"{self.name}: a cell {what}, which a report cannot hold ({remedy})")


class _Tables(HTMLParser):
    """The tables of HTML as rows of text, and how many of them are the header."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[tuple[list[list[str]], int]] = []
        self._rows: list[list[str]] = []
        self._heads = 0
        self._within: set[str] = set()  # tags that are open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A new table, row or cell."""
        self._within.add(tag)
        if tag == "table":
            self._rows, self._heads = [], 0
        elif tag == "tr":
            self._rows.append([])
            self._heads += "thead" in self._within
        elif tag in ("td", "th") and self._rows:
            span = dict(attrs).get("colspan") or "1"
            self._rows[-1] += [""] * min(int(span) if span.isdecimal() else 1, 1000)

    def handle_endtag(self, tag: str) -> None:
        """The end of a cell, of the header or of a table."""
        self._within.discard(tag)
        if tag == "table":
            self.tables.append(([row for row in self._rows if row], self._heads))

    def handle_data(self, data: str) -> None:
        """The text of a cell."""
        in_cell = self._within & {"td", "th"} and not self._within & {"style", "script"}
        if in_cell and self._rows and self._rows[-1]:
            row = self._rows[-1]
            row[-1] = " ".join(f"{row[-1]} {data}".split())


def _value(text: str, *, numeric: bool) -> float | str | None:
    if not numeric:
        return text
    plain = text.replace(",", "").replace("−", "-")
    return None if plain in ("", "NaN") else float(plain)


def _joined(text: Any) -> str:
    return "".join(text) if isinstance(text, list) else str(text)
