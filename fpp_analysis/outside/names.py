"""Names as people take them to be the same: case, blanks, look-alike and invisible characters."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from fpp_analysis.listed import listed
from fpp_analysis.nearest import LOOKS_LIKE

_LISTS = listed("outside", "names.toml")
_WRITTEN_ON = _LISTS["written_on"].split()
_LEGAL_FORMS = {*_LISTS["legal_forms"].split(), *_WRITTEN_ON}
_APART = re.compile("|".join(sorted(_WRITTEN_ON, key=len, reverse=True)))
_WRITTEN_OUT = str.maketrans(_LISTS["written_out"])
_PLAIN = LOOKS_LIKE | str.maketrans(_LISTS["strokes"])
_UNSEEN = ("Cf", "Mn", "Me")  # marks and invisible characters
_SHORTENED = re.compile("(?<=[ao])e|(?<=u)e(?!u)|(?<=a)a")
_WORD = re.compile(r"[^\W_]+")
_BLANKS = bytes(c if c > 127 or chr(c).isalnum() else 32 for c in range(256))
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def folded(text: str) -> str:
    r"""A text in one width, case and alphabet, without marks and invisible characters.

    >>> folded("ＡＬＤＥＲ\u200b Ｗerke"), folded("Аlder Zöhrer")
    ('alder werke', 'alder zohrer')
    """
    return text.encode("ascii", "folded").lower().decode("utf-8", "surrogatepass")


def _foreign(run: Any) -> tuple[bytes, int]:
    """A run outside ASCII; what is dropped or changed in it never joins an ASCII letter."""
    return _latin(run.object[run.start : run.end]), run.end


codecs.register_error("folded", _foreign)


@lru_cache(maxsize=1 << 14)
def _latin(run: str) -> bytes:
    plain = unicodedata.normalize("NFKD", run).translate(_FOLDED)
    return unicodedata.normalize("NFC", plain).lower().encode("utf-8", "surrogatepass")


class _Folded(dict[int, str]):
    """What each character comes to, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        seen = "".join(c for c in chr(code).casefold() if unicodedata.category(c) not in _UNSEEN)
        self[code] = made = seen.translate(_PLAIN)
        return made


_FOLDED = _Folded()


def words(text: str) -> list[str]:
    """The words of a text, folded."""
    return split(folded(text))


def split(text: str) -> list[str]:
    """The words of a folded text."""
    return _WORD.findall(text)


def vocabulary(text: str) -> set[str]:
    """The distinct words of a folded text; quicker than cutting it into all of them."""
    apart = set(text.encode("utf-8", "surrogatepass").translate(_BLANKS).split())
    return set(split(b" ".join(apart).decode("utf-8", "surrogatepass")))


def core(name: str) -> tuple[str, ...]:
    """The words of a name without its legal form; all of them where nothing else is left.

    >>> core("Zöhrer & Söhne GmbH & Co. KG"), core("E.ON SE"), core("東京電力株式会社")
    (('zohrer', 'sohne'), ('e', 'on'), ('東京電力',))
    """
    kept = words(_spaced_forms(name))
    while len(kept) > 1 and kept[-1] in _LEGAL_FORMS:
        kept.pop()
    while len(kept) > 1 and kept[0] in _LEGAL_FORMS and len(kept[0]) > 1:
        kept.pop(0)
    return tuple(kept)


def _spaced_forms(name: str) -> str:
    """Abbreviations without their points, and legal forms that are written onto a name apart."""
    name = re.sub(r"\b(\w)\.(\w)\.(?:(\w)\.)?(?:(\w)\.)?(?!\w)", r"\1\2\3\4", name)
    return _APART.sub(r" \g<0> ", name)


@lru_cache(maxsize=1 << 16)
def party(name: str) -> str:
    r"""What two spellings of one name have in common.

    >>> party("Alder  Hotels"), party("ALDER HO\u200bTELS GmbH")
    ('alderhotels', 'alderhotels')
    """
    return "".join(core(name)) or folded(name).strip()


def spellings(name: str) -> set[tuple[str, ...]]:
    """The word sequences under which a name may stand in a text, folded.

    Umlauts as their vowel, written out, or the reverse.

    >>> sorted(spellings("Müller AG")), sorted(spellings("Mueller AG"))
    ([('mueller',), ('muller',)], [('mueller',), ('muller',)])
    """
    out = unicodedata.normalize("NFC", name).casefold().translate(_WRITTEN_OUT)
    own = {core(name), core(out)}
    own |= {tuple(_SHORTENED.sub("", word) for word in one) for one in own}
    return {one for one in own if one}


def is_unspaced(text: str) -> bool:
    """Whether a text is in a script that sets no blanks between words."""
    return bool(_UNSPACED.search(text))


def parties(names: Iterable[object]) -> list[str]:
    """`party` of each name; unknown ones are one party."""
    return [party(name) if isinstance(name, str) else "" for name in names]
