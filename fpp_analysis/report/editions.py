"""The two editions of a pack: inside, with everything; outside, from a coarsened book.

What must be kept from one outside pack to the next stays in a private folder: the map of
pseudonyms, and which contracts the last pack of the book was made from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from fpp_analysis.book import Book
from fpp_analysis.coarsening import OF_CONTRACTS, Policy, coarsen, isolated
from fpp_analysis.errors import ConfigurationError
from fpp_analysis.pseudonyms import Pseudonyms
from fpp_analysis.report.leaks import names_of, places_of_machine
from fpp_analysis.report.publishing import replace_whole

_NOT = ("", "false", "no")

INSIDE, OUTSIDE = "inside", "outside"
PSEUDONYMS, LAST_PACK = "pseudonyms.json", "last-outside-pack.json"


@dataclass(frozen=True)
class Edition:
    """The book that the pack is made from, and what must not be found in the pack.

    `allowed` are secrets that approved statements tell already. `warnings` are for the person
    who sends it; `private` holds the files to keep, written by `keep` once the pack is
    published, so that a failed run numbers nobody.
    """

    book: Book
    secrets: Mapping[str, str]
    allowed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    private: Mapping[str, str] = field(default_factory=dict)

    def keep(self, folder: Path) -> None:
        """Write the private files, readable by their owner alone, each whole or not at all."""
        if not self.private:
            return
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, text in self.private.items():
            replace_whole(folder / name, text, mode=0o600)


def inside(book: Book) -> Edition:
    """The book as it is; only paths, user, host and credentials may not be in the pack."""
    return Edition(book, places_of_machine(book.source))


def outside(
    book: Book,
    folder: Path,
    *,
    as_of: tuple[str, ...],
    as_known: str | None = None,
    part: str = "",
) -> Edition:
    """The coarsened book; no name or number of the book may be in the pack.

    `folder` is the private one; `as_of` are the dates that the pack shows. Warns where this
    pack and the last one differ by a single contract in a group: the difference of the two
    would show its value.
    """
    kept = Pseudonyms.load(folder / PSEUDONYMS)
    coarse = coarsen(book, Policy(as_of=as_of, as_known=as_known, part=part, pseudonyms=kept))
    name = book.settings.name
    packs = _last_packs(folder / LAST_PACK)
    shown = sorted(coarse.contracts["contract_id"])
    found = _alone(coarse, packs[name]) if name in packs else ()
    packs[name] = shown
    secrets = names_of(book) | places_of_machine(book.source)
    statements, told = approved(book.statements)
    return Edition(
        replace(coarse, statements=statements),
        secrets,
        tuple(text for text in secrets if any(_tells(one, text) for one in told)),
        found,
        {
            PSEUDONYMS: kept.as_text(),
            LAST_PACK: json.dumps(packs, ensure_ascii=False, sort_keys=True) + "\n",
        },
    )


class _AsWritten(yaml.SafeDumper):
    """Writes texts as they were: 17.60 stays 17.60, without quotes."""

    def resolve(self, kind: type, value: object, implicit: object) -> str:
        if kind is yaml.ScalarNode:
            return str(self.DEFAULT_SCALAR_TAG)
        return str(super().resolve(kind, value, implicit))  # type: ignore[no-untyped-call]


def approved(files: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The files of statements with only those that somebody has approved, and their texts.

    Values keep the digits that they were printed with; comments go. A file that cannot be read
    is left out: the pack that needs it refuses it by line.
    """
    kept: dict[str, str] = {}
    texts: list[str] = []
    for name, text in files.items():
        try:
            content = yaml.BaseLoader(text).get_single_data()  # every value as its text
            statements = [
                s for s in content["statements"] if s.get("approved", "").casefold() not in _NOT
            ]
        except (yaml.YAMLError, TypeError, KeyError, AttributeError):
            continue
        if statements:
            kept[name] = yaml.dump(
                {**content, "statements": statements},
                Dumper=_AsWritten,
                sort_keys=False,
                allow_unicode=True,
            )
            texts += [str(s.get("text", "")) for s in statements]
    return kept, texts


def _tells(statement: str, secret: str) -> bool:
    return " ".join(secret.split()).casefold() in " ".join(statement.split()).casefold()


def _alone(book: Book, before: list[str]) -> tuple[str, ...]:
    columns = book.contract_columns
    warnings: list[str] = []
    for column in OF_CONTRACTS:
        labels = columns[column].fillna("(none)").astype(str)
        groups = dict(zip(book.contracts["contract_id"], labels, strict=True))
        warnings.extend(
            f"this pack and the last one differ by a single contract in {column} {group!r}: "
            "their difference shows its value"
            for group in isolated(before, groups, groups)
        )
    return tuple(warnings)


def _last_packs(path: Path) -> dict[str, list[str]]:
    if not path.exists():
        return {}
    try:
        packs: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): list(numbers) for name, numbers in packs.items()}
    except (ValueError, TypeError, AttributeError):
        raise ConfigurationError(
            f"{path.name}: cannot be read (delete it to go without the comparison with the "
            "last pack)"
        ) from None
