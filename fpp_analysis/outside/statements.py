"""Statements that somebody has approved: the sentences that may be said by name."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import yaml

from fpp_analysis.metrics import METRICS

_OF = {name: f"{metric.title}: " for name, metric in METRICS.items()}


def approved(files: Mapping[str, str]) -> list[str]:
    """The texts of the approved statements of all files, in order, each with its figure's name.

    A file that cannot be read is left out: `fpp claims` refuses it by line.

    >>> approved({"a.yaml": "statements: [{text: Over 1, approved: no}, {text: x, approved: CFO}]"})
    ['x']
    """
    texts: list[str] = []
    for text in files.values():
        with suppress(yaml.YAMLError, TypeError, KeyError, AttributeError):
            texts += [  # every value as its text
                " ".join(f"{_OF.get(one.get('metric', ''), '')}{one['text']}".split())
                for one in yaml.BaseLoader(text).get_single_data()["statements"]
                if one.get("text") and one.get("approved", "").casefold() not in ("", "false", "no")
            ]
    return texts
