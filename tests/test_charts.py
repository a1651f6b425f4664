"""Charts: what the artists are, where the words stand, and what is left untouched."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import combinations, product

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

from fpp_analysis import charts
from fpp_analysis.charts import canvas, labels, marks, style
from fpp_analysis.errors import UsageError
from fpp_analysis.numbers import signed
from fpp_analysis.wording.trade import speaker
from tests import chart_frames as frames
from tests.chart_frames import AS_OF, DRAWN, EXAMPLES, QUARTERS, Example

SIZES = {"wide": (7.2, 3.2), "narrow": (3.4, 2.8), "slide": (8.0, 3.2)}
EVERY = pytest.mark.parametrize("name", EXAMPLES)


def new_axes(size: tuple[float, float] = SIZES["wide"]) -> Axes:
    figure = Figure(figsize=size)
    FigureCanvasAgg(figure)
    return figure.subplots()


def drawn(example: Example, size: tuple[float, float] = SIZES["wide"]) -> Axes:
    ax = new_axes(size)
    height = charts.height(example.chart, example.frame(), width=size[0], **example.options)
    ax.figure.set_size_inches(size[0], height)
    return example.chart(example.frame(), ax=ax, **example.options)


def written(ax: Axes) -> list[Text]:
    """Every text of a chart that is to be seen."""
    texts = [t for t in ax.findobj(Text) if t.get_text().strip() and t.get_visible()]
    return [t for t in texts if t.axes is ax or t.figure is ax.figure]


def boxes(ax: Axes) -> list[tuple[str, mpl.transforms.Bbox]]:
    ax.figure.draw_without_rendering()
    renderer = ax.figure.canvas.get_renderer()
    out = []
    for text in written(ax):
        box = Text.get_window_extent(text, renderer)
        if box.width > 1:
            out.append((text.get_text(), box))
    return out


def collisions(ax: Axes) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes overlap by more than a pixel each way."""
    return [
        (a, b)
        for (a, p), (b, q) in combinations(boxes(ax), 2)
        if min(p.x1, q.x1) - max(p.x0, q.x0) > 1 and min(p.y1, q.y1) - max(p.y0, q.y0) > 1
    ]


def cut_off(ax: Axes) -> list[str]:
    """Texts that stand a pixel or more outside the figure."""
    whole = ax.figure.bbox
    return [
        name
        for name, box in boxes(ax)
        if box.x0 < -1 or box.y0 < -1 or box.x1 > whole.x1 + 1 or box.y1 > whole.y1 + 1
    ]


def shown(ax: Axes) -> list[str]:
    return [t.get_text() for t in written(ax)]


def bars(ax: Axes) -> list[mpl.patches.Rectangle]:
    return [bar for container in ax.containers for bar in container]


# every chart


@EVERY
def test_the_axes_given_come_back_and_nothing_else_changes(name: str) -> None:
    example = EXAMPLES[name]
    mpl.get_backend()  # the first look settles it
    frame, ax, before = example.frame(), new_axes(), mpl.rcParams.copy()
    same = frame.copy(deep=True)
    assert example.chart(frame, ax=ax, **example.options) is ax
    assert mpl.rcParams == before
    pd.testing.assert_frame_equal(frame, same)
    assert [ax.get_title(loc) for loc in ("left", "center", "right")] == ["", "", ""]
    assert ax.figure.axes == [ax]


@EVERY
@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_words_neither_touch_nor_leave_the_picture(name: str, size: str) -> None:
    ax = drawn(EXAMPLES[name], SIZES[size])
    assert collisions(ax) == []
    assert cut_off(ax) == []


@EVERY
def test_words_are_large_enough_and_of_the_shipped_font(name: str) -> None:
    ax = drawn(EXAMPLES[name], SIZES["narrow"])
    ax.figure.draw_without_rendering()
    for text in written(ax):
        assert text.get_fontsize() >= 8
        assert text.get_fontname() == "DejaVu Sans"
        assert not text.get_parse_math()


@EVERY
def test_a_frame_without_rows_gives_a_chart_that_says_so(name: str) -> None:
    example = EXAMPLES[name]
    frame = example.frame().iloc[:0]
    if example.chart in (charts.bridge, charts.rpo_bridge):
        with pytest.raises(UsageError, match="one row is drawn, the frame has 0"):
            example.chart(frame, ax=new_axes(), **example.options)
        return
    ax = example.chart(frame, ax=new_axes(SIZES["narrow"]), **example.options)
    assert len(shown(ax)) == 1
    assert not bars(ax)
    assert cut_off(ax) == []


@EVERY
@pytest.mark.parametrize("sign", [0, -1])
def test_zero_figures_are_no_panel_and_negative_ones_are_drawn(name: str, sign: int) -> None:
    example = EXAMPLES[name]
    frame = example.frame()
    for column in frame.select_dtypes("number"):
        if column not in ("rank", "age_years", "months_after", "machines"):
            frame[column] = frame[column] * sign
    ax = example.chart(frame, ax=new_axes(SIZES["narrow"]), **example.options)
    assert shown(ax)
    assert collisions(ax) == []
    assert cut_off(ax) == []
    of_zero = (charts.cohort_heatmap, charts.concentration_curve, charts.intervals,
               charts.tie_out_dots)  # fmt: skip
    if not sign and example.chart not in of_zero and example.options.get("zero", True):
        assert marks.is_empty(ax)  # nothing of it could be seen
        assert not bars(ax)


@EVERY
def test_a_missing_column_is_named(name: str) -> None:
    example = EXAMPLES[name]
    with pytest.raises(UsageError, match="the frame has no column"):
        example.chart(pd.DataFrame({"x": [1]}), ax=new_axes(), **example.options)


def test_every_public_chart_has_an_example() -> None:
    drawn_here = {example.chart.__name__ for example in EXAMPLES.values()}
    assert drawn_here == DRAWN


def test_pyplot_is_imported_only_for_a_chart_without_axes() -> None:
    code = (
        "import sys, fpp_analysis.charts as c\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "import pandas as pd\n"
        "ax = c.composition(pd.DataFrame({'a': ['x', 'y'], 'backlog': [1.0, 2.0]}), by='a')\n"
        "assert 'matplotlib.pyplot' in sys.modules\n"
        "assert len(ax.patches) == 2"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"MPLBACKEND": "agg"})


def test_a_chart_among_others_keeps_its_place() -> None:
    figure = Figure(figsize=(7.2, 3.2))
    left, right = figure.subplots(1, 2)
    before = left.get_position().bounds, right.get_position().bounds
    charts.term_bands(frames.term_bands(), ax=left)
    charts.deferred_with_billings(frames.deferred(), ax=right)
    assert (left.get_position().bounds, right.get_position().bounds) == before


def test_a_chart_fills_its_sub_figure_only() -> None:
    figure = Figure(figsize=(8, 4.5))
    FigureCanvasAgg(figure)
    top, body = figure.subfigures(2, 1, height_ratios=(1, 3))
    top.text(0.1, 0.5, "A title")
    ax = charts.maturity_wall(frames.expiries(), ax=body.subplots())
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()
    inside = [Text.get_window_extent(t, renderer) for t in written(ax)]
    assert all(box.y1 <= body.bbox.y1 + 1 for box in inside if box.width > 1)


# what stands for what


def test_areas_stack_to_the_balance_and_name_their_vintages() -> None:
    frame = frames.vintages()
    ax = charts.backlog_by_vintage(frame, ax=new_axes())
    totals = frame.groupby("as_of")["backlog"].sum() / 1e6
    line = next(line for line in ax.lines if line.get_label() == "total")
    np.testing.assert_allclose(line.get_ydata(), totals)
    names = sorted(frame["vintage"].unique())
    assert [area.get_label() for area in ax.collections] == names
    assert set(names) <= set(shown(ax))
    assert signed(float(totals.iloc[-1]), 1) in shown(ax)
    assert "$ million" in shown(ax)


def test_many_vintages_are_lumped_from_the_oldest_and_nothing_is_lost() -> None:
    frame = pd.DataFrame(
        [(pd.Timestamp(d), f"FY{y}", 1e5 * y) for d in QUARTERS for y in range(1995, 2011)],
        columns=["as_of", "vintage", "backlog"],
    )
    ax = charts.backlog_by_vintage(frame, ax=new_axes())
    labels_ = [area.get_label() for area in ax.collections]
    assert labels_ == ["to FY2004", *(f"FY{y}" for y in range(2005, 2011))]
    top = max(area.get_paths()[0].vertices[:, 1].max() for area in ax.collections)
    assert top == pytest.approx(sum(range(1995, 2011)) / 10)


def test_the_newest_vintage_keeps_its_colour_between_charts() -> None:
    area = charts.backlog_by_vintage(frames.vintages(), ax=new_axes())
    run_off = charts.runoff(frames.run_off(), as_of=AS_OF, ax=new_axes())
    newest = to_hex(area.collections[-1].get_facecolor()[0])
    assert newest == to_hex(run_off.containers[3][0].get_facecolor())


def test_run_off_bars_add_up_and_are_hatched_after_the_boundary() -> None:
    frame = frames.run_off()
    ax = charts.runoff(frame, as_of=AS_OF, ax=new_axes())
    height = {}
    for bar in bars(ax):
        place = round(bar.get_x() + bar.get_width() / 2)
        height.setdefault((place, bool(bar.get_hatch())), 0.0)
        height[place, bool(bar.get_hatch())] += bar.get_height() * 1e6
    day = pd.Timestamp(AS_OF)
    for i, (_, rows) in enumerate(frame.groupby("period")):
        done = rows.loc[rows["period_end"] <= day, "revenue"].sum()
        ahead = rows.loc[rows["period_start"] > day, "revenue"].sum()
        assert height.get((i, False), 0.0) == pytest.approx(done)
        assert height.get((i, True), 0.0) == pytest.approx(ahead)
    edge = next(line for line in ax.lines if line.get_gid() == "boundary")
    # FY2010 is the third bar; 244 of its 365 days have passed
    assert edge.get_xdata()[0] == pytest.approx(2 - 0.5 + 244 / 365)
    assert {"to 30 Nov 2009", "scheduled"} <= set(shown(ax))


def test_a_reversal_hangs_below_and_what_is_ahead_stands_on_zero() -> None:
    rows = frames.split_at(frames.fiscal_years(2010, 2010), AS_OF)
    frame = pd.DataFrame(rows, columns=["period", "period_start", "period_end"])
    ax = charts.runoff(
        frame.assign(vintage="FY2009", revenue=[-3e6, 5e6]), as_of=AS_OF, ax=new_axes()
    )
    spans = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in bars(ax)]
    assert spans == [(0, -3), (0, 5)]
    assert "2.0" in shown(ax)


def test_a_boundary_on_a_period_end_stands_between_the_bars() -> None:
    frame = frames.run_off().query("period != 'FY2010'")
    ax = charts.runoff(frame, as_of="2009-03-31", ax=new_axes())
    edge = next(line for line in ax.lines if line.get_gid() == "boundary")
    assert edge.get_xdata()[0] == pytest.approx(1.5)


def test_a_row_on_both_sides_of_the_boundary_is_refused() -> None:
    rows = pd.DataFrame(
        frames.fiscal_years(2009, 2011), columns=["period", "period_start", "period_end"]
    )
    with pytest.raises(UsageError, match="FY2010 runs from 2009-04-01 to 2010-03-31"):
        charts.runoff(rows.assign(revenue=1.0, vintage="FY2009"), as_of=AS_OF, ax=new_axes())


def test_lines_of_flows_are_dashed_after_the_boundary() -> None:
    ax = charts.flow_lines(frames.flows(), as_of=AS_OF, ax=new_axes())
    done = [line for line in ax.lines if line.get_label() in ("billings", "revenue", "cash")]
    ahead = [line for line in ax.lines if line.get_label().endswith("scheduled")]
    assert [line.get_linestyle() for line in done] == ["-"] * 3
    assert [line.get_linestyle() for line in ahead] == ["--"] * 3
    # the dashed line starts where the solid one ends: at the boundary
    (edge,) = {line.get_xdata()[0] for line in ax.lines if line.get_gid() == "boundary"}
    for solid, dashed in zip(done, ahead, strict=True):
        assert solid.get_xdata()[-1] == dashed.get_xdata()[0] == edge
        assert solid.get_ydata()[-1] == dashed.get_ydata()[0]
        assert list(solid.get_xdata()) == sorted(solid.get_xdata())
        assert list(dashed.get_xdata()) == sorted(dashed.get_xdata())
        assert dashed.get_xdata()[-1] == 19
    assert {to_hex(line.get_color()) for line in done} == {
        style.COLORS[name] for name in ("billings", "revenue", "cash")
    }
    frame = frames.flows()  # paid on the day: two lines on top of each other, and one name
    paid = charts.flow_lines(frame.assign(cash=frame["billings"]), as_of=AS_OF, ax=new_axes())
    assert {"Billings and cash", "Revenue"} <= {*shown(paid)}
    assert not {"Billings", "Cash"} & {*shown(paid)}


def test_bars_of_a_flow_have_the_flows_colour_and_value() -> None:
    frame = frames.flows()
    ax = charts.runoff(frame, as_of=AS_OF, by=None, value="cash", scale="units", ax=new_axes())
    assert {to_hex(bar.get_facecolor()) for bar in bars(ax)} == {style.COLORS["cash"]}
    assert sum(bar.get_height() for bar in bars(ax)) == pytest.approx(frame["cash"].sum())


def test_deferred_revenue_stands_as_bars_and_billings_as_a_line() -> None:
    frame = frames.deferred()
    ax = charts.deferred_with_billings(frame, scale="thousands", ax=new_axes())
    np.testing.assert_allclose([b.get_height() for b in bars(ax)], frame["deferred_revenue"] / 1e3)
    line = next(line for line in ax.lines if line.get_label() == "billings")
    np.testing.assert_allclose(line.get_ydata(), frame["billings"] / 1e3)
    assert ax.get_ylim()[0] == 0


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_a_bridge_leads_from_opening_to_closing(size: str) -> None:
    frame = frames.roll_forward()
    ax = charts.bridge(frame, ax=new_axes(SIZES[size]))
    drawn_bars = bars(ax)
    lying = drawn_bars[0].get_height() < 1
    base = [(b.get_x() if lying else b.get_y()) for b in drawn_bars]
    move = [(b.get_width() if lying else b.get_height()) for b in drawn_bars]
    assert (base[0], base[-1]) == (0, 0)
    assert move[0] == pytest.approx(frame["opening"].item() / 1e6)
    assert move[-1] == pytest.approx(frame["closing"].item() / 1e6)
    for before, after in zip(range(1, len(base) - 2), range(2, len(base) - 1), strict=True):
        assert base[after] == pytest.approx(base[before] + move[before])
    assert base[-2] + move[-2] == pytest.approx(move[-1])
    up = [to_hex(b.get_facecolor()) == style.COLORS["increase"] for b in drawn_bars[1:-1]]
    assert up == [m > 0 for m in move[1:-1]]
    assert lying == (size == "narrow")


def test_a_bridge_that_does_not_foot_is_refused() -> None:
    frame = frames.roll_forward().assign(closing=lambda f: f["closing"] + 1)
    with pytest.raises(UsageError, match="not to closing"):
        charts.bridge(frame, ax=new_axes())


def test_movements_of_nothing_are_left_out() -> None:
    ax = charts.bridge(frames.deferred_roll(), steps=frames.DEFERRED_STEPS, ax=new_axes())
    assert [bar.get_label() for bar in ax.containers] == [
        "Opening",
        "Billings",
        "Recognised",
        "Closing",
    ]


def test_rpo_stands_between_backlog_and_next_year() -> None:
    ax = charts.rpo_bridge(frames.rpo(), ax=new_axes())
    tops = [round(b.get_y() + b.get_height(), 6) for b in bars(ax)]
    assert tops == [17.6, 14.7, 14.7, 3.1, 3.1]


def test_small_movements_of_a_bridge_have_a_second_digit() -> None:
    frame = pd.DataFrame({"opening": [5.094e6], "new": [0.243e6], "closing": [5.337e6]})
    assert {"5.09", "+0.24", "5.34"} <= {*shown(charts.bridge(frame, steps=["new"], ax=new_axes()))}
    frame = pd.DataFrame({"opening": [1e7], "new": [3e6], "fx": [-1e3], "closing": [12.999e6]})
    assert "−0.001" in shown(charts.bridge(frame, steps=["new", "fx"], ax=new_axes()))


def test_the_coverage_bridge_says_machines_and_points() -> None:
    frame = frames.coverage_steps()
    ax = charts.coverage_bridge(frame, ax=new_axes())
    words = " ".join(shown(ax)).replace("\n", " ")
    for said in ("220 of 640", "288 of 738", "fleet +120", "fleet −22, covered −6", "39.0%"):
        assert said in words
    token = canvas.SAY.set(speaker({"machine": ("turbine", "turbines")}))
    own = charts.coverage_bridge(frame, ax=new_axes())
    canvas.SAY.reset(token)
    assert "New turbines" in " ".join(shown(own)).replace("\n", " ")
    assert "achine" not in " ".join(shown(own))
    moves = [b.get_height() for b in bars(ax)][1:-1]
    np.testing.assert_allclose(moves, frame["effect"].dropna() * 100)


def test_the_rate_is_written_above_the_fleet() -> None:
    frame = frames.coverage()
    ax = charts.coverage_over_fleet(frame, ax=new_axes())
    assert "39%" in shown(ax)
    covered, rest = ax.containers
    np.testing.assert_allclose([b.get_height() for b in covered], frame["covered"])
    whole = [a.get_height() + b.get_height() for a, b in zip(covered, rest, strict=True)]
    np.testing.assert_allclose(whole, frame["in_operation"])


def test_kw_are_drawn_in_megawatts() -> None:
    ax = charts.coverage_over_fleet(frames.coverage(), weight="kW", ax=new_axes())
    assert "MW in operation" in shown(ax)
    assert ax.containers[0][-1].get_height() == pytest.approx(288 * 210 / 1000)
    token = canvas.SAY.set(speaker({"kw": ("MW", "MW")}))  # 60,480 of them are not 60
    own = charts.coverage_over_fleet(frames.coverage(), weight="kW", ax=new_axes())
    canvas.SAY.reset(token)
    assert "MW in operation" in shown(own)
    assert own.containers[0][-1].get_height() == pytest.approx(288 * 210)


def test_an_unknown_weight_is_refused() -> None:
    with pytest.raises(UsageError, match="one of machines, modules, kW"):
        charts.fleet_by_age(frames.ages(), weight="tons", ax=new_axes())  # type: ignore[arg-type]


def test_a_series_has_no_line_where_it_has_no_machines() -> None:
    ax = charts.coverage_rates(frames.coverage_series_over_time(), ax=new_axes())
    lines = {line.get_label(): line for line in ax.lines}
    assert len(lines["C1000 Series"].get_xdata()) == 6
    assert len(lines["C30"].get_xdata()) == len(QUARTERS)
    assert len({to_hex(line.get_color()) for line in lines.values()}) == len(lines)


def test_series_without_machines_are_left_out_of_the_rows() -> None:
    ax = charts.coverage_by_series(frames.coverage_by_series(), ax=new_axes())
    names = [t.get_text() for t in ax.get_yticklabels()]
    assert names == ["C1000 Series", "C200", "C65", "C30"]
    assert "44%  12 of 27" in shown(ax)


def test_the_heat_map_writes_what_is_observed_and_leaves_the_rest_blank() -> None:
    frame = frames.retention()
    ax = charts.cohort_heatmap(frame, ax=new_axes())
    assert len(ax.patches) == len(frame)
    cells = [t for t in ax.texts if t.get_text().endswith("%")]
    assert len(cells) == len(frame)
    grey = [style.luminance(to_hex(p.get_facecolor())) for p in ax.patches[:7]]
    assert grey == sorted(grey)  # a higher share is darker


def test_curves_end_where_too_few_machines_are_seen() -> None:
    frame = frames.uptake()
    frame.loc[(frame["cohort"] == "FY2006") & (frame["months_after"] > 24), "machines"] = 4
    ax = charts.uptake_curve(frame, cohort="cohort", ax=new_axes())
    first = next(line for line in ax.lines if line.get_label() == "FY2006")
    assert first.get_xdata()[-1] == 24


def test_the_smallest_groups_are_put_together_and_nothing_is_lost() -> None:
    frame = frames.regions()
    ax = charts.composition(frame, by="region", most=5, ax=new_axes())
    assert sum(b.get_width() for b in bars(ax)) * 1e6 == pytest.approx(frame["backlog"].sum())
    assert [t.get_text() for t in ax.get_yticklabels()][-1] == "Others (6)"
    assert "6.1 (35%)" in shown(ax)


def test_groups_merged_before_are_of_those_that_are_put_together() -> None:
    frame = pd.DataFrame(
        {"region": ["Other", *"abcdef"], "backlog": [9e6, 7e6, 6e6, 5e6, 4e6, 3e6, 2e6]}
    )
    ax = charts.composition(frame, by="region", most=4, ax=new_axes())
    assert [t.get_text() for t in ax.get_yticklabels()] == ["a", "b", "c", "Other"]
    assert bars(ax)[-1].get_width() == pytest.approx(18)


def test_the_concentration_curve_marks_the_largest() -> None:
    ax = charts.concentration_curve(frames.customers(), ax=new_axes())
    share = frames.customers()["cumulative_share"]
    assert f"Top 5: {share[4] * 100:.0f}%" in shown(ax)
    curve = next(line for line in ax.lines if line.get_label() == "running share")
    assert curve.get_ydata()[-1] == pytest.approx(100)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("n", [10, 14, 30, 250])
def test_no_line_runs_through_the_name_of_a_mark(n: int, size: str) -> None:
    """Where customers are nearly equal, their curve hugs the even split."""
    share = np.linspace(1.6, 1.0, n)
    frame = pd.DataFrame(
        {"rank": range(1, n + 1), "cumulative_share": (share / share.sum()).cumsum()}
    )
    ax = charts.concentration_curve(frame, ax=new_axes(SIZES[size]))
    named = [(name, box) for name, box in boxes(ax) if name.startswith("Top ")]
    assert "Top 5" in " ".join(name for name, _ in named)
    for line in (line for line in ax.lines if line.get_linestyle() != "None"):
        x, y = ax.transData.transform(line.get_xydata()).T
        for name, box in named:
            at = np.linspace(box.x0, box.x1, 99)
            inside = np.interp(at, x, y)
            assert not ((inside > box.y0) & (inside < box.y1)).any(), (name, line.get_label())


def test_a_price_stands_on_the_range_of_its_vintage() -> None:
    frame = frames.prices()
    ax = charts.price_by_vintage(frame, ax=new_axes())
    ranges = ax.collections[0].get_segments()
    assert len(ranges) == 5  # the vintage without a price is left out
    assert ranges[0][:, 1].tolist() == pytest.approx([70.4, 114.4])
    assert {"88", "71"} <= set(shown(ax))


def test_the_wall_counts_contracts_below_its_bars() -> None:
    frame = frames.expiries()
    ax = charts.maturity_wall(frame, ax=new_axes())
    some = frame.loc[frame["acv"] != 0, "acv"]  # a year of nothing has no bar
    np.testing.assert_allclose([b.get_height() * 1e6 for b in bars(ax)], some)
    below = [t.get_text() for t in ax.get_xticklabels(minor=True)]
    assert below == [str(n) for n in frame["contracts"]]


def test_published_figures_are_intervals_and_computed_ones_dots() -> None:
    ax = charts.intervals(frames.published(), axis="$ million", ax=new_axes())
    by_label: dict[str, list[mpl.lines.Line2D]] = {}
    for line in ax.lines:
        by_label.setdefault(str(line.get_label()), []).append(line)
    closed, open_ = by_label["interval"]
    assert closed.get_xdata().tolist() == [10.5, 11.5]
    assert open_.get_xdata()[0] == 17
    assert [line.get_marker() for line in by_label["open"]] == [">"]
    assert by_label["exact"][0].get_xdata().tolist() == [39, 39]
    assert [line.get_xdata()[0] for line in by_label["computed"]] == [10.55, 17.6, 3.0]
    assert "over 17\ncomputed 17.6" in shown(ax)


def test_tie_out_dots_lie_at_their_distance() -> None:
    ax = charts.tie_out_dots(frames.references(), ax=new_axes())
    dots = [line for line in ax.lines if line.get_marker() not in ("None", None, "")]
    np.testing.assert_allclose([d.get_xdata()[0] for d in dots], [0, -0.2, 3.4, -5.8, 1.2])
    assert {"+3.4%", "−5.8%", "0.0%"} <= set(shown(ax))


def test_growth_is_that_of_the_published_years() -> None:
    # derived from the issuer's revenue by year: +24.8 %, +32.7 %, +17.5 %, +18.0 %, +15.7 %
    ax = charts.growth_bars(frames.programme(), value="revenue", ax=new_axes())
    said = [t.get_text().split("\n")[0] for t in ax.texts if "%" in t.get_text()]
    assert said == ["+25%", "+33%", "+18%", "+18%", "+16%"]


def test_what_is_not_defined_is_not_called_zero() -> None:
    frame = pd.DataFrame({"period": ["FY2010", "FY2011"], "revenue": [np.nan, np.nan]})
    assert shown(charts.growth_bars(frame, value="revenue", ax=new_axes())) == [
        "No value is defined"
    ]
    zero = frame.assign(revenue=0.0)
    assert shown(charts.growth_bars(zero, value="revenue", ax=new_axes())) == [
        "Every value is zero"
    ]


def test_a_rate_above_a_bar_stands_on_no_other_bar() -> None:
    running = np.repeat([8, 16, 24, 32, 40], 4)
    dates = pd.date_range("2005-06-30", periods=20, freq="QE")
    frame = pd.DataFrame(
        {"as_of": dates, "in_operation": running, "covered": running * 3 // 4,
         "coverage_rate": 0.75}
    )  # fmt: skip
    ax = charts.coverage_over_fleet(frame, ax=new_axes(SIZES["narrow"]))
    rates = [box for name, box in boxes(ax) if name == "75%"]
    assert len(rates) > 3
    for bar, box in product((bar.get_window_extent() for bar in bars(ax)), rates):
        over = min(bar.x1, box.x1) - max(bar.x0, box.x0), min(bar.y1, box.y1) - box.y0
        assert min(over) <= 1, "the white round a rate cuts a bar"


def test_a_flat_line_and_one_period_are_drawn() -> None:
    flat = pd.DataFrame({"period": ["FY2010", "FY2011"], "days": [90.0, 90.0]})
    for frame in (flat, flat.iloc[:1]):
        ax = charts.trend_line(frame, value="days", axis="Days", zero=False, ax=new_axes())
        low, high = ax.get_ylim()
        assert low < 90 < high


@pytest.mark.parametrize("year_end", [3, 6, 12])
def test_quarters_are_those_of_the_fiscal_calendar(year_end: int) -> None:
    from fpp_analysis.fiscal import FiscalCalendar

    calendar = FiscalCalendar(year_end)
    ax = charts.backlog_by_vintage(frames.vintages(), calendar=calendar, ax=new_axes())
    years = [t.get_text() for t in ax.get_xticklabels(minor=True) if t.get_text()]
    last = pd.Timestamp(AS_OF)
    assert years[-1] == f"FY{last.year + (last.month > year_end)}"


# any frame

amounts = st.floats(-1e9, 1e9, allow_nan=False).map(lambda v: round(v, 2))
widths = st.sampled_from([3.4, 4.2, 5.5, 7.2, 10.0])
few = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


def sound(ax: Axes) -> None:
    assert collisions(ax) == []
    assert cut_off(ax) == []
    low, high = ax.get_ylim()
    assert np.isfinite([low, high]).all()


@few
@given(st.lists(st.tuples(amounts, amounts, amounts), min_size=1, max_size=16), widths)
def test_any_balance_by_vintage(rows: list[tuple[float, float, float]], width: float) -> None:
    frame = pd.DataFrame(
        [
            (pd.Timestamp("2005-12-31") + pd.offsets.QuarterEnd(i), f"FY200{5 + j}", value)
            for i, row in enumerate(rows)
            for j, value in enumerate(row)
        ],
        columns=["as_of", "vintage", "backlog"],
    )
    sound(charts.backlog_by_vintage(frame, ax=new_axes((width, 3.0))))


@few
@given(st.lists(amounts, min_size=1, max_size=24), widths, st.integers(0, 23))
def test_any_flow_around_any_date(values: list[float], width: float, at: int) -> None:
    spans = frames.fiscal_quarters("2008Q1", len(values))
    date = spans[min(at, len(spans) - 1)][2] - pd.Timedelta(days=17 * (at % 2))
    rows = frames.split_at(spans, str(date.date()))
    frame = pd.DataFrame(rows, columns=["period", "period_start", "period_end"])
    value = [values[i % len(values)] for i in range(len(rows))]
    frame = frame.assign(billings=value, revenue=value[::-1], cash=np.abs(value))
    sound(charts.flow_lines(frame, as_of=date, ax=new_axes((width, 3.0))))
    sound(charts.runoff(frame, as_of=date, by=None, value="billings", ax=new_axes((width, 3.0))))


@few
@given(st.lists(amounts, min_size=9, max_size=9), widths)
def test_any_bridge(values: list[float], width: float) -> None:
    names = ["opening", *charts.bridges.BACKLOG_STEPS]
    frame = pd.DataFrame([dict(zip(names, values, strict=True))])
    frame["closing"] = round(sum(values), 2)
    sound(charts.bridge(frame, ax=new_axes((width, 3.2))))


@few
@given(st.dictionaries(st.text("abc $_^ÅΩ", min_size=1, max_size=40), amounts, max_size=14), widths)
def test_any_composition(groups: dict[str, float], width: float) -> None:
    frame = pd.DataFrame({"g": list(groups), "backlog": list(groups.values())}, dtype=object)
    frame["backlog"] = frame["backlog"].astype(float)
    height = charts.height(charts.composition, frame, width=width, by="g")
    ax = charts.composition(frame, by="g", ax=new_axes((width, height)))
    assert collisions(ax) == []
    assert cut_off(ax) == []


@few
@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=1, max_size=20), widths
)
def test_any_fleet(rows: list[tuple[int, int]], width: float) -> None:
    whole = np.array([max(row) for row in rows])
    part = np.array([min(row) for row in rows])
    with np.errstate(invalid="ignore"):
        rate = part / whole
    frame = pd.DataFrame(
        {
            "as_of": pd.date_range("2004-12-31", periods=len(rows), freq="QE"),
            "in_operation": whole,
            "covered": part,
            "coverage_rate": rate,
            "series": "C30",
            "age_years": range(len(rows)),
        }
    )
    for chart in (charts.coverage_over_fleet, charts.coverage_rates, charts.fleet_by_age):
        sound(chart(frame, ax=new_axes((width, 3.0))))


# labels


@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=9),
    st.floats(0.5, 10),
)
@settings(deadline=None, database=None)
def test_spread_labels_keep_distance_order_and_room(targets: list[float], gap: float) -> None:
    placed = labels.spread(targets, gap, 0.0, 100.0)
    order = np.argsort(targets, kind="stable")
    ranked = np.array(placed)[order]
    assert (np.diff(ranked) >= gap - 1e-6).all()
    assert ranked[0] >= -1e-9
    assert ranked[-1] <= 100 + 1e-6
    if len(targets) == 1 or np.diff(np.sort(targets)).min() >= gap:
        np.testing.assert_allclose(placed, targets, atol=1e-6)


def test_an_annotation_is_an_annotation() -> None:
    """Words beside marks are annotations, so that they move with the picture's size."""
    ax = charts.maturity_wall(frames.expiries(), ax=new_axes())
    assert all(isinstance(t, Annotation) for t in ax.texts)


@pytest.mark.parametrize(
    ("texts", "room", "expected"),
    [(["FY2010", "FY2011"], 200.0, ["FY2010", "FY2011"]), (["FY2010"] * 9, 100.0, 3)],
)
def test_labels_are_thinned_from_the_last(
    texts: list[str], room: float, expected: list[str] | int
) -> None:
    centres = np.linspace(0, room, len(texts)).tolist()
    kept = labels.thinned(centres, texts)
    if isinstance(expected, int):
        assert sum(map(bool, kept)) == expected
        assert kept[-1]
    else:
        assert kept == expected


def test_wrapped_text_fits_its_room() -> None:
    shown_text = labels.wrap("Russia and Commonwealth of Independent States", 90.0, 2)
    assert len(shown_text.split("\n")) == 2
    assert labels.width(shown_text) <= 90
    assert "…" in shown_text
    assert shown_text.endswith("tates")


def test_a_name_is_shortened_in_its_middle_at_any_length() -> None:
    ends = [f"Maintenance of the northern plant, machine {n}" for n in (1, 2)]
    short = [labels.cut(name, 90.0) for name in ends]
    assert short[0] != short[1]
    assert all(labels.width(name) <= 90 and "…" in name for name in short)
    long = "a" * 5_000
    calls = labels.outlined.cache_info().misses
    assert labels.width(labels.wrap(long, 120.0)) <= 120
    assert labels.outlined.cache_info().misses - calls < 40


def test_two_hundred_and_fifty_groups_are_the_largest_and_the_others() -> None:
    n = 250
    frame = pd.DataFrame(
        {
            "series": [f"S{i:03}" for i in range(n)],
            "in_operation": np.arange(1, n + 1),
            "covered": np.arange(1, n + 1) // 2,
            "coverage_rate": (np.arange(1, n + 1) // 2) / np.arange(1, n + 1),
        }
    )
    ax = charts.coverage_by_series(frame, ax=new_axes())
    names = [t.get_text() for t in ax.get_yticklabels()]
    assert len(names) == 12
    assert "Others (239)" in names
    assert charts.height(charts.coverage_by_series, frame, width=7.2) < 5
    over_time = frame.assign(as_of=pd.Timestamp("2009-11-30"))
    lines = charts.coverage_rates(over_time, ax=new_axes()).lines
    assert {line.get_label() for line in lines} == {f"S{i}" for i in range(242, 250)}


def test_small_multiples_have_one_scale_and_say_every_amount() -> None:
    frame = pd.DataFrame(
        {
            "as_of": pd.to_datetime(["2009-09-30"] * 3 + ["2009-11-30"] * 3),
            "region": ["Asia", "Europe", "Nowhere"] * 2,
            "backlog": [1e6, 2e6, 0.0, 3e6, 1.5e6, 0.0],
        }
    )
    ax = charts.small_multiples(frame, by="region", ax=new_axes())
    assert [t.get_text() for t in ax.get_yticklabels()] == ["Asia", "Europe"]  # by the last date
    heights = [-bar.get_height() for bar in ax.patches]
    assert heights == pytest.approx([0.28, 0.84, 0.56, 0.42])
    said = [mark.text for mark in marks.marks(ax)]
    assert said == [
        "Asia, 30 Sep 2009: 1.0", "Asia, 30 Nov 2009: 3.0",
        "Europe, 30 Sep 2009: 2.0", "Europe, 30 Nov 2009: 1.5",
    ]  # fmt: skip


def test_marks_say_their_own_number_in_words() -> None:
    """Every point of a curve its own place, no name of a column, no name twice, no mark unsaid."""
    curve = pd.DataFrame({"rank": range(1, 41), "cumulative_share": [i / 40 for i in range(1, 41)]})
    said = [mark.text for mark in marks.marks(charts.concentration_curve(curve, ax=new_axes()))]
    assert "running share, 7: 17.5%" in said
    for name, example in EXAMPLES.items():
        ax = drawn(example)
        said = [mark.text for mark in marks.marks(ax)]
        assert said, name
        assert not [text for text in said if re.search(r"[a-z]{2}_[a-z]{2}|^(.+), \1:", text)], name


def long_named(n: int = 8) -> pd.DataFrame:
    """So many series whose long names differ in their middle, at two dates."""
    names = [
        f"Gas turbine with heat recovery of the series {i} (northern edition)" for i in range(n)
    ]
    rows = [
        (pd.Timestamp(day), name, 10 + i, i + 1, (i + 1) / (10 + i), 1e6 * (i + 1))
        for day in ("2009-09-30", "2009-11-30")
        for i, name in enumerate(names)
    ]
    columns = ["as_of", "series", "in_operation", "covered", "coverage_rate", "backlog"]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_long_names_leave_room_for_the_plot_and_stay_apart(size: str) -> None:
    ax = charts.coverage_rates(long_named(), ax=new_axes(SIZES[size]))
    assert ax.get_position().width > 0.4
    assert cut_off(ax) == []
    assert collisions(ax) == []
    ends = [label for label in shown(ax) if "…" in label]
    assert len(set(ends)) == len(ends) > 1
    rows = charts.composition(long_named().tail(8), by="series", ax=new_axes(SIZES[size]))
    names = [label.get_text() for label in rows.get_yticklabels()]
    assert len(set(names)) == 8


def width_of(bar: mpl.patches.Rectangle, ax: Axes) -> float:
    """Points across a bar."""
    return float(bar.get_window_extent().width) * 72 / ax.figure.dpi


def test_a_lone_bar_does_not_fill_the_width() -> None:
    wall = frames.expiries().head(1)
    ax = charts.maturity_wall(wall, ax=new_axes())
    ax.figure.draw_without_rendering()
    (bar,) = bars(ax)
    assert width_of(bar, ax) < 90
    low, high = ax.get_xlim()
    assert bar.get_x() + bar.get_width() / 2 == pytest.approx((low + high) / 2, abs=0.05)
    flat = frames.roll_forward().assign(**dict.fromkeys(charts.bridges.BACKLOG_STEPS, 0.0))
    still = charts.bridge(flat.assign(closing=flat["opening"]), ax=new_axes())
    assert marks.is_empty(still)  # two bars of one height say nothing


def test_a_line_never_dwarfs_the_bars_beside_it() -> None:
    frame = frames.deferred()
    small = frame.assign(deferred_revenue=frame["billings"] / 500)
    ax = charts.deferred_with_billings(small, ax=new_axes())
    tall = max(bar.get_height() for bar in bars(ax))
    assert tall > 0.5 * ax.get_ylim()[1]
    assert ax.get_xlabel().startswith("Billings of the period: up to ")
    nothing = charts.deferred_with_billings(frame.assign(deferred_revenue=0.0), ax=new_axes())
    assert marks.is_empty(nothing)


def test_machines_are_counted_in_whole_numbers_and_little_power_in_kw() -> None:
    one = pd.DataFrame({
        "as_of": pd.to_datetime(["2009-09-30", "2009-11-30"]), "in_operation": [1, 1],
        "covered": [0, 1], "coverage_rate": [0.0, 1.0], "kw_in_operation": [5.0, 5.0],
        "kw_covered": [0.0, 5.0], "kw_rate": [0.0, 1.0],
    })  # fmt: skip
    ax = charts.coverage_over_fleet(one, ax=new_axes())
    assert [t.get_text() for t in ax.get_yticklabels()] == ["0", "1"]
    assert "kW in operation" in shown(charts.coverage_over_fleet(one, weight="kW", ax=new_axes()))


def test_of_very_many_customers_the_share_of_the_title_is_named() -> None:
    shares = np.full(250, 1 / 250).cumsum()
    frame = pd.DataFrame({"rank": range(1, 251), "cumulative_share": shares})
    ax = charts.concentration_curve(frame, ax=new_axes((3.5, 2.6)))
    assert "Top 5: 2%" in shown(ax)


def test_an_axis_has_two_numbers_also_in_a_low_chart() -> None:
    days = pd.to_datetime(["2009-03-31", "2009-06-30", "2009-09-30", "2009-11-30"])
    frame = pd.DataFrame({"as_of": days, "in_operation": 3, "covered": 0, "coverage_rate": 0.0})
    ax = charts.coverage_over_fleet(frame, ax=new_axes((3.5, 1.3)))
    assert len(ax.get_yticks()) > 1


def test_of_many_series_those_that_moved_most_are_drawn() -> None:
    rows = [
        (pd.Timestamp(day), f"M{i:02}", 100 - i, (i == 19) * moved)
        for day, moved in (("2008-11-30", 0.9), ("2009-09-30", 0.0), ("2009-11-30", 0.5))
        for i in range(20)
    ]
    columns = ["as_of", "series", "in_operation", "coverage_rate"]
    ax = charts.coverage_rates(pd.DataFrame(rows, columns=columns), since="2009-09-30",
                               ax=new_axes((3.5, 2.6)))  # fmt: skip
    drawn = [line.get_label() for line in ax.lines]
    assert drawn == ["M00", "M01", "M02", "M03", "M04", "M05", "M06", "M19"]
    ends = {text for text in shown(ax) if text.startswith("M")}
    assert ends == {"M00 and 6 more 0%", "M19 50%"}, "lines that end in one point have one label"
    sound(ax)


def test_an_estimate_without_a_range_is_a_dot_with_its_number() -> None:
    frame = pd.DataFrame({
        "series": ["few", "many"], "low": [np.nan, 1e6], "median": [9e6, 2e6],
        "high": [np.nan, 3e6],
    })  # fmt: skip
    ax = charts.opportunity(frame, ax=new_axes())
    (dots,) = [line for line in ax.lines if line.get_label() == "median"]
    low, high = ax.get_xlim()
    assert all(low < x < high for x in dots.get_xdata())
    assert "9.0" in shown(ax)
    one = charts.opportunity(frame.assign(low=frame["median"], high=frame["median"]), ax=new_axes())
    assert {"9.0", "2.0"} <= {*shown(one)}, "a range from a number to itself is none"


def test_what_is_small_beside_the_book_keeps_its_digits() -> None:
    frame = pd.DataFrame({"change": ["prices 5% lower", "prices 5% higher"], "v": [-2.5, 2.6]})
    ax = charts.effects(frame, value="v", scale="billions", ax=new_axes())
    assert {"−2.5", "+2.6"} <= set(shown(ax))


def test_others_do_not_flatten_the_rows_that_are_named() -> None:
    frame = pd.DataFrame(
        [(pd.Timestamp(day), f"R{i:02}", 100.0 - i)
         for day in ("2009-09-30", "2009-11-30") for i in range(60)],
        columns=["as_of", "region", "backlog"],
    )  # fmt: skip
    ax = charts.small_multiples(frame, by="region", ax=new_axes())
    assert [t.get_text() for t in ax.get_yticklabels()][-1].startswith("Others (")
    assert max(-bar.get_height() for bar in ax.patches) > 0.8


def test_the_group_of_all_that_is_merged_stands_last() -> None:
    frame = pd.DataFrame({
        "series": ["Other", "C30", "C65"], "backlog": [9e6, 8e6, 7e6], "in_operation": [9, 9, 9],
        "covered": [9, 8, 7], "coverage_rate": [1.0, 8 / 9, 7 / 9],
    })  # fmt: skip
    for chart in (charts.composition, charts.coverage_by_series):
        rows = chart(frame, by="series", ax=new_axes())
        assert [t.get_text() for t in rows.get_yticklabels()] == ["C30", "C65", "Other"]


def test_every_price_is_written_or_none() -> None:
    prices = pd.DataFrame({
        "vintage": [f"FY{year}" for year in range(2005, 2011)], "contracts": 3, "price_q1": np.nan,
        "price_q3": np.nan, "price_median": 1_923_077.0,
    })  # fmt: skip
    for size, written in (("wide", 6), ("narrow", 0)):
        ax = charts.price_by_vintage(prices, ax=new_axes(SIZES[size]))
        assert shown(ax).count("1,923,077") == written
        assert cut_off(ax) == []


def test_the_last_year_is_named_where_only_its_short_name_fits() -> None:
    days = pd.date_range("2005-02-28", "2009-11-30", freq="QE-NOV")
    frame = pd.DataFrame({"as_of": days, "vintage": "FY2005", "backlog": 1e6})
    ax = charts.backlog_by_vintage(frame, ax=new_axes(SIZES["narrow"]))
    years = [t.get_text() for t in (*ax.get_xticklabels(), *ax.get_xticklabels(minor=True))]
    assert "FY10" in years


def test_a_line_begins_with_its_first_value() -> None:
    quarters = [f"FY2010Q{i}" for i in range(1, 5)]
    frame = pd.DataFrame({"period": quarters, "dso": [np.nan, 70, 80, 75]})
    ax = charts.trend_line(frame, value="dso", axis="Days", ax=new_axes())
    assert [t.get_text() for t in ax.get_xticklabels()] == ["Q2", "Q3", "Q4"]


def test_a_name_has_the_lines_that_its_row_has_room_for() -> None:
    names = [
        "Value of contracts signed since 31 Oct 2009",
        "Coverage rate by machines, 30 Nov 2009",
    ]
    frame = pd.DataFrame(
        {"label": names, "printed": "over 17", "low": 17.0, "high": np.nan,
         "computed": 17.6}
    )  # fmt: skip
    narrow, wide = (charts.height(charts.intervals, frame, width=w) for w in (3.5, 7.2))
    assert narrow > wide, "on paper the whole width is taken where half of it is too little"
    for size in ((3.5, narrow), (7.2, wide)):
        ax = charts.intervals(frame, ax=new_axes(size))
        assert not any("…" in label.get_text() for label in ax.get_yticklabels())
        assert collisions(ax) == []
