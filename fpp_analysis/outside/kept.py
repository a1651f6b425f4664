"""What is kept of a published pack: which rows stood behind each figure, with what weight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

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
    every = [table for one in earlier for table in (*one["tables"], *one.get("flows", ()))]
    found = {
        of: [key for table in every if table["of"] == of for key in table["keys"]]
        for of in ("contracts", "machines")
    }
    return {of: list(dict.fromkeys(keys)) for of, keys in found.items()}


def as_published(
    one: Mapping[str, Any], rows: Mapping[str, Rows], what: str = "tables"
) -> Iterator[Table]:
    """The `tables` or `flows` of an earlier pack, in the order of the rows of today."""
    for kept in one.get(what, ()):
        of, name, date = kept["of"], kept["name"], kept["date"]
        labels = rows[of].spread(kept["keys"], kept["labels"], "")
        weights = {measure: rows[of].spread(kept["keys"], values, 0)
                   for measure, values in kept["weights"].items()}  # fmt: skip
        yield Table(name, of, date, labels, weights, rank=-1, published=True)
