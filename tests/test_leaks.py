"""The leak scanner finds every planted string, in every wrapping, and nothing that is not there."""

from __future__ import annotations

import base64
import html
import io
import json
import quopri
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fpp_analysis.errors import OutputError
from fpp_analysis.report import leaks
from fpp_analysis.report.leaks import Find, Wanted, places_of_machine, refuse_leaks, secrets_of
from tests.books import book

CANARY = "Zöhrer & Söhne Kraftwerke"
PLAIN = "KX-0042-7719"


def scan(
    folder: Path, secrets: Mapping[str, str], allowed: tuple[str, ...] = (), **drawn: Any
) -> list[Find]:
    made = {path.name: path.read_bytes() for path in folder.iterdir()}
    return leaks.scan(made, Wanted(secrets, allowed), **drawn)


def _zipped(text: str) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<t>{html.escape(text)}</t>")
    return raw.getvalue()


def _png(chunk: bytes, data: bytes) -> bytes:
    body = struct.pack(">I", len(data)) + chunk + data + struct.pack(">I", zlib.crc32(chunk + data))
    return b"\x89PNG\r\n\x1a\n" + body


def _with_a_zero(text: str) -> bytes:
    """The text packed, followed by a number with which a byte of the packed one is zero."""
    packed = (zlib.compress(f"{text} {n}".encode()) for n in range(10_000))
    return next(one for one in packed if b"\0" in one)


def _data_uri(text: str) -> bytes:
    svg = f"<svg><!-- {text} --></svg>".encode()
    return b'<img src="data:image/svg+xml;base64,' + base64.b64encode(svg) + b'">'


def _nested(text: str) -> bytes:
    inner = base64.b64encode(_zipped(text))
    return b'{"file": "' + inner + b'"}'


WRAPPINGS = {
    "plain.txt": lambda t: f"revenue of {t}.".encode(),
    "upper.txt": lambda t: t.upper().encode(),
    "broken-over-lines.txt": lambda t: t.replace(" ", "\n   ").encode() + b" ",
    "decomposed.txt": lambda t: unicodedata.normalize("NFD", t).encode(),
    "entities.html": lambda t: html.escape(t).encode("ascii", "xmlcharrefreplace"),
    "hex-entities.html": lambda t: "".join(f"&#x{ord(c):x};" for c in t).encode(),
    "attribute.html": lambda t: f'<p title="{html.escape(t)}">x</p>'.encode(),
    "comment.svg": lambda t: f"<svg><!-- {t} --></svg>".encode(),
    "escapes.json": lambda t: json.dumps({"a": t}).encode(),
    "percent.html": lambda t: b'<a href="#' + quote(t).encode() + b'">x</a>',
    "quoted.eml": lambda t: quopri.encodestring(t.encode()),
    "broken.eml": lambda t: f"one\nand =\n{t[:4]}=\n{t[4:]}\n.".encode(),
    "run-on.txt": lambda t: b"\xff\xd8\xff" + t.encode() + b"\xff\x00\xd9\xfe",
    "twice.txt": lambda t: base64.b64encode(base64.b64encode(b"say: " + t.encode())),
    "data-uri.html": _data_uri,
    "phase-1.txt": lambda t: base64.b64encode(b"." + t.encode()),
    "phase-2.txt": lambda t: base64.b64encode(b". " + t.encode()),
    "urlsafe.txt": lambda t: base64.urlsafe_b64encode(t.encode()),
    "utf-16-le.bin": lambda t: t.encode("utf-16-le"),
    "utf-16-be.bin": lambda t: t.encode("utf-16-be"),
    "book.xlsx": _zipped,
    "nested.json": _nested,
    "text.png": lambda t: _png(b"tEXt", b"Author\0" + t.encode()),
    "packed.png": lambda t: _png(b"zTXt", b"Author\0\0" + zlib.compress(t.encode())),
    "packed-with-a-zero.png": lambda t: _png(b"iTXt", b"Author\0\1\0\0\0" + _with_a_zero(t)),
    "behind.pdf": lambda t: b"%PDF- stream\n" + zlib.compress(b"x") + t.encode() + b"\nendstream",
    "behind.png": lambda t: _png(b"IEND", b"") + t.encode(),
    "hex-string.txt": lambda t: b"<" + t.encode("utf-16-be").hex().upper().encode() + b">",
}


@pytest.mark.parametrize("text", [CANARY, PLAIN])
@pytest.mark.parametrize("name", WRAPPINGS)
def test_a_planted_string_is_found_in_every_wrapping(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(WRAPPINGS[name](text))
    assert [find.text for find in scan(tmp_path, {text: "contracts.customer"})] == [text]


def _page(text: str, rng: Random) -> bytes:
    """A page that shows the text in pieces: kerned, as literals or digits, broken over lines."""
    glyphs = {letter: at for at, letter in enumerate(sorted({*text}), rng.choice((1, 36, 250)))}
    shown = []
    for letter in text:
        code = glyphs[letter].to_bytes(2)
        literal = b"".join(
            bytes([one]) if chr(one).isalnum() and one < 128 else b"\\%03o" % one for one in code
        )
        broken = rng.choice((b"", b"", b"\\\n", b"\\\r\n"))
        shown.append(rng.choice((b"<%b>" % code.hex().encode(), b"(%b%b)" % (broken, literal))))
        shown.append(rng.choice((b"", b"", b"-20", b" 17.5 ")))
    letters = b" ".join(b"<%04x> <%b>" % (code, letter.encode("utf-16-be").hex().encode())
                        for letter, code in glyphs.items())  # fmt: skip
    page = b"BT /f0 9 Tf []TJ [%b]TJ ET" % b"".join(shown)
    each = (zlib.compress(one) for one in (page, b"beginbfchar %b endbfchar" % letters))
    return b"%PDF-1.7\n" + b"".join(b"stream\n%b\nendstream\n" % one for one in each)


def _title(text: str, rng: Random) -> bytes:
    said = b"\xfe\xff" + text.encode("utf-16-be")
    literal = b"".join(b"\\%03o" % one for one in said)
    return b"%PDF-1.7\n" + rng.choice((b"<%b>" % said.hex().encode(), b"(%b)" % literal))


def _member(data: bytes) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ppt/slides/slide1.xml", b"<a:t>nothing here</a:t>")
        archive.writestr("ppt/embedded.bin", data)
    return raw.getvalue()


def _stream(data: bytes) -> bytes:
    return b"%PDF-1.7\nstream\n" + zlib.compress(data) + b"\nendstream\n"


CARRIERS = (
    lambda data: data,
    _member,
    base64.b64encode,
    lambda data: b'{"file": "' + base64.urlsafe_b64encode(data) + b'"}',
    _stream,
)
PLANTED = (CANARY, PLAIN, "Norrbotten Kraftverk AB", "ООО Сахалинэнерго", "Müller, Huber & Co.")


@settings(max_examples=200, deadline=None)
@given(
    text=st.sampled_from(PLANTED),
    wrap=st.sampled_from([*WRAPPINGS.values(), _page, _title]),
    carriers=st.lists(st.sampled_from(CARRIERS), max_size=2),
    others=st.sampled_from((0, 100)),
    rng=st.randoms(use_true_random=False),
)
def test_what_is_planted_in_layers_of_layers_is_found_and_nothing_else(
    text: str, wrap: Any, carriers: list[Any], others: int, rng: Random
) -> None:
    data = wrap(text, rng) if wrap in (_page, _title) else wrap(text)
    for carrier in carriers:
        assume(carrier is not _stream or b"endstream" not in data)  # where a stream is cut
        data = carrier(data)
    names = [*PLANTED, *(f"Wexcombe Utility {at}" for at in range(others))]
    finds = leaks.scan({"made": data}, Wanted(dict.fromkeys(names, "contracts.customer")))
    assert [find.text for find in finds] == [text]


def test_a_file_name_is_searched_too(tmp_path: Path) -> None:
    (tmp_path / f"{PLAIN}.csv").write_bytes(b"")
    assert [find.layer for find in scan(tmp_path, {PLAIN: "contract"})] == ["file name"]


@pytest.mark.parametrize("where", ["page", "title", "attachment"])
def test_a_planted_string_is_found_in_a_pdf(tmp_path: Path, where: str) -> None:
    typst = pytest.importorskip("typst")
    pypdf = pytest.importorskip("pypdf")
    source = f"#set document(title: {json.dumps(CANARY if where == 'title' else 'Report')})\n"
    source += f"#text({json.dumps(CANARY if where == 'page' else 'nothing here')})"
    (tmp_path / "in.typ").write_text(source, encoding="utf-8")
    made = typst.compile(str(tmp_path / "in.typ"))
    (tmp_path / "in.typ").unlink()
    if where == "attachment":
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(made))
        writer.add_attachment("rows.txt", CANARY.encode())
        raw = io.BytesIO()
        writer.write(raw)
        made = raw.getvalue()
    (tmp_path / "report.pdf").write_bytes(made)
    assert CANARY.encode() not in made or where == "attachment"
    assert scan(tmp_path, {CANARY: "contracts.customer"})


def test_a_name_beside_a_glyph_that_its_font_has_no_letter_for_is_found(tmp_path: Path) -> None:
    """Also where another font of the file has a letter, a wrong one, for every glyph."""
    name, bullet = "Norrbotten Kraftverk AB", 0x99
    codes = {letter: at for at, letter in enumerate(sorted({*name}), 1)}

    def table(letters: dict[str, int]) -> bytes:
        lines = [f"<{code:04x}> <{ord(letter):04x}>" for letter, code in letters.items()]
        return b"beginbfchar " + " ".join(lines).encode() + b" endbfchar"

    shown = "".join(f"{code:04x}" for code in [*(codes[letter] for letter in name), bullet])
    other = {chr(0x400 + at): at for at in (*codes.values(), bullet)}
    streams = [f"BT /F1 9 Tf <{shown}> Tj ET".encode(), table(codes), table(other)]
    made = b"".join(b"stream\n" + one + b"\nendstream\n" for one in streams)
    (tmp_path / "made.pdf").write_bytes(b"%PDF-1.7\n" + made)
    assert [find.text for find in scan(tmp_path, {name: "contracts.customer"})] == [name]


def test_a_name_like_an_operator_of_a_pdf_is_found_only_where_it_is_written(tmp_path: Path) -> None:
    typst = pytest.importorskip("typst")
    source = tmp_path.parent / f"{tmp_path.name}.typ"
    for text, found in (("nothing here", set()), ("a contract with BT", {"BT"})):
        source.write_text(text, encoding="utf-8")
        (tmp_path / "report.pdf").write_bytes(typst.compile(str(source)))
        finds = scan(tmp_path, dict.fromkeys(("BT", "ET", "Tj", "BDC"), "contracts.customer"))
        assert {find.text for find in finds} == found


def test_a_page_is_read_by_the_font_that_it_is_written_in(tmp_path: Path) -> None:
    """By another font of the file the same glyphs would be a name; a name of two fonts is one."""
    said = [b"BT /f0 9 Tf <000100020001> Tj /f1 9 Tf <00030004> Tj ET",
            *(b"beginbfchar " + b" ".join(
                b"<%04x> <%04x>" % (code, ord(letter)) for code, letter in letters.items()
            ) + b" endbfchar" for letters in ({1: "A", 2: "D", 3: "X", 4: "Y"},
                                              {1: "E", 2: "W", 3: "A", 4: "G"}))]  # fmt: skip
    made = b"%PDF-1.7\n1 0 obj\n<</Font<</f0 2 0 R/f1 3 0 R>>>>\nendobj\n"
    for number, letters in ((2, 5), (3, 6)):
        made += b"%d 0 obj\n<</Type/Font/ToUnicode %d 0 R>>\nendobj\n" % (number, letters)
    for number, one in enumerate(said, 4):
        made += b"%d 0 obj\n<<>>\nstream\n%b\nendstream\nendobj\n" % (number, one)
    (tmp_path / "made.pdf").write_bytes(made)
    names = dict.fromkeys(["EWE", "ADA", "ADA AG", "XY"], "contracts.customer")
    assert {find.text for find in scan(tmp_path, names)} == {"ADA", "ADA AG"}


def test_a_name_in_a_string_with_parentheses_is_found(tmp_path: Path) -> None:
    """Two of its glyphs have their numbers, which need no backslash where they are balanced."""
    name = "Norrbotten Kraftverk AB"
    codes = {letter: at for at, letter in enumerate(sorted({*name}), 0x30)} | {"N": 40, "K": 41}
    lines = " ".join(f"<{code:04x}> <{ord(letter):04x}>" for letter, code in codes.items())
    shown = b"".join(bytes([0, codes[letter]]) for letter in name)
    streams = [b"BT /F1 9 Tf [(%b)] TJ ET" % shown, f"beginbfchar {lines} endbfchar".encode()]
    made = b"".join(b"stream\n" + one + b"\nendstream\n" for one in streams)
    (tmp_path / "made.pdf").write_bytes(b"%PDF-1.7\n" + made)
    assert [find.text for find in scan(tmp_path, {name: "contracts.customer"})] == [name]


def test_only_whole_tokens_count(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Northwind Turbines of Norwayland", encoding="utf-8")
    assert not scan(tmp_path, {"Norway": "customer", "Turbine": "customer", "North": "customer"})


def test_an_allowed_string_is_passed_over_and_a_find_refuses(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(f"<p>{html.escape(CANARY)}</p>", encoding="utf-8")
    secrets = {CANARY: "contracts.customer"}
    assert not scan(tmp_path, secrets, allowed=(CANARY,))
    with pytest.raises(OutputError, match=r"1 confidential strings.*(?s:.)*a\.html") as caught:
        refuse_leaks(scan(tmp_path, secrets))
    assert caught.value.exit_code == 73
    assert "hrer" not in str(caught.value)


NAMED = {
    "Shell": ("Shell", "SHELL plc.", "at Shell&#39;s site", "ＳＨＥＬＬ", "Sh\u00adell"),
    "E.ON SE": ("E.ON", "e.on said", "E.On"),
    "東京電力株式会社": ("東京電力の契約", "東京 電力", "東京電力"),
    "Zöhrer & Söhne GmbH": ("Zoehrer & Soehne", "Zohrer Sohne", "ZÖHRER & SÖHNE"),
    "Mueller AG": ("Müller", "Muller", "MUELLER"),
    "ООО Сахалин": ("Сахалин", "сахалин"),
    "ПАО Восток": ("Восток", "BОCTОK"),
    "Hubbard": ("Нubbаrd", "нubbard"),
    "BP": ("BP", "of BP,"),
    "Acme Ltd": ("Аcmе", "acme_ltd", "acme-corp"),
}


@pytest.mark.parametrize(("name", "text"), [(n, t) for n, many in NAMED.items() for t in many])
@pytest.mark.parametrize("form", ["a.txt", "a.html", "a.csv", "drawn"])
def test_a_name_of_any_length_is_found_however_it_is_spelled(
    tmp_path: Path, name: str, text: str, form: str
) -> None:
    secrets = {name: "contracts.customer"}
    drawn = {"charts/x.svg": html.unescape(text)} if form == "drawn" else {}
    wrapped = {"a.html": f"<style>p {{ x: 1 }}</style><p class='x'>with {text} now</p>"}
    if form != "drawn":
        said = wrapped.get(form, f"id,what\n1,{html.unescape(text)}\n")
        (tmp_path / form).write_text(said, encoding="utf-8")
    (find,) = scan(tmp_path, secrets, drawn=drawn)
    assert find.text == name
    assert name not in str(find)


def test_words_that_only_hold_a_name_are_no_find(tmp_path: Path) -> None:
    text = "Shellfish, a bp-like eonian ledger; <b data-bp='1'>Acmeism</b> <i class='bp'>x</i>"
    (tmp_path / "a.html").write_text(text, encoding="utf-8")
    names = ("Shell", "E.ON", "BPL", "Acme", "A")
    assert not scan(tmp_path, dict.fromkeys(names, "contracts.customer"))


def test_names_of_any_length_and_long_numbers_of_a_book_are_secrets(tmp_path: Path) -> None:
    rows = [{"contract_id": "K-1", "customer": "BP", "distributor": "GE", "memo": "do not tell"}]
    found = secrets_of(book(tmp_path, contracts=rows, fleet=[{"serial_number": "SERIAL-1"}]))
    assert set(found) == {"BP", "GE", "do not tell", "SERIAL-1"}


def test_credentials_of_a_url_and_of_the_environment_are_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BOOK_PASSWORD", "s3cret-enough")
    found = places_of_machine("postgresql://analyst:hunter22@ledger.example/book")
    assert found["hunter22"] == "credential"
    assert found["ledger.example"] == "host"
    assert "s3cret-enough" in found
