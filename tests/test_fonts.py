"""Names in every script print in charts, on paper and on pages, by fonts cut to their letters."""

from __future__ import annotations

import base64
import io
import re

import pandas as pd
import pytest
from fontTools.ttLib import TTFont
from matplotlib.figure import Figure

from fpp_analysis import charts, fonts
from fpp_analysis.charts import labels
from fpp_analysis.report import html
from fpp_analysis.report.payloads import stamp_from
from tests.report_pages import STAMP

NAMES = {
    "Noto Sans CJK TC": "東京瓦斯 한국전력",
    "Noto Sans Thai": "การไฟฟ้า",
    "Noto Sans Devanagari": "टाटा पावर",
}


@pytest.mark.parametrize("family", NAMES)
def test_a_script_that_dejavu_lacks_has_its_own_font(family):
    (font,) = fonts.needed(f"Alder {NAMES[family]}")
    assert font.family == family
    assert fonts.missing(NAMES[family]) == ""
    cut = fonts.subset(font, NAMES[family])
    assert cut == fonts.subset(font, reversed(NAMES[family]))
    letters = TTFont(io.BytesIO(cut)).getBestCmap()
    assert {ord(ch) for ch in NAMES[family] if ch != " "} <= set(letters)
    assert len(cut) < font.path.stat().st_size / 5


def test_latin_greek_cyrillic_arabic_and_hebrew_need_no_other_font():
    text = "Åγя شركة חברת"
    assert fonts.needed(text) == []
    assert fonts.missing(text + "𓀀") == "𓀀"


def test_a_chart_writes_and_measures_them():
    frame = pd.DataFrame({"region": list(NAMES.values()), "backlog": [3.0, 2.0, 1.0]})
    ax = charts.composition(frame, by="region", ax=Figure().subplots())
    assert [t.get_text() for t in ax.get_yticklabels()] == list(NAMES.values())
    assert ax.get_yticklabels()[0].get_fontfamily() == ["DejaVu Sans", *NAMES]
    assert labels.width("東京") > labels.width("ab")


def test_a_page_carries_the_letters_it_shows_and_a_plain_page_none():
    stamp = stamp_from({**STAMP, "company": "東京瓦斯"})
    page = html.render([], title="Pack", stamp=stamp)
    assert "font-src data:" in page
    (data,) = re.findall(r"url\(data:font/woff;base64,([^)]*)\)", page)
    assert ord("瓦") in TTFont(io.BytesIO(base64.b64decode(data))).getBestCmap()
    plain = html.render([], title="Pack", stamp=stamp_from(STAMP))
    assert "font-src" not in plain
    assert "@font-face" not in plain
