"""A page as a notebook would show it, written by hand, for tests of its views."""

from __future__ import annotations

from typing import Any

from fpp_analysis.report.payloads import MIME, Page, read_page

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    '=HYPERLINK("https://evil.example","x")',
    "=cmd|' /C calc'!A0",
    "@SUM(1)",
    "+1-1",
    "-2+3",
    "#set page(width: 1cm)",
    "$x^2$ *bold* _it_ `raw` @ref <label>",
    "[x](javascript:alert(1))",
    "{{ 7 * 7 }} {% raw %}",
    "\\u0000 \u202egnp.exe",
    "Zażółć 日本 ⚙ Ω",
    "a" * 300,
)
NUMBER = {
    "id": "backlog-2009-11-30",
    "metric": "backlog",
    "scope": "all contracts",
    "start": "",
    "as_of": "2009-11-30",
    "value": 17612345.67,
    "unit": "USD",
    "query": "fpp table backlog --book . --as-of 2009-11-30",
}
GROWTH = {
    "id": "growth-2009-05-31-2009-11-30",
    "metric": "growth",
    "scope": "all contracts",
    "start": "2009-05-31",
    "as_of": "2009-11-30",
    "value": 0.6301,
    "unit": "fraction",
    "query": "fpp table metrics --book . --as-of 2009-11-30 --from 2009-05-31",
}
STAMP = {
    "name": "Example book",
    "programme": "Factory Protection Plan (FPP)",
    "company": "Example Energy",
    "synthetic": True,
    "as_of": "2009-11-30",
    "compare_to": "2009-05-31",
    "cut_off": "2012-03-31",
    "status": "draft",
    "edition": "inside",
    "source": "Source: Example book (SYNTHETIC).",
    "safe_harbour": "Statements about the future are not promises.",
    "contact": "ir@example.com",
}
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="518pt" height="230pt" viewBox="0 0 518 230">'
    '<path d="M 10 200 L 10 100 L 60 100 L 60 200 z" fill="#14406b"/></svg>'
)


def table(name: str, title: str, labels: list[str], rows: list[list[Any]], **more: Any) -> Any:
    """A table payload: the first column text, the others money, shown in thousands."""
    columns = [
        {
            "name": label.lower().replace(" ", "_"),
            "label": label,
            "kind": "money" if i else "text",
            "align": "right" if i else "left",
        }
        for i, label in enumerate(labels)
    ]
    return {
        "kind": "table",
        "version": 1,
        "id": name,
        "evidence": [],
        "title": title,
        "note": "Movements are signed.",
        "source": "Source: Example book (SYNTHETIC), as of 30 November 2009.",
        "as_of": "2009-11-30",
        "unit": "USD thousand",
        "columns": columns,
        "rows": rows,
        "shown": [[row[0], *(_thousands(value) for value in row[1:])] for row in rows],
        "row_header": True,
        "total_rows": [],
        "metric": "backlog",
        "query": NUMBER["query"],
        **more,
    }


def _thousands(value: float | None) -> str:
    if value is None:
        return "–"
    shown = f"{abs(value) / 1000:,.0f}"
    return f"({shown})" if value < 0 else shown


def figure(name: str, title: str, **more: Any) -> Any:
    """A figure payload."""
    return {
        "kind": "figure",
        "version": 1,
        "id": name,
        "evidence": [],
        "title": title,
        "unit": "USD million",
        "as_of": "2009-11-30",
        "source": "Source: Example book (SYNTHETIC), as of 30 November 2009.",
        "note": "",
        "alt": "One bar of 17.6 million.",
        "svg": {"wide": SVG, "narrow": SVG, "slide": SVG},
        "png": "",
        "columns": [
            {"name": "quarter", "label": "Quarter", "kind": "text", "align": "left"},
            {"name": "backlog", "label": "Backlog", "kind": "money", "align": "right"},
        ],
        "rows": [["FY2010Q2", 14500000.0], ["FY2010Q3", 17612345.67]],
        "metric": "backlog",
        "query": NUMBER["query"],
        **more,
    }


def payloads(hostile: bool = False) -> list[list[Any]]:
    """The payloads of each code cell of the page."""
    words = list(HOSTILE) if hostile else ["Europe", "North America", "Asia Pacific"]
    bridge = [["Opening", 10800000.0], ["New", 8012345.67], ["Recognised", -1200000.0]]
    bridge.append(["Closing", 17612345.67])
    long = [[f"{words[i % len(words)]}", 1000.0 * i, 900.0 * i] for i in range(120)]
    wide = [[name, *(1e6 * i for i in range(18))] for name in ("Billings", "Revenue", "Cash")]
    return [
        [
            {
                "kind": "key_figures",
                "version": 1,
                "id": "keys",
                "evidence": [NUMBER, GROWTH],
                "title": "Key figures",
                "as_of": "2009-11-30",
                "items": [
                    {
                        "id": NUMBER["id"],
                        "label": words[0],
                        "shown": "$17.6 million",
                        "value": NUMBER["value"],
                        "unit": "USD",
                        "metric": "backlog",
                        "changes": [
                            {"against": "since 31 May 2009", "shown": "+63.0%", "direction": "up"}
                        ],
                    },
                    {
                        "id": GROWTH["id"],
                        "label": "Growth",
                        "shown": "63.0%",
                        "value": GROWTH["value"],
                        "unit": "fraction",
                        "metric": "growth",
                        "changes": [],
                    },
                ],
            },
            {
                "kind": "prose",
                "version": 1,
                "id": "summary",
                "evidence": [NUMBER],
                "paragraphs": [
                    [
                        "Backlog rose to ",
                        {"shown": "$17.6 million", "evidence": NUMBER["id"]},
                        ". ",
                        *words,
                    ]
                ],
            },
            {
                "kind": "callout",
                "version": 1,
                "id": "care",
                "evidence": [],
                "tone": "warning",
                "title": words[0],
                "paragraphs": [[word] for word in words],
            },
        ],
        [figure("vintages", f"Backlog grew, {words[1]}", alt=f"Bars. {words[0]}")],
        [table("bridge", "From 10.8 to 17.6 million", ["Movement", "Amount"], bridge,
               total_rows=[3])],
        [table("long", words[0], ["Customer", "Backlog", "RPO"], long)],
        [table("wide", "By quarter", ["Line", *(f"FY20{i:02}Q1" for i in range(18))], wide)],
        [
            {
                "kind": "definition",
                "version": 1,
                "id": "metric-backlog",
                "evidence": [],
                "metric": "backlog",
                "title": "Backlog",
                "definition": "Contracted service value not yet recognised.",
                "formula": "Σ final − recognised",
                "unit": "money",
                "method": "Straight line by the day.",
                "assumptions": "All contracts.",
                "source": "company-defined",
            },
            {
                "kind": "end",
                "version": 1,
                "id": "end",
                "evidence": [],
                "checks": ["opening + movements = closing (4 rows)"],
                "stamp": STAMP,
            },
        ],
    ]  # fmt: skip


HEADINGS = (
    "# Backlog and what moved it\n\nHow much is *not yet* recognised?",
    "## Over time\n\n- one\n- two",
    "## Bridge",
    "### By customer",
    "## Wide",
    "## Definitions\n\n| Term | Meaning |\n|---|---|\n| RPO | enforceable |",
)


def notebook(*, hostile: bool = False, **stamp: Any) -> Any:
    """The page as an executed notebook."""
    cells: list[Any] = []
    for heading, shown in zip(HEADINGS, payloads(hostile), strict=True):
        cells.append({"cell_type": "markdown", "metadata": {}, "source": heading})
        outputs = [
            {"output_type": "display_data", "metadata": {}, "data": {MIME: payload}}
            for payload in shown
        ]
        cells.append(
            {"cell_type": "code", "metadata": {}, "source": "1", "outputs": outputs,
             "execution_count": 1}
        )  # fmt: skip
    end = cells[-1]["outputs"][-1]["data"][MIME]
    end["stamp"] = {**STAMP, **stamp}
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def page(name: str = "10-backlog", *, hostile: bool = False, **stamp: Any) -> Page:
    """The page, read."""
    return read_page(notebook(hostile=hostile, **stamp), name)
