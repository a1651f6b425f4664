"""The Markdown of notebooks as plain data, so that every view renders it the same way.

Only what a report needs: headings, paragraphs, lists, quotes, code, tables; text that is
strong, emphasised, code or a link. Raw HTML stays text, images are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

Block = dict[str, Any]
Run = dict[str, Any]


def blocks(source: str) -> list[Block]:
    """The blocks of a Markdown text.

    >>> blocks("# Backlog")
    [{'kind': 'heading', 'level': 1, 'text': 'Backlog'}]
    >>> blocks("what is *not* yet recognised")[0]["runs"][1]
    {'text': 'not', 'emphasis': True}
    """
    return _blocks(_parser()(source))


@cache
def _parser() -> Any:
    import mistune

    return mistune.create_markdown(renderer="ast", plugins=["table", "strikethrough"])


def _blocks(tokens: Iterable[Mapping[str, Any]]) -> list[Block]:
    found: list[Block] = []
    for token in tokens:
        kind = token["type"]
        if kind == "heading":
            text = "".join(run["text"] for run in _runs(token["children"]))
            found.append({"kind": "heading", "level": token["attrs"]["level"], "text": text})
        elif kind in ("paragraph", "block_text"):
            found.append({"kind": "paragraph", "runs": _runs(token["children"])})
        elif kind == "list":
            items = [_blocks(item["children"]) for item in token["children"]]
            ordered = bool(token["attrs"].get("ordered"))
            found.append({"kind": "list", "ordered": ordered, "items": items})
        elif kind == "block_quote":
            found.append({"kind": "quote", "blocks": _blocks(token["children"])})
        elif kind == "block_code":
            found.append({"kind": "code", "text": token["raw"].rstrip("\n")})
        elif kind == "block_html":
            found.append({"kind": "paragraph", "runs": [{"text": token["raw"].strip()}]})
        elif kind == "table":
            found.append(_grid(token))
    return found


def _grid(token: Mapping[str, Any]) -> Block:
    head, body = token["children"][0], token["children"][1:]
    rows = [row for part in body for row in part["children"]]
    return {
        "kind": "grid",
        "head": [_runs(cell["children"]) for cell in head["children"]],
        "rows": [[_runs(cell["children"]) for cell in row["children"]] for row in rows],
    }


def _runs(tokens: Iterable[Mapping[str, Any]], **marks: Any) -> list[Run]:
    """Flat runs of text with their marks."""
    runs: list[Run] = []
    for token in tokens:
        kind = token["type"]
        if kind in ("text", "inline_html", "codespan"):
            own = {"code": True} if kind == "codespan" else {}
            runs.append({"text": token["raw"], **own, **marks})
        elif kind in ("softbreak", "linebreak"):
            runs.append({"text": " ", **marks})
        elif kind in ("strong", "emphasis"):
            runs += _runs(token["children"], **{**marks, kind: True})
        elif kind == "link":
            runs += _runs(token["children"], **marks, **_link(token["attrs"]["url"]))
        elif kind != "image" and "children" in token:
            runs += _runs(token["children"], **marks)
    return runs


def _link(url: str) -> dict[str, str]:
    """Only links within the pack and to https pages; `javascript:` and the like stay text."""
    is_file = ":" not in url and not url.startswith(("/", "\\", "."))
    return {"href": url} if url.startswith(("https://", "#")) or is_file else {}
