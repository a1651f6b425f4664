"""Display objects as text, for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any

from fpp_analysis.metrics.model import LABELS

WIDTH = 100

Payload = Mapping[str, Any]


def fragment(payload: Payload) -> str:
    """The payload's content as text."""
    return _WRITERS[payload["kind"]](payload).rstrip()


def _table(payload: Payload) -> str:
    unit = f" ({payload['unit']})" if payload["unit"] else ""
    header = [column["label"] for column in payload["columns"]]
    right = [column["align"] == "right" for column in payload["columns"]]
    body = _grid([header, *payload["shown"]], right) if payload["shown"] else "(no rows)"
    return "\n".join([payload["title"] + unit, body, *_below(payload)])


def _grid(rows: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if at_right else cell.ljust(width)
            for cell, width, at_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "─" * len(max(lines, key=len)), *lines[1:]])


def _below(payload: Payload) -> list[str]:
    return [payload[key] for key in ("note", "source") if payload.get(key)]


def _figure(payload: Payload) -> str:
    return "\n".join([fill(payload["alt"], WIDTH), *_below(payload)])


def _key_figures(payload: Payload) -> str:
    rows = [
        [
            item["label"],
            item["shown"],
            "; ".join(
                [
                    *filter(None, [_said(item["base"])]),
                    *(f"{c['shown']} {c['against']}" for c in item["changes"]),
                ]
            ),
        ]
        for item in payload["items"]
    ]
    return payload["title"] + ("\n" + _grid([["", "", ""], *rows], [False, True, False])
                               .split("\n", 2)[-1] if rows else "")  # fmt: skip


def _said(runs: Sequence[Any]) -> str:
    return "".join(run if isinstance(run, str) else run["shown"] for run in runs)


def _paragraphs(payload: Payload) -> str:
    return "\n\n".join(fill(_said(runs), WIDTH) for runs in payload["paragraphs"])


def _callout(payload: Payload) -> str:
    return f"{payload['tone'].upper()}: {payload['title']}\n{_paragraphs(payload)}"


def _definition(payload: Payload) -> str:
    return "\n".join(
        [payload["title"], fill(payload["definition"], WIDTH)]
        + [f"  {label.lower()}: {payload[key]}" for key, label in LABELS.items() if payload[key]]
    )


def _end(payload: Payload) -> str:
    return "\n".join(["Checks that held:", *(f"  {check}" for check in payload["checks"])])


def _marked(payload: Payload) -> str:
    lines = [payload["title"], *([payload["note"]] if payload["note"] else [])]
    for one in payload["paragraphs"]:
        words = "".join(
            run if isinstance(run, str) else f"{run['shown']} [{run['number']}]"
            for run in one["runs"]
        )
        lines += ["", fill(words, WIDTH)]
        lines += [
            fill(f"[{n['number']}] {n['sign']} {'; '.join(n['words'])}", WIDTH)
            for n in one["notes"]
        ]
    return "\n".join(lines)


_WRITERS = {
    "table": _table,
    "figure": _figure,
    "key_figures": _key_figures,
    "marked": _marked,
    "prose": _paragraphs,
    "callout": _callout,
    "definition": _definition,
    "end": _end,
}
