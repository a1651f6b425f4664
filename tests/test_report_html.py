"""The HTML view: one file, nothing live, nothing fetched, readable by machines and people."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from fpp_analysis.errors import ConfigurationError, OutputError, ReconciliationError
from fpp_analysis.report import html
from fpp_analysis.report.payloads import MIME, read_page
from tests.report_pages import HOSTILE, notebook, page

URL_ATTRIBUTES = ("src", "srcset", "href", "action", "data", "poster", "formaction", "background")


class Seen(HTMLParser):
    """Every start tag with its attributes, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def of(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.tags if tag in tags]


def pages_of(*, hostile: bool) -> dict[str, str]:
    one, two = page(hostile=hostile), page("20-coverage", hostile=hostile)
    return {"one": html.render([one]), "pack": html.render([one, two], title="Pack")}


@pytest.mark.parametrize("kind", ["one", "pack"])
@pytest.mark.parametrize("hostile", [False, True])
def test_nothing_is_live_and_nothing_is_fetched(kind: str, hostile: bool) -> None:
    seen = Seen(pages_of(hostile=hostile)[kind])
    assert not seen.of("script", "iframe", "object", "embed", "link", "base", "form")
    for tag, attributes in seen.tags:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        assert "style" not in attributes
        for name in URL_ATTRIBUTES:
            if name in attributes:
                assert re.match(r"(#|data:image/|index\.html$)", attributes[name]), attributes


def test_hostile_text_is_shown_as_it_is_written() -> None:
    text = "".join(Seen(pages_of(hostile=True)["one"]).text)
    for word in HOSTILE:
        assert word in text


@pytest.mark.parametrize("kind", ["one", "pack"])
def test_the_policy_allows_nothing_but_the_page_itself(kind: str) -> None:
    text = pages_of(hostile=False)[kind]
    seen = Seen(text)
    (policy,) = [m["content"] for m in seen.of("meta") if "http-equiv" in m]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    style = text.partition("<style>")[2].partition("</style>")[0]
    mark = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert rules["style-src"] == f"'sha256-{mark}'"
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize("kind", ["one", "pack"])
def test_the_page_is_in_order_for_a_screen_reader(kind: str) -> None:
    seen = Seen(pages_of(hostile=False)[kind])
    assert seen.of("html")[0]["lang"] == "en"
    levels = [int(tag[1]) for tag, _ in seen.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert all(image.get("alt") for image in seen.of("img"))
    scopes = {th.get("scope") for th in seen.of("th")}
    assert scopes == {"col", "row"}
    assert len(seen.of("caption")) >= 3
    ids = [attributes["id"] for _, attributes in seen.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    anchors = {a["href"][1:] for a in seen.of("a") if a["href"].startswith("#")}
    assert anchors <= set(ids)
    letters = {use["xlink:href"][1:] for use in seen.of("use")}
    assert letters <= set(ids), "each letter of a chart is outlined once a page"
    wide = [d for d in seen.of("div", "pre") if d.get("tabindex") == "0"]
    assert len(wide) >= 4, "wide tables can be reached by keyboard"


def test_numbers_lead_to_their_evidence_with_value_definition_and_query() -> None:
    text = html.render([page()])
    assert 'href="#evidence-backlog-2009-11-30"' in text
    entry = text.partition('id="evidence-backlog-2009-11-30"')[2].partition("</div>")[0]
    assert "17,612,345.67 USD" in entry
    assert "fpp table backlog --book . --as-of 2009-11-30" in entry
    assert "not yet recognised" in entry


def test_the_stamp_stands_on_the_page() -> None:
    text = html.render([page(status="superseded", edition="outside", as_known="2009-12-01")])
    for word in ("SYNTHETIC DATA", "SUPERSEDED", "Outside edition", "As of 30 November 2009",
                 "As known on 1 December 2009", "Data cut-off 31 March 2012",
                 "Statements about the future", "ir@example.com"):  # fmt: skip
        assert word in text
    assert "SYNTHETIC" not in html.render([page(synthetic=False, source="")]).partition("<main")[0]


def test_logo_and_accent_are_made_safe() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'viewBox="0 0 9 9" onload="alert(1)"><script>alert(1)</script>'
        '<a xlink:href="https://evil.example"><path d="M0 0"/></a><rect width="9" height="9" '
        'fill="url(https://evil.example/x)" style="x"/><image href="file:///etc/passwd"/></svg>'
    )
    logo = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    text = html.render([page(logo=logo, accent="#005f5f")])
    (image,) = [i for i in Seen(text).of("img") if "logo" in i.get("class", "")]
    drawn = base64.b64decode(image["src"].partition(",")[2]).decode()
    assert "rect" in drawn
    for live in ("script", "onload", "evil", "passwd", "style", "image"):
        assert live not in drawn
    assert "--fpp-accent: #005f5f" in text
    for bad in ({"accent": "#ffff00"}, {"accent": "red"}, {"logo": "https://x/y.png"},
                {"logo": "data:image/svg+xml;base64," + base64.b64encode(
                    b'<!DOCTYPE x [<!ENTITY a "b">]><svg/>').decode()}):  # fmt: skip
        with pytest.raises(ConfigurationError):
            html.render([page(**bad)])


def test_one_id_with_two_values_is_refused() -> None:
    nb = notebook()
    other = dict(nb["cells"][1]["outputs"][0]["data"][MIME]["evidence"][0], value=1.0)
    nb["cells"][3]["outputs"][0]["data"][MIME]["evidence"] = [other]
    with pytest.raises(ReconciliationError, match="backlog-2009-11-30"):
        html.render([read_page(nb, "10-backlog")])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "pie"}, "pie"),
        ({"version": 2}, "version 2"),
        ({"id": "summary"}, "used twice"),
        ({"items": None}, None),
    ],
)
def test_what_is_no_payload_is_refused(change: dict[str, object], said: str | None) -> None:
    nb = notebook()
    payload = nb["cells"][1]["outputs"][0]["data"][MIME]
    payload.update(change)
    if said is None:
        del payload["items"]
        said = "lacks items"
    with pytest.raises(OutputError, match=said):
        read_page(nb, "10-backlog")


def test_nbconvert_finds_the_exporters(tmp_path: Path) -> None:
    path = tmp_path / "10-backlog.ipynb"
    nb = notebook()
    for number, cell in enumerate(nb["cells"]):
        cell["id"] = f"cell-{number}"
    path.write_text(nbformat.writes(nbformat.from_dict(nb)), encoding="utf-8")
    for form in ("html", "pdf"):
        subprocess.run(
            [sys.executable, "-m", "nbconvert", "--to", f"fpp_{form}", path.name],
            cwd=tmp_path, check=True, capture_output=True,
        )  # fmt: skip
    assert (tmp_path / "10-backlog.html").read_text("utf-8") == html.render([page()])
    assert (tmp_path / "10-backlog.pdf").read_bytes().startswith(b"%PDF")
