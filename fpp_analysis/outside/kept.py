"""What is kept of a published pack: which rows stood behind each figure, with what weight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Floats
from fpp_analysis.outside.audit import Table
from fpp_analysis.outside.policy import Rows


def as_kept(table: Table, rows: Mapping[str, Rows]) -> dict[str, Any]:
    """A published table as the private file keeps it: which rows, with which weights."""
    keys = rows[table.of].keys
    there = (table.labels != "") & np.logical_or.reduce([w != 0 for w in table.weights.values()])
    return {
        "name": table.name,
        "of": table.of,
        "date": table.date,
        "keys": keys[there].tolist(),
        "labels": table.labels[there].tolist(),
        "weights": {measure: w[there].tolist() for measure, w in table.weights.items()},
    }


def keys_of(earlier: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The contracts and machines of earlier packs, also those that the book has lost."""
    found: dict[str, dict[str, None]] = {"contracts": {}, "machines": {}}
    for one in earlier:
        for table in (*one["tables"], *one.get("flows", ())):
            found[table["of"]].update(dict.fromkeys(table["keys"]))
    return {of: list(keys) for of, keys in found.items()}


def as_published(
    one: Mapping[str, Any], rows: Mapping[str, Rows], what: str = "tables"
) -> Iterator[Table]:
    """The `tables` or `flows` of an earlier pack, in the order of the rows of today."""
    for kept in one.get(what, ()):
        keys = rows[kept["of"]].keys
        at = pd.Index(keys).get_indexer(kept["keys"])
        labels = np.full(len(keys), "", object)
        labels[at] = kept["labels"]
        weights: dict[str, Floats] = {}
        for measure, values in kept["weights"].items():
            weights[measure] = np.zeros(len(keys))
            weights[measure][at] = values
        yield Table(
            kept["name"], kept["of"], kept["date"], labels, weights, rank=-1, published=True
        )
