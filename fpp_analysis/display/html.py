"""HTML fragments of display objects, made from their payloads alone.

Every text is escaped; the element's id is the payload's, a number with evidence is a link to
`#evidence-ID`. Classes begin with `fpp-`; colours are the variables `--fpp-ink`, `--fpp-muted`,
`--fpp-line`, `--fpp-ground`, `--fpp-accent`, `--fpp-good`, `--fpp-bad`, which a page may set.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from html import escape, unescape
from importlib import resources
from typing import Any

from fpp_analysis.display import drawing
from fpp_analysis.metrics.model import LABELS
from fpp_analysis.numbers import counted, day_in_words, short_day, unbroken, with_unit

PHONE = "(max-width: 560px)"
MOST_ROWS = 60
"""Rows of a table on a page; its file has all."""

WIDTHS = ((40, "fpp-long"), (12, "fpp-name"), (0, "fpp-short"))
"""How a column is kept from being squeezed by a text of more letters than so many."""

ANSWERS = frozenset({"grade", "agrees", "probability"})
"""Columns that stay in sight where a table is wider than the screen; a last one of numbers too."""

ARROWS = {"up": "▲", "down": "▼"}
TONES = {"note": "Note", "warning": "Warning", "good": "Good", "bad": "Attention"}

Payload = Mapping[str, Any]

_LIVE = re.compile(  # in small letters, and letters first: quicker
    r"<(?:script|foreignobject|iframe|style)|on(?<=\son)\w+\s*=|javascript:"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PLACE = re.compile(r'href="#[^"]*-place-\d+" data-place="([^"]*)"')
_LETTERS = re.compile(r"[^\s&;]{30}")


@cache
def style() -> str:
    """The style of the fragments, for a page's `style` element."""
    return (resources.files("fpp_analysis.display") / "display.css").read_text(encoding="utf-8")


def standalone(payload: Payload) -> str:
    """The fragment with its style and evidence, on light ground whatever the theme: for a notebook.

    Two amounts in one sentence are no formula between dollar signs.
    """
    rows = "".join(
        f'<div id="{anchor(one["id"])}"><dt>{escape(with_unit(one["value"], one["unit"]))}</dt>'
        f"<dd><code>{escape(one['query'])}</code></dd></div>"
        for one in payload["evidence"]
    )
    proof = f"<details><summary>Evidence</summary><dl>{rows}</dl></details>" if rows else ""
    return (
        f'<div class="fpp tex2jax_ignore mathjax_ignore"><style>{style()}</style>'
        f"{fragment(payload)}{proof}</div>"
    )


def fragment(payload: Payload) -> str:
    """The payload as one HTML element."""
    return _WRITERS[payload["kind"]](payload)


def anchor(evidence: str) -> str:
    """The id of a figure's row in the evidence list."""
    return f"evidence-{escape(evidence, quote=True)}"


def bounded(payload: Payload) -> Payload:
    """A table with its first rows and its totals only, where it has very many; and says so."""
    left = len(payload["shown"]) - MOST_ROWS
    if left <= MOST_ROWS // 10:
        return payload
    totals = set(payload["total_rows"])
    kept = [i for i in range(len(payload["shown"])) if i < MOST_ROWS or i in totals]
    note = f"{counted(len(payload['shown']) - len(kept), 'more row')}: in the table's CSV file."
    return {
        **payload,
        "shown": [payload["shown"][i] for i in kept],
        "total_rows": [at for at, i in enumerate(kept) if i in totals],
        "note": " ".join(filter(None, (payload.get("note"), note))),
    }


def _table(payload: Payload) -> str:
    payload = bounded(payload)
    name = escape(payload["id"], quote=True)
    unit = f' <span class="fpp-unit">{escape(payload["unit"])}</span>' if payload["unit"] else ""
    columns = payload["columns"]
    looks = [_look(column, last=column is columns[-1]) for column in columns]
    header = "".join(
        f'<th scope="col"{_class(look)}>{escape(column["label"])}</th>'
        for column, look in zip(columns, looks, strict=True)
    )
    total = set(payload["total_rows"])
    body = "".join(
        _row(payload, cells, looks, total=number in total)
        for number, cells in enumerate(payload["shown"])
    )
    if not payload["shown"]:
        body = f'<tr><td colspan="{max(len(columns), 1)}">No rows.</td></tr>'
    inside = (
        f'<div class="fpp-scroll" tabindex="0" role="group" aria-labelledby="{name}-caption">'
        f'<table><caption id="{name}-caption">'
        f'<span class="fpp-title">{_kept(payload["title"])}</span>{unit}</caption>'
        f"<thead><tr>{header}</tr></thead><tbody>{body}</tbody></table></div>"
    )
    return _block(payload, "fpp-table", inside + _below(payload))


def _row(
    payload: Payload, cells: Sequence[str], looks: Sequence[Sequence[str]], *, total: bool
) -> str:
    out = []
    for i, (text, look) in enumerate(zip(cells, looks, strict=True)):
        head = i == 0 and payload.get("row_header") and text
        tag, scope = ("th", ' scope="row"') if head else ("td", "")
        wide = [] if look else [name for letters, name in WIDTHS if len(text) > letters][:1]
        out.append(f"<{tag}{scope}{_class([*look, *wide])}>{_breaking(text)}</{tag}>")
    return f"<tr{_class(['fpp-total'] * total)}>{''.join(out)}</tr>"


def _breaking(text: str) -> str:
    """A cell's text, in which a line may end within a word that no column holds."""
    return _LETTERS.sub(r"\g<0><wbr>", escape(text))


def _look(column: Mapping[str, str], *, last: bool) -> list[str]:
    right = column["align"] == "right"
    looks = ["fpp-date"] if column["kind"] == "date" else ["fpp-right"] * right
    return looks + ["fpp-answer"] * (column["name"] in ANSWERS or (last and right))


def _class(looks: Sequence[str]) -> str:
    return f' class="{" ".join(looks)}"' if looks else ""


def _below(payload: Payload) -> str:
    """Note, source and the way to the evidence, under a table or a figure."""
    links = "".join(
        f' <a class="fpp-evidence" href="#{anchor(one["id"])}" '
        f'aria-label="Evidence of {escape(payload["title"], quote=True)}" '
        f'title="{escape(one["query"], quote=True)}">Evidence</a>'
        for one in payload["evidence"]
        if one["unit"] == "rows"
    )
    return f'{_note(payload)}<p class="fpp-source">{escape(payload["source"])}{links}</p>'


def dated(unit: str, as_of: str) -> str:
    """Unit and date of a chart's figures, as they stand under its title."""
    return ", ".join(filter(None, (unit, as_of and f"as of {day_in_words(as_of)}")))


def _figure(payload: Payload) -> str:
    name = escape(payload["id"], quote=True)
    said = _kept(dated(payload["unit"], payload["as_of"]))
    half = " fpp-half" if payload.get("half") else ""
    inline = payload.get("inline") and not _is_live(payload)
    picture = _inline(payload) if inline else _image(payload)
    return (
        f'<figure class="fpp-block fpp-figure{half}" id="{name}"><figcaption>'
        f'<span class="fpp-title">{_kept(payload["title"])}</span> '
        f'<span class="fpp-unit">{said}</span></figcaption>'
        f"{picture}{_below(payload)}</figure>"
    )


def _pictures(payload: Payload) -> dict[str, str]:
    """The chart at each width that a page may have."""
    widths = ("narrow",) if payload.get("half") else ("wide", "narrow")
    return {width: payload["svg"][width] for width in widths}


def _is_live(payload: Payload) -> bool:
    return any(_LIVE.search(svg.lower()) for svg in _pictures(payload).values())


def _image(payload: Payload) -> str:
    """The chart as an image: for a notebook, where no link leads to a row."""
    large, *small = map(data_uri, _pictures(payload).values())
    phone = "".join(f'<source media="{PHONE}" srcset="{one}">' for one in small)
    alt = escape(payload["alt"], quote=True)
    return f'<picture>{phone}<img src="{large}" alt="{alt}"></picture>'


def _inline(payload: Payload) -> str:
    """The chart as a part of the page: a title on each mark, links to the rows it plots."""
    pictures, rows = _pictures(payload), places(payload)
    out = []
    for width, picture in pictures.items():
        name = f"{payload['id']}-{width}"
        svg = drawing.inline(picture, name).replace(
            "<svg ", f'<svg role="group" aria-label="{escape(payload["alt"], quote=True)}" ', 1
        )
        svg = _PLACE.sub(lambda at: f'href="#{payload["id"]}-{rows(unescape(at[1]))}"', svg)
        only = f" fpp-{width}" if len(pictures) > 1 else ""
        out.append(f'<div class="fpp-chart{only}">{svg}</div>')
    return "".join(out)


def places(payload: Payload) -> Callable[[str], str]:
    """The row that a place of a chart is, as the end of its id: `row-3`, or `data` for all."""
    found: dict[str, int] = {}
    words = [i for i, column in enumerate(payload["columns"]) if column["align"] == "left"]
    for number, row in enumerate(payload["rows"]):
        for i in words:
            text = "" if row[i] is None else str(row[i])
            if _DAY.fullmatch(text):
                text = short_day(text)
            found.setdefault(_key(text), number)
    return lambda place: f"row-{found[_key(place)]}" if _key(place) in found else "data"


def _key(text: str) -> str:
    return "".join(text.split()).lower()


def data_uri(svg: str) -> str:
    """An SVG as the address of an image: no script in it runs, nothing is fetched."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _block(payload: Payload, looks: str, inside: str, *, title: str = "", more: str = "") -> str:
    """A part of a page with its id, and its title on top where it has one."""
    head = f'<p class="fpp-title">{escape(title)}</p>' if title else ""
    name = escape(payload["id"], quote=True)
    return f'<div class="fpp-block {looks}" id="{name}"{more}>{head}{inside}</div>'


def _note(payload: Payload) -> str:
    return f'<p class="fpp-note">{escape(payload["note"])}</p>' if payload.get("note") else ""


def _key_figures(payload: Payload) -> str:
    items = "".join(_key_figure(item, payload) for item in payload["items"])
    return _block(payload, "fpp-keys", f"<dl>{items}</dl>", title=payload["title"])


def _key_figure(item: Mapping[str, Any], payload: Payload) -> str:
    changes = "".join(
        f'<dd class="fpp-change fpp-{escape(change["direction"], quote=True)}">'
        f"{_arrow(change['direction'])}{_linked(change, payload)} "
        f"{_kept(change['against'])}</dd>"
        for change in item["changes"]
    )
    value = _linked({"shown": item["shown"], "evidence": item["id"]}, payload)
    base = item.get("base") or []
    of = "".join(escape(run) if isinstance(run, str) else _linked(run, payload) for run in base)
    under = f'<dd class="fpp-base">{of}</dd>' if of else ""
    return (
        f'<div><dt>{_kept(item["label"])}</dt><dd class="fpp-value">{value}</dd>{under}'
        f"{_spark(item)}{changes}</div>"
    )


def spark(item: Mapping[str, Any]) -> list[tuple[float, float]]:
    """What a figure was at the quarter ends before, as points of a line 120 wide and 24 high.

    Nothing where fewer than three are known, or where it never moved.
    """
    values = [value for _, value in item.get("history") or () if value is not None]
    if len(values) < 3 or len(set(values)) == 1:
        return []
    low, high = min(0.0, *values), max(0.0, *values)
    across, up = 118 / (len(values) - 1), 21 / (high - low)
    return [(round(i * across + 1, 1), round(23 - (v - low) * up, 1)) for i, v in enumerate(values)]


def _spark(item: Mapping[str, Any]) -> str:
    points = spark(item)
    if not points:
        return ""
    name = escape(
        f"{item['label']} at quarter ends since {short_day(item['history'][0][0])}", quote=True
    )
    x, y = points[-1]
    return (
        f'<dd><svg class="fpp-spark" role="img" aria-label="{name}" viewBox="0 0 121 24">'
        f'<title>{name}</title><polyline points="{" ".join(f"{x},{y}" for x, y in points)}" '
        f'fill="none" stroke="currentColor" stroke-width="1.5"/><circle cx="{x}" cy="{y}" r="2.2" '
        'fill="currentColor"/></svg></dd>'
    )


def _arrow(direction: str) -> str:
    mark = ARROWS.get(direction, "")
    return f'<span class="fpp-arrow" aria-hidden="true">{mark}</span> ' if mark else ""


def _linked(run: Mapping[str, Any], payload: Payload) -> str:
    """A number as a link to its evidence, with its query as the tip."""
    found = next((e for e in payload["evidence"] if e["id"] == run.get("evidence")), None)
    if found is None:
        return escape(run["shown"])
    return (
        f'<a class="fpp-number" href="#{anchor(found["id"])}" '
        f'title="{escape(found["query"], quote=True)}">{escape(run["shown"])}</a>'
    )


def _paragraphs(payload: Payload) -> str:
    return "".join(
        "<p>"
        + "".join(_kept(run) if isinstance(run, str) else _linked(run, payload) for run in runs)
        + "</p>"
        for runs in payload["paragraphs"]
    )


def _kept(text: str) -> str:
    """A text whose dates and amounts do not break across lines."""
    return escape(unbroken(text)).replace("\xa0", "&nbsp;")


def _prose(payload: Payload) -> str:
    return _block(payload, "fpp-prose", _paragraphs(payload))


def _marked(payload: Payload) -> str:
    """A text with its numbers marked; what each is tied to stands beside its paragraph."""
    parts = []
    for one in payload["paragraphs"]:
        words = "".join(
            escape(run) if isinstance(run, str) else _mark(run, payload) for run in one["runs"]
        )
        notes = "".join(
            f'<li value="{note["number"]}" class="fpp-{_CLASSES[note["mark"]]}">'
            f"<span>{escape(note['sign'])}</span> "
            f"<b>{_linked(note, payload)}</b> {'<br>'.join(map(escape, note['words']))}</li>"
            for note in one["notes"]
        )
        beside = f"<ol>{notes}</ol>" if notes else ""
        parts.append(f"<div><p>{words}</p>{beside}</div>")
    return _block(payload, "fpp-marked", _note(payload) + "".join(parts), title=payload["title"])


def _mark(run: Mapping[str, Any], payload: Payload) -> str:
    kind = _CLASSES[run["mark"]]
    return f'<mark class="fpp-{kind}">{_linked(run, payload)}<sup>{run["number"]}</sup></mark>'


_CLASSES = {"one": "one", "several": "several", "rows only": "several", "none": "no-tie"}


def _callout(payload: Payload) -> str:
    tone = payload["tone"]
    looks, title = f"fpp-callout fpp-{tone}", f"{TONES[tone]}: {payload['title']}"
    return _block(payload, looks, _paragraphs(payload), title=title, more=' role="note"')


def _definition(payload: Payload) -> str:
    rows = "".join(
        f"<div><dt>{label}</dt><dd>{escape(str(payload[key]))}</dd></div>"
        for key, label in LABELS.items()
        if payload.get(key)
    )
    inside = f"<p>{escape(payload['definition'])}</p><dl>{rows}</dl>"
    return _block(payload, "fpp-definition", inside, title=payload["title"])


def _end(payload: Payload) -> str:
    checks = "".join(f"<li>{escape(check)}</li>" for check in payload["checks"])
    title = "Checked before anything was drawn, to the cent"
    return _block(payload, "fpp-end", f"<ul>{checks}</ul>", title=title)


_WRITERS = {
    "table": _table,
    "figure": _figure,
    "key_figures": _key_figures,
    "prose": _prose,
    "marked": _marked,
    "callout": _callout,
    "definition": _definition,
    "end": _end,
}
