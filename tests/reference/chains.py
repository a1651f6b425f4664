"""Annualised value, renewals and the bridge from one date to another: §5."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tests.reference.book import Row, ratio
from tests.reference.calendar import DAY
from tests.reference.machines import Machines
from tests.reference.money import By
from tests.reference.view import View

BRIDGE = ("opening", "started", "increased", "decreased", "terminated", "expired", "fx", "closing")


class Chains(Machines):
    """Contracts and those that renew them."""

    def acv(self, *, as_of: list[date], by: By = ()) -> list[Row]:
        def figures(views: list[View], d: date) -> Row:
            inside = [v for v in views if v.in_cover(d)]
            return {"acv": sum(self.translated(v.c, v.acv(d, d), d) for v in inside)}

        return self._balances(as_of, by, figures)

    def renewals(self, *, start: date, end: date, by: By = ()) -> list[Row]:
        def on(v: View, d: date) -> int:
            return self.translated(v.c, v.acv(end, d), end)

        def figures(views: list[View]) -> Row:
            row: Row = dict.fromkeys(("expired_count", "renewed_count"), 0)
            row |= {"expired_value": 0, "renewed_value": 0}
            row |= {"expired_kw": Fraction(0), "renewed_kw": Fraction(0)}
            expired = kept = followed = following = 0
            for v in views:
                last = v.end(end) - DAY
                if not start < last <= end or v.end(end) < v.full_end(end):
                    continue
                value = self.translated(v.c, v.final(end), end)
                renewed_by = [s for s in self.views if s.c.renews == v.c.id and s.known(end)]
                names = ("expired", "renewed") if renewed_by else ("expired",)
                for name in names:
                    row[f"{name}_count"] += 1
                    row[f"{name}_value"] += value
                    row[f"{name}_kw"] += self.kw_of(v, end)
                was, now = on(v, last), sum(on(s, s.c.start) for s in renewed_by)
                expired += was
                kept += min(was, now)
                if renewed_by:
                    followed += was
                    following += now
            for name in ("count", "value", "kw"):
                row[f"rate_{name}"] = ratio(row[f"renewed_{name}"], row[f"expired_{name}"])
            row["rate_acv"] = ratio(kept, expired)
            row["uplift"] = ratio(following - followed, followed)
            return row

        return self.of_contracts(by, end, figures)

    # ------------------------------------------------------------ the bridge

    def chains(self, d: date) -> list[list[View]]:
        """Contracts known at D with all that renew them; the first of each is its first."""
        known = {v.c.id: v for v in self.views if v.known(d)}
        members: dict[str, list[View]] = {}
        for v in known.values():
            first = v
            while first.c.renews in known:
                first = known[first.c.renews]
            members.setdefault(first.c.id, []).append(v)
        return [
            sorted(chain, key=lambda v, first=first: v.c.id != first)
            for first, chain in members.items()
        ]

    def _chain(self, chain: list[View], d0: date, d1: date) -> tuple[str, dict[str, int], str]:
        """Its line of the bridge, its amounts, and the reason where it was terminated."""
        opening = [v for v in chain if v.in_cover(d0)]
        closing = [v for v in chain if v.in_cover(d1)]
        a0 = sum(self.compared(v.c, v.acv(d0, d0), d0, d1) for v in opening)
        a1 = sum(self.compared(v.c, v.acv(d1, d1), d0, d1) for v in closing)
        now = sum(self.translated(v.c, v.acv(d1, d1), d1) for v in closing)
        line, reason = "", ""
        if a0 == 0:
            line = "started"
        elif a1 > a0:
            line = "increased"
        elif a1 > 0:
            line = "decreased"
        elif a1 == 0:
            line = "expired"
            ended = [v for v in chain if v.end(d1) <= d1]
            last = max(ended, key=lambda v: (v.end(d1), v.c.id), default=None)
            if last is not None and last.end(d1) < last.full_end(d1):
                line, reason = "terminated", last.cut(d1).reason
        amounts = {"opening": a0, line: a1 - a0, "fx": now - a1, "closing": now, "a1": a1}
        return line, amounts, reason

    def acv_bridge(self, *, start: date, end: date, by: By = ()) -> list[Row]:
        first_of = {chain[0].c.id: chain for chain in self.chains(end)}

        def figures(views: list[View]) -> Row:
            row: Row = dict.fromkeys(BRIDGE, 0)
            kept = left = 0
            for v in views:
                if v.c.id not in first_of:
                    continue
                _, amounts, _ = self._chain(first_of[v.c.id], start, end)
                for name in BRIDGE:
                    row[name] += amounts.get(name, 0)
                if amounts["opening"]:
                    kept += min(amounts["opening"], amounts["a1"])
                    left += amounts["a1"]
            row["gross_retention"] = ratio(kept, row["opening"])
            row["net_retention"] = ratio(left, row["opening"])
            return row

        return self.of_contracts(by, end, figures)

    def churn(self, *, start: date, end: date, by: By = ()) -> list[Row]:
        """The terminated chains of each group by reason, as negative movements."""
        sums: dict[tuple[str, ...], list[int]] = {}
        for chain in self.chains(end):
            line, amounts, reason = self._chain(chain, start, end)
            if line == "terminated":
                key = (*(self.label(chain[0], name, end) for name in by), reason)
                found = sums.setdefault(key, [0, 0])
                found[0] += 1
                found[1] += amounts["terminated"]
        return [
            {**dict(zip((*by, "reason"), key, strict=True)), "chains": n, "acv": acv}
            for key, (n, acv) in sorted(sums.items())
        ]
