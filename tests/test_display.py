"""Display objects: one payload, three views that show all of it and nothing else."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from matplotlib import axes
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform

import fpp_analysis as fpp
from fpp_analysis import charts, display, numbers, wording
from fpp_analysis.context import Context
from fpp_analysis.display import drawing, fact_sheet, html
from fpp_analysis.display.axes import OnceAxes
from fpp_analysis.display.figure import Figure
from fpp_analysis.display.svg import Renderer
from fpp_analysis.errors import ReconciliationError, UsageError
from fpp_analysis.evidence import figure
from fpp_analysis.metrics import METRICS
from fpp_analysis.outside.sheet import FactSheet, read
from tests import books

MIME = "application/vnd.fpp_analysis+json"
NASTY = "<script>alert(1)</script> & \"quotes\" 'and' $x^2$ $y$"
VOID = {"br", "img", "source", "meta"}


@pytest.fixture(scope="module")
def ctx():
    return Context.of("sample", as_of="2009-11-30", compare_to="2009-05-31")


class Tree(HTMLParser):
    """Start tags with their attributes and text; refuses what is not well formed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.texts = [], [], []
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.texts.append(data)

    @property
    def text(self):
        return " ".join("".join(self.texts).split())


def bundle(shown):
    found = shown._repr_mimebundle_()
    assert set(found) == {MIME, "text/html", "text/plain"}
    assert json.loads(json.dumps(found[MIME], allow_nan=False)) == found[MIME]
    return found


def all_kinds(ctx):
    backlog = fpp.backlog(ctx.book, as_of=ctx.as_of, by="region")
    number = wording.number(figure(ctx.book, "backlog", as_of=ctx.as_of), ctx.money)
    return [
        display.Table(backlog, id="t", title="Backlog", context=ctx, query="fpp table backlog"),
        display.Figure(
            charts.bridge,
            fpp.rollforward(ctx.book, start=ctx.compare_to, end=ctx.as_of),
            id="f", title=wording.bridge(ctx), context=ctx, unit="USD million", query="q",
        ),
        display.KeyFigures(wording.key_figures(ctx), id="k", title="Key figures", context=ctx),
        display.Prose([("Backlog is ", number, ".")], id="p"),
        display.Callout("Look", [("Backlog is ", number, "."), "Plain."], id="c", tone="warning"),
        display.Definition("backlog"),
        display.Finished("a = b", context=ctx),
    ]  # fmt: skip


def test_every_kind_has_its_payload_and_views(ctx):
    kinds = []
    for shown in all_kinds(ctx):
        found = bundle(shown)
        payload = found[MIME]
        kinds.append(payload["kind"])
        assert payload["version"] == 1
        tree = Tree(found["text/html"])
        assert tree.text
        assert next(a["id"] for _, a in tree.tags if "id" in a) == payload["id"]
        assert found["text/plain"].strip()
        assert not any(tag in ("script", "link", "iframe") for tag, _ in tree.tags)
    assert kinds == ["table", "figure", "key_figures", "prose", "callout", "definition", "end"]


def test_every_number_links_to_evidence_that_is_in_the_payload(ctx):
    for shown in all_kinds(ctx):
        payload = shown.payload
        known = {one["id"] for one in payload["evidence"]}
        links = [
            attributes["href"].removeprefix("#evidence-")
            for tag, attributes in Tree(html.fragment(payload)).tags
            if tag == "a"
        ]
        assert set(links) <= known
        if payload["kind"] in ("table", "figure", "key_figures", "prose", "callout"):
            assert links, payload["kind"]
        runs = [run for paragraph in payload.get("paragraphs", []) for run in paragraph]
        assert all(run["evidence"] in known for run in runs if isinstance(run, dict))


def test_every_text_is_escaped(ctx):
    frame = pd.DataFrame({"customer": [NASTY, "Ω <b>"], "backlog": [1.0, -2.0]})
    objects = [
        display.Table(frame, id="t", title=NASTY, note=NASTY, context=ctx, query=NASTY),
        display.Prose([NASTY], id="p"),
        display.Callout(NASTY, [NASTY], id="c"),
        display.Finished(NASTY),
        display.Figure(
            charts.composition, frame, id="f", title=NASTY, note=NASTY, context=ctx, by="customer"
        ),
    ]
    for shown in objects:
        tree = Tree(html.fragment(shown.payload))
        assert not any(tag in ("script", "b") for tag, _ in tree.tags)
        assert NASTY in tree.text or shown.kind == "prose"
        for _, attributes in tree.tags:
            assert not any(name.startswith("on") for name in attributes)


def test_a_table_is_one_for_a_screen_reader(ctx):
    whole = fpp.rollforward(ctx.book, start=ctx.compare_to, end=ctx.as_of)
    parts = fpp.rollforward(ctx.book, start=ctx.compare_to, end=ctx.as_of, by="region")
    payload = display.Table(parts, id="t", title="Moves", context=ctx, total=whole).payload
    text = html.fragment(payload)
    tree = Tree(text)
    headers = [a for tag, a in tree.tags if tag == "th"]
    assert all(a.get("scope") in ("col", "row") for a in headers)
    assert [a["scope"] for a in headers].count("col") == len(payload["columns"])
    assert [a["scope"] for a in headers].count("row") == len(payload["shown"])
    assert "<th scope" in text
    assert not re.search(r"<th[^>]*>\s*</th>", text)
    assert ("caption", {"id": "t-caption"}) in tree.tags
    (wrapper,) = [a for _, a in tree.tags if a.get("class") == "fpp-scroll"]
    assert wrapper["tabindex"] == "0"
    assert wrapper["role"] == "group"
    assert wrapper["aria-labelledby"] == "t-caption"
    assert payload["total_rows"] == [len(parts)]
    assert text.count('class="fpp-total"') == 1


def test_dates_and_amounts_stand_on_one_line(ctx):
    frame = fpp.backlog(ctx.book, as_of=ctx.as_of)
    title = "From 30 September 2009 to $5.02 million, JPY 3 thousand"
    shown = html.fragment(display.Table(frame, id="t", title=title, context=ctx).payload)
    said = "From 30&nbsp;September&nbsp;2009 to $5.02&nbsp;million, JPY&nbsp;3&nbsp;thousand"
    assert said in shown


def test_a_table_shows_every_cell_of_its_payload(ctx):
    frame = fpp.coverage(ctx.book, as_of=ctx.as_of, by="series")
    shown = display.Table(frame, id="t", title="Coverage", context=ctx)
    found = bundle(shown)
    text = Tree(found["text/html"]).text
    for row in found[MIME]["shown"]:
        for cell in row:
            assert cell in text
            assert cell in found["text/plain"]


def test_nothing_to_show_is_said(ctx):
    none = fpp.backlog(ctx.book, as_of=ctx.as_of, by="region").iloc[:0]
    table = display.Table(none, id="t", title="Backlog", context=ctx, empty="No contract.").payload
    assert (table["kind"], table["id"], table["paragraphs"]) == ("callout", "t", [["No contract."]])
    zero = fpp.rollforward(ctx.book, start="2006-03-31", end="2006-06-30")
    chart = display.Figure(charts.bridge, zero, id="f", title="Nothing moved", context=ctx).payload
    assert (chart["kind"], chart["title"]) == ("callout", "Nothing moved")


@pytest.fixture(scope="module")
def drawn(ctx):
    frame = fpp.backlog(ctx.book, as_of=ctx.history, by="vintage")
    return display.Figure(
        charts.backlog_by_vintage, frame, id="f", title=wording.backlog_moved(ctx), context=ctx,
        unit="USD million", query="q", calendar=ctx.book.calendar, **ctx.chart,
    )  # fmt: skip


def test_a_picture_is_the_same_every_time_and_small(drawn, ctx):
    payload = drawn.payload
    frame = fpp.backlog(ctx.book, as_of=ctx.history, by="vintage")
    again = display.Figure(
        charts.backlog_by_vintage, frame, id="f", title=wording.backlog_moved(ctx), context=ctx,
        unit="USD million", query="q", calendar=ctx.book.calendar, **ctx.chart,
    ).payload  # fmt: skip
    assert again == payload
    assert len(html.fragment(payload)) < 100_000


def test_a_picture_holds_no_text_nobody_sees(drawn):
    for svg in drawn.payload["svg"].values():
        assert svg.startswith("<svg ")
        assert "<!--" not in svg
        assert "<metadata" not in svg
        assert "<text" not in svg
        assert "<script" not in svg
        assert all(re.fullmatch(r"-?[0-9.]+", at) for at in re.findall(r' x="([^"]*)"', svg))
        assert "2009" not in re.sub(
            r'id="[^"]*"|href="[^"]*"| (d|x)="[^"]*"', "", drawing.without_marks(svg)
        )
        assert " style=" not in svg
        for address in re.findall(r"https?://[^\"]+", svg):
            assert address.startswith("http://www.w3.org/")


def test_shortening_a_picture_moves_nothing_visibly():
    picture = Renderer(9, 20.5)
    line = Path([(1.23456, -0.00123), (7.5, 8)])
    picture.draw_path(picture.new_gc(), line, IdentityTransform())
    picture.draw_text(picture.new_gc(), 1.005678, 2, "I I", FontProperties(size=8.123), 0)
    svg = picture.svg(over='<a href="#~place-0"/>')
    assert re.sub(r'<defs>.*?</defs>| xmlns[^"]*"[^"]*"', "", svg) == (
        '<svg width="9pt" height="20.5pt" viewBox="0 0 9 20.5">'
        '<g stroke-linejoin="round" transform="matrix(1 0 0 -1 0 20.5)">'
        '<path d="M 1.23 0L 7.5 8" fill="none" stroke="#000000"/>'
        '<g fill="#000000" transform="translate(1.01 2) scale(0.00126922)">'
        '<use xlink:href="#DejaVuSans-2c"/><use x="3922" xlink:href="#DejaVuSans-2c"/></g></g>'
        '<a href="#~place-0"/></svg>'
    )
    assert len(re.findall("<path id=", svg)) == 1, "a letter is outlined once, white space never"


def test_what_bounds_a_mark_or_hatches_it_is_defined_once():
    canvas = Canvas(figsize=(1, 1), dpi=72)
    ax = canvas.add_axes((0, 0, 1, 1))
    ax.bar([0, 1], [1, 2], hatch="//", color="#2f7fc1", alpha=0.5)
    ax.imshow([[0, 1], [2, 3]])
    picture = Renderer(72, 72)
    canvas.draw(picture)
    svg = picture.svg()
    names = re.findall(r' id="(p\d+)"', svg)
    assert len(names) == len(set(names)) >= 2
    assert set(re.findall(r"url\(#([^)]*)\)", svg)) == set(names)
    assert svg.count("<pattern") == 1
    assert svg.count(' opacity="0.5"') == 2
    assert svg.count("<image ") == svg.count("data:image/png;base64,") == 1
    ET.fromstring(svg)  # noqa: S314 - our own


def _own(ax):
    """What a chart of one's own may ask of its Axes."""
    ax.set(title="T", xlabel="x", ylabel="y", ylim=(1e7, 1.2e7))
    ax.set_xticks([0, 1, 2], ["a", "b", "c"])
    ax.tick_params(labelright=True, top=True, length=3)
    ax.set_yticks([1e7, 1.1e7])
    ax.get_yticklabels()[1].set_fontsize(20)
    ax.minorticks_on()
    ax.twinx().plot([0, 1, 2], [5, 6, 4])
    ax.grid(visible=True, which="both")


def test_axes_that_cost_less_look_the_same(ctx):
    moves = fpp.rollforward(ctx.book, start=ctx.compare_to, end=ctx.as_of)
    history = fpp.backlog(ctx.book, as_of=ctx.history, by="vintage")
    for draw in (
        _own,
        lambda ax: charts.bridge(moves, ax=ax),
        lambda ax: charts.backlog_by_vintage(history, ax=ax),
    ):
        svg = []
        for kind in (axes.Axes, OnceAxes):
            canvas, picture = Canvas(figsize=(3, 2), dpi=72), Renderer(216, 144)
            draw(canvas.add_subplot(axes_class=kind))
            canvas.draw(picture)
            svg.append(picture.svg())
        assert svg[0] == svg[1]


def test_the_alternative_text_has_the_numbers(drawn, ctx):
    alt = drawn.payload["alt"]
    assert alt.startswith(wording.plain(wording.backlog_moved(ctx)))
    total = numbers.amount(
        fpp.backlog(ctx.book, as_of=ctx.as_of)["backlog"].item(), ctx.money.currency
    )
    last = total.strip("$").removesuffix(" million")
    assert f"total: from 0 (30 Sep 2007), to {last} (30 Nov 2009)." in alt
    assert "Chart in $ million as of 30 November 2009. " in alt
    assert len(alt) <= 300
    (image,) = [a for tag, a in Tree(html.fragment(drawn.payload)).tags if tag == "img"]
    assert image["alt"] == alt


@pytest.mark.parametrize(("dates", "kind"), [(2, "table"), (3, "figure")])
def test_a_fact_sheet_draws_no_line_between_two_dates(ctx, dates, kind):
    days = ["2004-12-31", "2008-12-31", "2009-11-30"][-dates:]
    rows = [{"as_of": day, "backlog": 1e6 * (i + 1)} for i, day in enumerate(days)]
    facts = FactSheet(
        stamp=ctx.stamp, money=ctx.money, chart=ctx.chart, chart_unit=ctx.chart_unit,
        calendar=ctx.book.calendar,
        policy={}, figures=(), frames={"backlog_history": rows},
    )  # fmt: skip
    (shown,) = fact_sheet.backlog(facts)
    assert (shown.kind, len(shown.payload["rows"])) == (kind, dates)


def test_drawing_leaves_the_settings_of_matplotlib_alone(drawn, ctx):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    drawn.on_page(drawing.WIDE, 3.2)
    assert dict(mpl.rcParams) == before


def test_half_a_page_takes_the_narrow_picture(ctx):
    moves = fpp.rollforward(ctx.book, start=ctx.compare_to, end=ctx.as_of)
    half = display.Figure(charts.bridge, moves, id="f", title="Moves", context=ctx, half=True)
    text = html.fragment(half.payload)
    assert "fpp-half" in text
    assert html.data_uri(half.payload["svg"]["narrow"]) in text
    assert set(half.payload["svg"]) == {"narrow", "slide"}, "what no page shows is not drawn"


def test_one_object_does_not_say_two_things(ctx):
    number = wording.number(figure(ctx.book, "backlog", as_of=ctx.as_of), ctx.money)
    from dataclasses import replace

    other = wording.Number("$1", replace(number.evidence, value=1.0))
    with pytest.raises(ReconciliationError, match="two values"):
        display.Prose([(number, other)], id="p")


@pytest.mark.parametrize("bad", ["", "Backlog", "a b", "-a", "a--b", "ä", "a/b", "1a"])
def test_an_id_that_is_no_name_is_refused(bad):
    with pytest.raises(UsageError, match="is not an id"):
        display.Prose(["x"], id=bad)


def test_unknown_tones_and_cards_are_refused():
    with pytest.raises(UsageError, match="tone"):
        display.Callout("x", ["y"], id="c", tone="loud")
    with pytest.raises(UsageError, match="no metric card"):
        display.Definition("bcklog")


def test_a_definition_is_its_card():
    for name, card in METRICS.items():
        payload = display.Definition(name).payload
        assert payload["metric"] == name
        assert (payload["title"], payload["formula"]) == (card.title, card.formula)


def test_the_end_carries_checks_and_stamp(ctx):
    payload = display.Finished("a = b", "c = d", context=ctx).payload
    assert payload["checks"] == ["a = b", "c = d"]
    assert payload["stamp"]["as_of"] == "2009-11-30"
    assert payload["stamp"]["compare_to"] == "2009-05-31"
    assert payload["stamp"]["synthetic"] is True


def test_a_book_in_another_currency_says_so_everywhere(tmp_path):
    settings = books.SETTINGS.replace('"USD"', '"CHF"')
    books.write(tmp_path, contracts=[{"currency": "CHF"}], settings=settings)
    ctx = Context.of(str(tmp_path), as_of="2009-05-31", compare_to="2009-01-31")
    assert ctx.money.unit == "CHF"
    assert ctx.chart_unit == "CHF"
    text = wording.plain(wording.backlog_moved(ctx))
    assert text.startswith("Backlog fell")
    assert "CHF " in text
    assert "$" not in text
    table = display.Table(
        fpp.backlog(ctx.book, as_of=ctx.as_of), id="t", title="Backlog", context=ctx
    )
    assert table.payload["unit"] == "CHF"


def test_each_mark_says_series_place_and_value_and_leads_to_its_row(ctx):
    frame = pd.DataFrame({"region": ["Asia", "Europe"], "backlog": [3e6, 5e6]})
    one = display.Figure(
        charts.composition, frame, id="parts", title="Parts", context=ctx, by="region",
        currency="USD", scale="millions",
    )  # fmt: skip
    page = html.fragment({**one.payload, "inline": True})
    assert "<img" not in page
    assert "<title>backlog, Europe: 5 ($ million)</title>" in page
    assert re.search(r'href="#parts-row-1" aria-label="Europe"', page)  # the larger stands first
    assert re.search(r'href="#parts-row-0" aria-label="Asia"', page)
    ids = re.findall(r'id="([^"]*)"', page)
    own = [one for one in ids if not one.startswith("DejaVuSans-")]  # letters: once a page
    assert len(own) == len(set(own)) > 1
    assert set(re.findall(r"url\(#([^)]*)\)", page)) <= set(own)
    assert "~" not in page


def test_a_picture_with_anything_live_in_it_stays_an_image(ctx):
    frame = pd.DataFrame({"region": ["Asia", "Europe"], "backlog": [3e6, 1e6]})
    one = display.Figure(
        charts.composition, frame, id="parts", title="Parts", context=ctx, by="region",
    )  # fmt: skip
    svg = {name: text.replace("</svg>", "<script>1</script></svg>")
           for name, text in one.payload["svg"].items()}  # fmt: skip
    page = html.fragment({**one.payload, "inline": True, "svg": svg})
    assert "<script" not in page
    assert "<img" in page


@pytest.mark.parametrize(("worth", "unit"), [(1e6, "USD million"), (10.0, "USD")])
def test_the_subtitle_names_the_scale_that_its_chart_took(ctx, worth, unit) -> None:
    assert ctx.chart_unit == "USD million"
    rows = pd.DataFrame({"region": ["A", "B"], "backlog": [5 * worth, 3 * worth]})
    drawn = Figure(charts.composition, rows, id="x", title="Backlog by region", context=ctx,
                   unit=f"Backlog, {ctx.chart_unit}", by="region", **ctx.chart).payload  # fmt: skip
    assert drawn["unit"] == f"Backlog, {unit}"
    assert f"Backlog, {unit}, as of 30 November 2009" in drawn["texts"]


def test_a_fact_sheet_draws_whole_quarters_and_no_line_of_two() -> None:
    sheet = read("sample")
    drawn, _ = fact_sheet.flows(sheet)
    days = drawn.frame.groupby("period")[["period_start", "period_end"]].agg(["min", "max"])
    length = days["period_end", "max"] - days["period_start", "min"]
    assert length.dt.days.between(88, 92).all()
    joined = [row for row in sheet.frames["flows"] if row["period_end"] > "2010-04-01"]
    few = replace(sheet, frames={**sheet.frames, "flows": joined})
    assert [one.kind for one in fact_sheet.flows(few)] == ["table"]
    ahead = [row for row in sheet.frames["flows"] if row["period_start"] > sheet.stamp.as_of]
    later = fact_sheet.flows(replace(sheet, frames={**sheet.frames, "flows": ahead}))
    assert later[0].kind == "table" or "scheduled to" in later[0].title


def test_a_fact_sheet_tells_no_growth_from_nothing_and_draws_years_of_one_length() -> None:
    sheet = read("sample")
    history = [{**row, "backlog": i * 1e6} for i, row in enumerate(sheet.frames["backlog_history"])]
    rows = [{**row, "period": f"FY{2010 + i}"} for i, row in enumerate(sheet.frames["run_off"])]
    for at, kind in ((-1, "figure"), (0, "table")):  # the last one may be all that follows
        rows = [{**row, "period": row["period"].partition(" ")[0]} for row in rows]
        rows[at]["period"] += " to FY2030"
        frames = {**sheet.frames, "backlog_history": history, "run_off": rows}
        made = replace(sheet, frames=frames)
        assert fact_sheet.backlog(made)[0].title.startswith("Backlog rose from $1.00 million on ")
        assert fact_sheet.run_off(made)[0].kind == kind
