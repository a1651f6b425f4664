"""Statements that somebody has approved: the sentences that may be said by name."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import yaml

_NOT = ("", "false", "no")


def approved(files: Mapping[str, str]) -> list[str]:
    """The texts of the approved statements of all files, in order.

    A file that cannot be read is left out: `fpp claims` refuses it by line.

    >>> approved({"a.yaml": "statements: [{text: Over 1, approved: no}, {text: x, approved: CFO}]"})
    ['x']
    """
    texts: list[str] = []
    for text in files.values():
        with suppress(yaml.YAMLError, TypeError, KeyError, AttributeError):
            content = yaml.BaseLoader(text).get_single_data()  # every value as its text
            texts += [
                " ".join(str(one["text"]).split())
                for one in content["statements"]
                if one.get("text") and one.get("approved", "").casefold() not in _NOT
            ]
    return texts
