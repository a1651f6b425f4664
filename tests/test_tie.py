"""Texts tied to a book: every number found, none misplaced, nothing that ends the reading."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import fpp_analysis as fpp
from fpp_analysis.claims.grading import grade_text
from fpp_analysis.claims.reading import parse_statements
from fpp_analysis.display import Marked, html
from fpp_analysis.errors import InputError
from fpp_analysis.fiscal import FiscalCalendar
from fpp_analysis.tie import Known, Mark, Text, Tied, read, tie
from fpp_analysis.tie.dates import back, dates
from fpp_analysis.tie.places import MOST_CHARACTERS, sentences
from fpp_analysis.tie.scanning import ONES, TENS, in_digits, quantities
from fpp_analysis.tie.showing import as_json, as_text, as_yaml
from fpp_analysis.tie.texts import MOST_BYTES, of_bytes
from tests.command import FPP, run
from tests.release_texts import TEXTS as OTHERS
from tests.tied_texts import MAY, NEVER_NAMED, NOV, TEXTS, Expected, filled

FACTORS = (Fraction(113, 100), Fraction(79, 100), Fraction(131, 100), Fraction(91, 100))
RELEASE = OTHERS["release of 1 December 2009"][0]
DATED = "FPP backlog was {} as of November 30, 2009."


@pytest.fixture(scope="module")
def known():
    return Known.of(fpp.load_book("sample"))


def tied(text: str, known: Known, **options: str) -> Tied:
    return tie(Text("text", text), known, **options)


def number(found: Tied, words: str) -> Mark:
    """The one mark whose words hold these."""
    (mark,) = [m for m in found.marks if words in m.text and m.kind != "date"]
    return mark


def at(found: Tied, where: Expected) -> Mark:
    return next(m for m in found.marks if m.start < where.end and where.start < m.end)


def is_it(one, expected: Expected) -> bool:
    said = (one.metric, one.scope, (one.start, one.as_of))
    return said == (expected.metric, expected.scope, expected.period)


# -- the kept set ----------------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS)
def test_no_metric_is_misplaced_in_the_kept_texts(text, known):
    said, figures = filled(text, known)
    found = tied(said, known)
    for mark in found.marks:
        if mark.metric:
            (right,) = [e for e in figures if mark.start < e.end and e.start < mark.end]
            assert (mark.metric, mark.scope, mark.period) == (
                right.metric, right.scope, right.period,
            )  # fmt: skip


def test_true_numbers_are_tied_to_their_figure_first_or_second(known):
    total = right = named = 0
    for text in TEXTS:
        said, figures = filled(text, known)
        found = tied(said, known)
        total += len(figures)
        right += sum(any(is_it(t, e) for t in at(found, e).ties[:2]) for e in figures)
        named += sum(bool(mark.metric) for mark in found.marks)
    assert len(TEXTS) >= 60
    assert total >= 85
    assert right / total >= 0.95
    assert named >= 25  # silence would misplace nothing either


def test_false_numbers_are_tied_to_none(known):
    """The same texts with other numbers: what still meets its words is no false number."""
    false = none = 0
    for factor in FACTORS:
        for text in TEXTS:
            _, before = filled(text, known)
            said, figures = filled(text, known, lambda v, f=factor: v * f if v != 1 else v + 1)
            found = tied(said, known)
            for one, true in zip(figures, before, strict=True):
                mark = at(found, one)
                if one.shown != true.shown and not any(is_it(t, one) for t in mark.ties):
                    false += 1
                    none += mark.status == "none"
    assert false >= 300
    assert none / false >= 0.95


@pytest.mark.parametrize("text", NEVER_NAMED)
def test_what_is_not_plainly_said_is_never_named(text, known):
    assert not [mark for mark in tied(text, known).marks if mark.metric]


@pytest.mark.parametrize("name", OTHERS)
def test_no_metric_is_misplaced_in_texts_of_others(name, known):
    text, expected = OTHERS[name]
    for mark in tied(text, known).marks:
        if mark.metric:
            start, end = mark.period
            right = [
                (metric, tuple(f.replace(",", "") for f in figures))
                for metric, figures, when in expected
                if when in (None, end, f"{start}/{end}")
            ]
            assert (mark.metric, mark.figures) in right


# -- what a number may be --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (DATED.format("$17.6 million"), "one"),
        (DATED.format("$17.7 million"), "none"),
        (DATED.format("over $17 million"), "one"),
        (DATED.format("over $19 million"), "none"),
        (DATED.format("over $2 million"), "none"),  # true, and so far off that it says nothing
        (DATED.format("nearly $18 million"), "one"),
        (DATED.format("EUR 17.6 million"), "not a figure"),
        ("FPP backlog never fell below $17 million in 2009.", "not a figure"),
        ("If signed, FPP backlog would be $17.6 million.", "not a figure"),
        ("We plan an FPP backlog of $40 million at November 30, 2009.", "not a figure"),
        ("FPP backlog was $17.6 million as of November 30, 2039.", "none"),
    ],
)
def test_a_number_is_tied_at_its_precision_and_qualifier(text, status, known):
    assert number(tied(text, known), "million").status == status


def test_the_date_beside_a_number_binds_it(known):
    swapped = (
        "FPP backlog increased from approximately $17.6 million on May 31, 2009 to over "
        "$10 million on November 30, 2009."
    )
    assert number(tied(swapped, known), "17.6").status == "none"


def test_the_date_over_a_column_binds_its_numbers(known):
    """Though they equal the figures of the other column."""
    table = (
        "| Figure | 2009-11-30 | 2009-05-31 |\n|---|---:|---:|\n"
        "| Service backlog | {} | {} |\n| Contracts in force | 10 | 20 |\n"
    )
    backlog = [f"${float(known.figure('backlog', '', '', day).value):,.0f}" for day in (NOV, MAY)]
    right, wrong = (tied(table.format(*row), known) for row in (backlog, backlog[::-1]))
    assert [number(right, shown).status for shown in backlog] == ["one", "one"]
    assert [number(wrong, shown).status for shown in backlog] == ["none", "none"]


def test_a_balance_may_be_of_the_day_before_a_span_or_of_its_last(known):
    force = [int(known.figure("contracts_in_force", "", "", day).value) for day in (MAY, NOV)]
    said = "Between May 31, 2009 and November 30, 2009 contracts in force grew from {} to {}."
    found = tied(said.format(*force), known)
    ties = [number(found, str(shown)).ties[0] for shown in force]
    assert [(one.metric, one.as_of) for one in ties] == [
        ("contracts_in_force", MAY), ("contracts_in_force", NOV),
    ]  # fmt: skip


def test_a_change_ties_as_a_change_and_in_its_direction(known):
    rose = tied(
        "FPP backlog rose $6.8 million to $17.6 million from May 31, 2009 to November 30, 2009.",
        known,
    )
    assert number(rose, "6.8").ties[0].change == "change"
    assert number(rose, "17.6").ties[0].change == ""
    fell = tied("FPP backlog fell by 63% from May 31, 2009 to November 30, 2009.", known)
    assert number(fell, "63%").status == "none"


def test_a_growth_that_printed_figures_do_not_give_is_by_rows_only(known):
    mark = number(tied(RELEASE, known), "60%")
    assert mark.status == "rows only"
    assert "a reader gets [0.545455" in mark.reason


def test_a_date_that_the_text_does_not_give_stays_blank(known):
    found = tied("FPP backlog was $17.6 million.", known)
    assert number(found, "17.6").status == "none"
    given = tied("FPP backlog was $17.6 million.", known, as_of="2009-11-30")
    mark = number(given, "17.6")
    assert mark.status == "one"
    assert (mark.metric, mark.period) == ("", ("", ""))


@pytest.mark.parametrize(
    ("text", "shown", "metric", "by_chance"),
    [
        ("In the year ended March 31, 2011, fifteen were renewed, a renewal rate by count of 84%.",
         "84%", "renewal_rate_count",
         "In the year ended March 31, 2011, the renewal rate by kW was 84%."),
        ("In fiscal 2010, billings amounted to $3.2 million.", "3.2", "billings",
         "At March 31, 2010, the next 12 months schedule billings of $3.2 million."),
        ("Billings grew. Backlog rose by 141% from September 30, 2009 to March 31, 2010.", "141%",
         "growth", "Billings rose by 141% from September 30, 2009 to March 31, 2010."),
    ],
)  # fmt: skip
def test_a_number_is_not_another_metric_than_its_clause_names(
    text, shown, metric, by_chance, known
):
    """Not though it equals one: the nearest is the figure that the text names."""
    mark = number(tied(text, known), shown)
    assert (mark.status, mark.ties) == ("none", ())
    (first, more), *_ = mark.nearest
    assert first.metric == metric
    assert more
    assert number(tied(by_chance, known), shown).ties


@pytest.mark.parametrize(
    ("text", "shown", "metric"),
    [
        ("At November 30, 2009 service revenue of $2.67 million is scheduled, of which nothing is "
         "certain, for the following twelve months.", "2.67", "next_12_month_revenue"),
        ("In the six months ended November 30, 2009 the attach rate was 19%, with 38 machines "
         "covered.", "38", "attached"),
        ("Of the service backlog at September 30, 2010, $2.5 million may be cancelled on notice.",
         "2.5", "cancellable"),
        ("The renewal rate was 79% by count and 85% by value in the year ended March 31, 2011.",
         "85%", "renewal_rate_value"),
    ],
)  # fmt: skip
def test_other_words_and_two_hints_still_tie_beside_a_name(text, shown, metric, known):
    assert metric in {one.metric for one in number(tied(text, known), shown).ties[:2]}


def test_several_figures_and_the_nearest_ones(known):
    many = number(tied("Service backlog of over $10 million. May 31, 2009.", known), "10")
    assert many.ties[0].metric == "backlog"
    missed = number(tied(DATED.format("$25.0 million"), known), "25.0")
    (first, more), *_ = missed.nearest
    assert (first.metric, first.as_of) == ("backlog", "2009-11-30")
    assert more == first.value - 25_000_000


@pytest.mark.parametrize(
    "text",
    [
        "Section 27A", "Form 10-K", "ISO 9001:2000", "818-407-3628", "page 17", "the C1000",
        "in 2009", "CA 91311", "www.example.com/17", "(1)", "10:30 a.m.", "40 countries",
        "17 years ago", "12 kWh",
    ],
)  # fmt: skip
def test_what_is_no_figure_of_a_book(text, known):
    (mark,) = tied(f"We are {text} here.", known).marks
    assert mark.status == "not a figure"
    assert mark.reason


# -- scanning --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$1.8 million", ("money", ("1.8",), "USD million", "exact")),
        ("well in excess of USD 1,234.5m", ("money", ("1234.5",), "USD million", "in excess of")),
        ("($1.8 million)", ("money", ("-1.8",), "USD million", "exact")),
        ("$(1.8) million", ("money", ("-1.8",), "USD million", "exact")),
        ("(15)%", ("fraction", ("-15",), "percent", "exact")),
        ("−4.0 per cent", ("fraction", ("-4.0",), "percent", "exact")),
        ("350 basis points", ("points", ("350",), "basis points", "exact")),
        ("almost twenty-five units", ("count", ("25",), "units", "nearly")),
        ("two hundred and six contracts", ("count", ("206",), "contracts", "exact")),
        ("a third of the units", ("fraction", ("33",), "percent", "exact")),
        ("two thirds of the units", ("fraction", ("67",), "percent", "exact")),
        ("more than doubled", ("ratio", ("2.0",), "times", "more than")),
        ("between five and nine years", ("years", ("5", "9"), "years", "between")),
        ("most between 5 and 9 years", ("years", ("5", "9"), "years", "most between")),
        ("5–9 years", ("years", ("5", "9"), "years", "between")),
        ("the past six months", ("months", ("6",), "months", "exact")),
        ("17½ million dollars", ("money", ("17.50",), "USD million", "exact")),
        ("$17 million(1)", ("money", ("17",), "USD million", "exact")),
        ("500¹ units", ("count", ("500",), "units", "exact")),
        ("１７％", ("fraction", ("17",), "percent", "exact")),
        ("27,704 TUSD", ("money", ("27704",), "USD thousand", "exact")),
        ("kUSD 500", ("money", ("500",), "USD thousand", "exact")),
        ("17.6 USDm", ("money", ("17.6",), "USD million", "exact")),
        ("$'000 500", ("money", ("500",), "USD thousand", "exact")),
        ("17.6 million of US dollars", ("money", ("17.6",), "USD million", "exact")),
        ("USD 1.76 crore", ("money", ("1.76",), "USD crore", "exact")),
        ("5-9 years", ("years", ("5", "9"), "years", "between")),
        ("3 %-points", ("points", ("3",), "percent", "exact")),
        ("9.3 yrs", ("years", ("9.3",), "years", "exact")),
        ("39%+", ("fraction", ("39",), "percent", "at least")),
    ],
)  # fmt: skip
def test_a_quantity_is_read(text, expected):
    from fpp_analysis.tie.texts import flat

    found = [q for q in quantities(flat(text), []) if q.kind != "name"]
    assert [(q.kind, q.figures, q.unit, q.qualifier) for q in found] == [expected]


@pytest.mark.parametrize(
    ("text", "figures"),
    [("17,6 Mio EUR", "17.6"), ("EUR 1.234.567,5", "1234567.5"), ("17 600 000 EUR", "17600000"),
     ("39,1 %", "39.1")],
)  # fmt: skip
def test_decimal_commas(text, figures):
    (found,) = quantities(text, [], decimal=",")
    assert found.figures == (figures,)


def test_decimal_commas_tie(known):
    text = "FPP backlog was $17,6 million as of 30.11.2009."
    assert number(tied(text, known, decimal=","), "17,6").status == "one"
    assert number(tied(text, known), "17,6").status == "none"


@pytest.mark.parametrize(
    "shown",
    [
        "$17.6 million1",
        "$17.6 million²",
        "$١٧٫٦ million",
        "＄１７．６ million",
        "USD17.6m",
        "USD 17.6百万",
        "17.6百万ドル",
        "$ 17.6m",
    ],
)
def test_an_amount_in_other_digits_or_with_a_footnote_glued_on(shown, known):
    found = tied(f"FPP backlog was {shown} as of 2009年11月30日.", known)
    assert [mark.status for mark in found.marks if mark.kind == "money"] == ["one"]


def test_a_range_that_falls_ends_nothing(known):
    mark = number(tied("Contract terms between nine and five years.", known), "nine")
    assert mark.status in ("one", "several", "none")


@given(st.integers(1, 999))
def test_numbers_in_words_are_read_back(value):
    ones = [word for word in ONES if word != "zero"]
    tens = list(TENS)

    def below(n: int) -> str:
        if n < 20:
            return ones[n - 1]
        return tens[n // 10 - 2] + (f"-{ones[n % 10 - 1]}" if n % 10 else "")

    hundreds, rest = divmod(value, 100)
    words = " and ".join(
        [*([f"{ones[hundreds - 1]} hundred"] if hundreds else []), *([below(rest)] if rest else [])]
    )
    assert in_digits(words) == str(value)


def test_dates_and_periods():
    found = dates(
        "for the six months ended November 30, 2009, in Q2 fiscal 2010, on 30.11.2009 and May 31",
        FiscalCalendar(),
    )
    assert [(w.kind, w.start, w.end) for w in found] == [
        ("span", "2009-05-31", "2009-11-30"),
        ("span", "2009-06-30", "2009-09-30"),
        ("date", "", "2009-11-30"),
        ("day", "", "2009-05-31"),
    ]
    short = dates("3Q11, 9M11, 1H 2010 and the same period of 2009", FiscalCalendar())
    assert [(w.start, w.end) for w in short] == [
        ("2011-06-30", "2011-09-30"), ("2010-12-31", "2011-09-30"), ("2009-12-31", "2010-06-30"),
        ("2008-12-31", "2009-06-30"),
    ]  # fmt: skip
    assert back("2009-11-30", 6) == "2009-05-31"
    assert [w.kind for w in dates("on February 30, 2009", FiscalCalendar())] == ["partial"]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("FYE10", "2009-03-31", "2010-03-31"),
        ("FY10/11", "2010-03-31", "2011-03-31"),
        ("FY10 Q4", "2009-12-31", "2010-03-31"),
        ("Q4FY10", "2009-12-31", "2010-03-31"),
        ("CY10", "2009-12-31", "2010-12-31"),
        ("LTM Mar-10", "2009-03-31", "2010-03-31"),
        ("nine months of FY11", "2010-03-31", "2010-12-31"),
        ("quarter ended June 30, 2010", "2010-03-31", "2010-06-30"),
        ("31-Mar-10", "", "2010-03-31"),
        ("31 de marzo de 2010", "", "2010-03-31"),
        ("Mar'10", "", "2010-03-31"),
        ("2010/03/31", "", "2010-03-31"),
        ("31-12-2010", "", "2010-12-31"),
        ("03/2010", "", "2010-03-31"),
        ("1–3/2012", "2012-01-31", "2012-03-31"),
        ("FY10A", "2009-03-31", "2010-03-31"),
        ("2010/2011", "2010-03-31", "2011-03-31"),
        ("4QFY10", "2009-12-31", "2010-03-31"),
        ("June 2010 quarter", "2010-03-31", "2010-06-30"),
    ],
)
def test_a_date_is_read_in_its_notations(text, start, end):
    (found,) = dates(f"It was {text}.", FiscalCalendar())
    assert (found.start, found.end) == (start, end)


def test_a_period_from_the_first_of_a_month_begins_at_the_close_of_the_one_before(known):
    value = float(known.figure("revenue", "", "2010-03-31", "2010-09-30").value)
    for when in ("1 April 2010 to 30 September 2010", "April to September 2010"):
        found = tied(f"Service revenue from {when} was ${value:,.0f}.", known)
        mark = number(found, "$")
        periods = {(one.start, one.as_of) for one in mark.ties if one.metric == "revenue"}
        assert ("2010-03-31", "2010-09-30") in periods
        assert not mark.metric
    (opening,) = dates("Backlog as of April 1, 2010", FiscalCalendar())
    assert (opening.end, opening.eve) == ("2010-04-01", "2010-03-31")


def test_a_year_that_closed_on_a_day_is_not_a_year_later():
    found = dates("Europe closed the year on March 31, 2010.", FiscalCalendar())
    assert all(one.months >= 0 for one in found)


def test_the_year_of_an_act_is_no_date_of_a_figure(known):
    text = "Backlog was $10.8 million on May 31, 2009, as Section 27A of the Act of 1933 has it."
    found = tied(text, known)
    assert not found.notes
    assert [mark.status for mark in found.marks if mark.text == "$10.8 million"] == ["one"]


def test_a_year_after_a_date_is_the_same_of_that_year_or_the_whole_of_it(known):
    said = "At 31 March 2012 service backlog was $33.0 million (2011: $27.5 million)."
    (one,) = number(tied(said, known), "27.5").ties
    assert (one.metric, one.as_of) == ("backlog", "2011-03-31")
    _, year = dates("on 31 March 2012 and in 2011", FiscalCalendar())
    assert (year.end, year.whole) == ("2011-03-31", ("2010-12-31", "2011-12-31"))
    named = tied("On 31 March 2012 it rained. In 2011 backlog was $27.5 million.", known)
    assert not number(named, "27.5").metric


def test_a_label_is_the_unit_of_the_bare_numbers_of_its_row(known):
    rate = known.figure("coverage_rate", "", "", "2011-03-31").value
    table = f"Fleet | 31 March 2011\nCoverage rate (%) | {float(rate) * 100:.1f}\n"
    (one,) = number(tied(table, known), ".").ties
    assert one.metric == "coverage_rate"


def test_a_sentence_may_end_on_a_date_alone(known):
    said = "Subject: numbers of the A1 model (six months to 30 Sept 2010)"
    assert [mark.kind for mark in tied(said, known).marks] == ["name", "date"]


def test_sentences_know_where_they_stand():
    text = "Head\n\nOne in Calif. here. Two\nspans lines.\n• Three."
    found = [text[a:b].strip() for a, b in sentences(text)]
    assert found == ["Head", "One in Calif. here.", "Two\nspans lines.", "• Three."]
    endless = "a, " * MOST_CHARACTERS
    assert max(b - a for a, b in sentences(endless)) <= MOST_CHARACTERS


# -- files, and what nobody wrote by hand ----------------------------------------------------


def test_html_markdown_and_stdin_are_read_as_text(known):
    page = (
        b"<html><style>p{top:9px}</style><p>FPP backlog was <b>$17.6</b>&nbsp;million<sup>1</sup>"
    )
    page += b" as of November 30, 2009.</p><table><tr><td>a</td><td>b</td></tr></table></html>"
    (text,) = of_bytes("a.html", page)
    assert "9px" not in text.text
    assert text.text.endswith("a | b")
    assert number(tie(text, known), "17.6").metric == "backlog"
    (text,) = of_bytes("a.md", b"# Head\n\nFPP backlog was **$17.6 million** at November 30, 2009.")
    assert number(tie(text, known), "17.6").metric == "backlog"


WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def document(body: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(
            "word/document.xml", f"<w:document {WORD}><w:body>{body}</w:body></w:document>"
        )
    return file.getvalue()


def test_a_document_with_tracked_changes_is_read_both_ways(known):
    run = "<w:r><w:t xml:space='preserve'>{}</w:t></w:r>"
    body = (
        "<w:p>" + run.format("FPP backlog was ")
        + "<w:del><w:r><w:delText>$25.0</w:delText></w:r></w:del>"
        + "<w:ins>" + run.format("$17.6") + "</w:ins>"
        + run.format(" million as of November 30, 2009.") + "</w:p>"
    )  # fmt: skip
    after, before = of_bytes("draft.docx", document(body))
    assert number(tie(after, known), "million").status == "one"
    assert number(tie(before, known), "million").status == "none"
    assert "tracked changes" in after.notes[0]
    (plain,) = of_bytes("a.docx", document("<w:p>" + run.format("One 17%.") + "</w:p>"))
    assert plain.text == "One 17%."


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00\x01\x02\xff" * 500, b"PK\x03\x04broken", b"\xff\xfe1\x00", b"\xe9t\xe9 17%",
     b"PK" + b"\x00" * 100, "\u202e$17.6 \u200fmillion".encode(), b"<html><p", b"\r\n\r\n"],
)  # fmt: skip
def test_no_file_ends_the_reading(data, known):
    for text in of_bytes("file", data):
        found = tie(text, known)
        assert as_json([found], known)


@pytest.mark.parametrize("codec", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_a_damaged_document_ends_nothing(codec):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", codec) as archive:
        archive.writestr("word/document.xml", "<w:p>" + "".join(map(str, range(900))) + "</w:p>")
    whole = file.getvalue()
    for at in range(30, len(whole), 7):
        (text,) = of_bytes("a.docx", whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
        assert text.text.startswith("012") or "nothing in it was read" in text.notes[0]


def test_a_long_file_is_read_as_far_as_it_goes():
    (text,) = of_bytes("long.txt", b"a" * (MOST_BYTES + 1))
    assert len(text.text) == MOST_BYTES
    assert "only the first" in text.notes[0]


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "none.txt")


WORDS = st.sampled_from(
    ["backlog", "FPP", "$17.6 million", "39%", "was", "rose", "by", "to", "May 31, 2009", "and",
     "between", "two", "units", "in", "Europe", "C1000", "5", "years", ".", ",", "(", ")", "-",
     "½", "of", "\x02", "\x00",
     "past", "six", "months", "fiscal", "9999", "FY0000", "99/99/9999", "1/0 of",
     "99M11", "1H00", "January to March 0001", "Feb 29, 2008 and 2009", "31 June", "respectively",
     "Six months ended 30 February 2011 2010", "ended on that date", "year-end", "quarter",
     "million", "$", "%"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@example("0\x08%")
@example("backlog of between 1.2.3 and $5 million")
@example("January 5, 1850 and May 31")
@example("same period of 9999, year to May 31, 2009")
@example("year ended June 30, 1850 and 1900")
@given(st.lists(WORDS, max_size=25).map(" ".join) | st.text(max_size=120))
def test_no_text_ends_the_reading(text):
    found = tied(text, SAMPLE)
    covered = [(m.start, m.end) for m in found.marks]
    assert covered == sorted(covered)
    assert all(a[1] <= b[0] for a, b in pairwise(covered))
    assert all(found.text[m.start : m.end] == m.text for m in found.marks)
    yaml = as_yaml([found], SAMPLE)
    as_text([found], SAMPLE)
    if "statements: []" not in yaml:
        parse_statements(yaml, "tied.yaml")


SAMPLE = Known.of(fpp.load_book("sample"))


# -- what is shown ---------------------------------------------------------------------------


def test_the_yaml_is_read_with_its_blanks_and_grades_what_is_filled_in(known):
    found = tied(f"{DATED.format('over $17 million')} We have 538 systems.", known)
    made = parse_statements(as_yaml([found], known), "tied.yaml")
    assert [(s.metric, s.as_of, s.figures) for s in made.statements] == [
        ("backlog", "2009-11-30", ("17",))
    ]
    assert len(made.blank) == 1


def test_a_completed_yaml_is_graded_with_the_sign_of_what_leaves_the_book():
    start, end = "2009-03-31", "2010-03-31"
    off = -SAMPLE.figure("terminated", "", start, end).value
    said = f"Terminations took ${float(off) / 1000:,.0f} thousand off the backlog"
    found = tied(f"{said} in the year ended March 31, 2010.", SAMPLE)
    yaml = as_yaml([found], SAMPLE)
    assert "# terminated: Terminated in the period" in yaml
    yaml = yaml.replace("metric:\n", "metric: terminated\n")
    yaml = yaml.replace("as_of:\n", f"period: {start}/{end}\n")
    (graded,) = grade_text("tied.yaml", yaml, fpp.load_book("sample")).graded
    assert graded.grade == "supported"


@pytest.mark.parametrize("shown", ["({})", "{}"])
def test_a_number_in_brackets_may_be_an_aside(shown, known):
    rate = known.figure("coverage_rate", "", "", "2009-11-30").value
    text = f"Coverage at November 30, 2009 was stable {shown.format(f'{float(rate):.1%}')}."
    (mark,) = [m for m in tied(text, known).marks if m.kind == "fraction"]
    assert mark.ties[0].metric == "coverage_rate"
    assert not mark.figures[0].startswith("-")


def test_the_page_shows_every_number_with_its_figure(known):
    found = tied(RELEASE, known)
    shown = Marked(found, known, id="release").payload
    runs = [run for p in shown["paragraphs"] for run in p["runs"]]
    marked = [run for run in runs if isinstance(run, dict)]
    assert len(marked) == sum(m.status != "not a figure" for m in found.marks)
    text = "".join(run if isinstance(run, str) else run["shown"] for run in runs)
    assert text.replace("\n", "") == RELEASE.replace("\n", "")
    page = html.fragment(shown)
    assert 'class="fpp-one"' in page
    assert 'class="fpp-several"' in page
    value = known.figure("backlog", "", "", "2009-11-30").value
    assert f"{float(value):,.2f} USD" in page


def test_the_command_writes_page_pdf_json_and_yaml(tmp_path):
    text = tmp_path / "note.txt"
    text.write_text(DATED.format("over $17 million"), encoding="utf-8")
    done = run("tie", text, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    paths = [Path(line) for line in done.stdout.splitlines()]
    assert [p.name for p in paths] == ["note.html", "note.pdf", "note.json", "note.yaml"]
    assert paths[1].read_bytes().startswith(b"%PDF")
    (body,) = json.loads(paths[2].read_text(encoding="utf-8"))
    assert body["counts"]["one"] == 1
    piped = subprocess.run(
        [FPP, "tie", "-", "--format", "text"],
        input=b"39% \xff\x00",
        capture_output=True,
        check=False,
    )
    assert piped.returncode == 0
