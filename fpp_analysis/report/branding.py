"""A company's look, made safe: logo without anything live, accent with enough contrast."""

from __future__ import annotations

import base64
import binascii
import io
import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from fpp_analysis.context import Stamp
from fpp_analysis.errors import ConfigurationError
from fpp_analysis.listed import listed

ACCENT = "#14406b"
LARGEST_LOGO = 200_000
MOST_PIXELS = 10_000_000
LEAST_PIXELS = 16
MOST_NARROW = 20
DEEPEST = 100
CONTRAST = 4.5
"""The least contrast of text on white: WCAG 2.2, 1.4.3."""

_DATA_URI = re.compile(r"data:image/(png|svg\+xml);base64,([A-Za-z0-9+/=\s]+)")
_SVG = "{http://www.w3.org/2000/svg}"
_LISTS = listed("report", "branding.toml")
_NO_SIZE = re.compile(r"\s*(-|[0.]+([^\d.]|$))")
_LOCAL = re.compile(r"url\(#[\w-]+\)")


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo as bytes that hold a picture and nothing else; `form` is `svg` or `png`."""

    form: str
    data: bytes

    @property
    def uri(self) -> str:
        """The logo as an image's address."""
        kind = "svg+xml" if self.form == "svg" else self.form
        return f"data:image/{kind};base64,{base64.b64encode(self.data).decode()}"


def logo_of(stamp: Stamp) -> Logo | None:
    """The stamp's logo, cleaned. Raises `ConfigurationError` for what is not a logo."""
    if not stamp.logo:
        return None
    found = _DATA_URI.fullmatch(stamp.logo)
    if not found:
        raise ConfigurationError("logo: expected an SVG or PNG file beside book.toml")
    try:
        data = base64.b64decode(found[2], validate=False)
    except binascii.Error:
        raise ConfigurationError("logo: its data cannot be decoded") from None
    if len(data) > LARGEST_LOGO:
        raise ConfigurationError(f"logo: {len(data):,} bytes, at most {LARGEST_LOGO:,} allowed")
    if found[1] == "png":
        return Logo("png", _clean_png(data))
    return Logo("svg", _clean_svg(data))


def _clean_png(data: bytes) -> bytes:
    """The chunks that draw the picture; text, times and profiles are left out."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ConfigurationError("logo: is not a PNG file")
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    if width * height > MOST_PIXELS:
        raise ConfigurationError(
            f"logo: {width * height:,} pixels, at most {MOST_PIXELS:,} allowed"
        )
    if min(width, height) < max(LEAST_PIXELS, max(width, height) / MOST_NARROW):
        raise ConfigurationError(
            f"logo: {width:,} by {height:,} pixels cannot be made out, each side needs at least "
            f"{LEAST_PIXELS} and a {MOST_NARROW}th of the other"
        )
    out, at = [data[:8]], 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        chunk = data[at : at + 12 + length]
        if len(chunk) < 12 + length:
            raise ConfigurationError("logo: the PNG file is cut off")
        if data[at + 4 : at + 8] in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"sRGB", b"gAMA"):
            out.append(chunk)
        at += 12 + length
    return b"".join(out)


def _clean_svg(data: bytes) -> bytes:
    """The shapes of an SVG drawing; scripts, links, styles, text and comments are left out."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ConfigurationError("logo: an SVG with a document type or entities is not taken")
    try:
        root = ET.fromstring(data)  # noqa: S314 - no entities, see above
        depth = 0
        for event, _ in ET.iterparse(io.BytesIO(data), ("start", "end")):  # noqa: S314 - likewise
            depth += 1 if event == "start" else -1
            if depth > DEEPEST:
                raise ConfigurationError(f"logo: its shapes lie more than {DEEPEST} groups deep")
    except ET.ParseError as problem:
        raise ConfigurationError(f"logo: is not an SVG file: {problem}") from None
    if root.tag != f"{_SVG}svg":
        raise ConfigurationError("logo: is not an SVG file")
    box = root.get("viewBox", "").replace(",", " ").split()[2:]
    for side, seen in zip(("width", "height"), [*box, "", ""], strict=False):
        for stated in filter(_NO_SIZE.match, (root.get(side, ""), seen)):
            raise ConfigurationError(f"logo: an SVG with a {side} of {stated} cannot be made out")
    ET.register_namespace("", _SVG[1:-1])
    return ET.tostring(_clean_element(root))


def _clean_element(element: ET.Element) -> ET.Element:
    kept = {
        name: value
        for name, value in element.attrib.items()
        if name in _LISTS["attributes"] and ("url(" not in value or _LOCAL.fullmatch(value))
    }
    clean = ET.Element(element.tag, kept)
    clean.text = element.text if element.tag in (f"{_SVG}title", f"{_SVG}desc") else None
    clean.extend(
        _clean_element(child)
        for child in element
        if isinstance(child.tag, str) and child.tag.removeprefix(_SVG) in _LISTS["elements"]
    )
    return clean


def accent_of(stamp: Stamp) -> str:
    """The accent colour, `#rrggbb`.

    Raises `ConfigurationError` for another form, or where text in it could not be read on
    white.
    """
    accent = stamp.accent or ACCENT
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", accent):
        raise ConfigurationError(f"accent: {accent!r} is not a colour (write #rrggbb)")
    found = contrast(accent)
    if found < CONTRAST:
        raise ConfigurationError(
            f"accent: {accent} has a contrast of {found:.1f} to 1 on white, at least "
            f"{CONTRAST} is needed for text (choose a darker one)"
        )
    return accent.lower()


def contrast(colour: str) -> float:
    """The contrast of a colour on white, 1 to 21: WCAG 2.2, "contrast ratio".

    >>> contrast("#000000"), contrast("#ffffff")
    (21.0, 1.0)
    """
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (light + 0.05)
