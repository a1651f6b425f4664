"""The rules of a book, once: id, what is wrong, how it comes about and how to repair it.

Ids are stable and never used again for another rule. F0 files and headers, F1 values, F2 keys
and references, F3 dates and rows against each other, F4 amendments, F5 currencies,
F6 settings, F9 warnings. Their words stand in `rules.toml`; `docs/rules.md` is made from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from fpp_analysis.errors import Fault
from fpp_analysis.listed import listed

Severity = Literal["error", "warning"]

_ALWAYS_STOP = ("F0", "F2", "F5", "F6")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `title` says what is wrong, `cause` how it comes about, `repair` what to do.

    `says` and `remedy` are the words for a finding, with the names of its values in them; where
    one rule is broken in several ways, `cases` has the words of each. A warning is `of` files or
    of the text of a cell as read, else of the rows there are.
    """

    id: str
    title: str
    cause: str
    repair: str
    says: str = ""
    remedy: str = ""
    cases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    of: Literal["file", "cell", "rows"] = "rows"

    def words(self, case: str = "") -> tuple[str, str]:
        """What is said of a finding and what to do about it, in this case of the rule."""
        said = self.cases[case] if case else {"says": self.says, "remedy": self.remedy}
        return said["says"], said.get("remedy", "")

    @property
    def severity(self) -> Severity:
        """Errors refuse a book; warnings, whose ids begin with F9, do not."""
        return "warning" if self.id.startswith("F9") else "error"

    @property
    def stops(self) -> bool:
        """Whether it stops a run even where bad rows may be set aside."""
        return self.id.startswith(_ALWAYS_STOP) or self.id in ("F109", "F113")


RULES: dict[str, Rule] = {
    name: Rule(name, **said) for name, said in listed("schema", "rules.toml").items()
}
"""Every rule by its id."""


def told(
    rule: str, source: str, place: str, column: str = "", subject: str = "", **said: Any
) -> Fault:
    """A fault in the words of its rule, or of a case of it: ``F918.late``."""
    rule, _, case = rule.partition(".")
    says, remedy = RULES[rule].words(case)
    return Fault(rule, source, place, column, says.format(**said), remedy.format(**said), subject)
