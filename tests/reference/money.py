"""Balances, roll-forwards and flows of the contracts: §3 and §5."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from tests.reference.book import Book, Row, ratio
from tests.reference.calendar import DAY, edate, month_end
from tests.reference.view import View

EDGES = (("0-12", 12), ("12-24", 24), ("24-60", 60), ("60+", None))
MOVEMENTS = ("new", "renewed", "repriced", "extended", "terminated", "removed", "recognised")
FLOWS = {"billings": View.billed, "cash": View.cash, "revenue": lambda v, k, x: v.recognised(k, x)}

By = tuple[str, ...]


class Money(Book):
    """What contracts are worth at a date and what moved between two."""

    def backlog_of(self, v: View, d: date) -> int:
        return self.translated(v.c, v.backlog(d), d)

    def ahead(self, v: View, d: date, x: date) -> int:
        """What will be recognised from D through x, at D's rate."""
        return self.translated(v.c, v.recognised(d, x) - v.recognised(d, d), d)

    def _balances(self, as_of: list[date], by: By, figures) -> list[Row]:
        """Figures of the contracts of each group at each date, groups taken at the last."""
        return [
            {"as_of": d.isoformat(), **row}
            for d in as_of
            for row in self.of_contracts(by, max(as_of), lambda views, d=d: figures(views, d))
        ]

    def backlog(self, *, as_of: list[date], by: By = ()) -> list[Row]:
        def figures(views: list[View], d: date) -> Row:
            return {"backlog": sum(self.backlog_of(v, d) for v in views)}

        return self._balances(as_of, by, figures)

    def ladder(self, *, as_of: list[date], by: By = ()) -> list[Row]:
        def parts(v: View, d: date) -> list[int]:
            edges = [self.ahead(v, d, edate(d, months)) for _, months in EDGES if months]
            return [b - a for a, b in pairwise([0, *edges, self.backlog_of(v, d)])]

        def figures(views: list[View], d: date) -> Row:
            each = [parts(v, d) for v in views]
            return {bucket: sum(p[i] for p in each) for i, (bucket, _) in enumerate(EDGES)}

        rows = []
        for row in self._balances(as_of, by, figures):
            sums = [(bucket, row.pop(bucket)) for bucket, _ in EDGES]
            rows += [{**row, "bucket": bucket, "backlog": amount} for bucket, amount in sums]
        return rows

    def rpo(self, *, as_of: list[date], by: By = ()) -> list[Row]:
        def figures(views: list[View], d: date) -> Row:
            backlog = firm = soon = 0
            for v in views:
                horizon = edate(d, 12)
                backlog += self.backlog_of(v, d)
                if v.c.notice is None:
                    firm += self.backlog_of(v, d)
                else:
                    free = d + timedelta(days=v.c.notice)
                    firm += self.ahead(v, d, free)
                    horizon = min(free, horizon)
                soon += self.ahead(v, d, horizon)
            return {
                "backlog": backlog,
                "cancellable": backlog - firm,
                "rpo": firm,
                "rpo_next_12_months": soon,
            }

        return self._balances(as_of, by, figures)

    def _billed_and_recognised(self, v: View, d: date) -> tuple[int, int]:
        billed = self.translated(v.c, v.billed(d, d), d)
        return billed, self.translated(v.c, v.recognised(d, d), d)

    def deferred(self, *, as_of: list[date], by: By = ()) -> list[Row]:
        def figures(views: list[View], d: date) -> Row:
            pairs = [self._billed_and_recognised(v, d) for v in views]
            deferred = sum(max(b - r, 0) for b, r in pairs)
            asset = sum(max(r - b, 0) for b, r in pairs)
            backlog = sum(self.backlog_of(v, d) for v in views)
            return {
                "billed": sum(b for b, _ in pairs),
                "recognised": sum(r for _, r in pairs),
                "deferred_revenue": deferred,
                "contract_asset": asset,
                "unbilled_backlog": backlog - deferred + asset,
            }

        return self._balances(as_of, by, figures)

    # ------------------------------------------------------------ roll-forwards

    def rollforward(self, *, start: date, end: date, by: By = ()) -> list[Row]:
        def figures(views: list[View]) -> Row:
            row: Row = dict.fromkeys(("opening", *MOVEMENTS, "fx", "closing"), 0)
            for v in views:
                opening, closing = self.backlog_of(v, start), self.backlog_of(v, end)
                own = {n: x - v.movements(start)[n] for n, x in v.movements(end).items()}
                assert v.backlog(start) + sum(own.values()) == v.backlog(end), v.c.id
                moved = 0
                for name in MOVEMENTS:

                    def sum_of(k: date, _x: date, v: View = v, name: str = name) -> int:
                        return v.movements(k)[name]

                    amount = self.flow_of(v.c, sum_of, start, end, end)
                    row[name] += amount
                    moved += amount
                row["opening"] += opening
                row["closing"] += closing
                row["fx"] += closing - opening - moved
                assert v.c.foreign or closing == opening + moved, v.c.id
            return row

        return self.of_contracts(by, end, figures)

    def deferred_rollforward(self, *, start: date, end: date, by: By = ()) -> list[Row]:
        def figures(views: list[View]) -> Row:
            row: Row = dict.fromkeys(("opening", "billings", "recognised", "fx", "closing"), 0)
            row |= {"closing_deferred_revenue": 0, "closing_contract_asset": 0}
            for v in views:
                b0, r0 = self._billed_and_recognised(v, start)
                b1, r1 = self._billed_and_recognised(v, end)
                plus = self._flow(v, "billings", start, end, end)
                minus = self._flow(v, "revenue", start, end, end)
                row["opening"] += b0 - r0
                row["billings"] += plus
                row["recognised"] -= minus
                row["fx"] += (b1 - r1) - (b0 - r0) - plus + minus
                row["closing"] += b1 - r1
                row["closing_deferred_revenue"] += max(b1 - r1, 0)
                row["closing_contract_asset"] += max(r1 - b1, 0)
            return row

        return self.of_contracts(by, end, figures)

    # ------------------------------------------------------------ flows

    def _flow(self, v: View, measure: str, d0: date, d1: date, k: date) -> int:
        of = FLOWS[measure]
        return self.flow_of(v.c, lambda known, x: of(v, known, x), d0, d1, k)

    def periods(self, start: date, end: date, every: str) -> list[tuple[Row, date, date]]:
        """Each period's columns, the close before it and its last day."""
        months = {"month": 1, "quarter": 3, "year": 12}.get(every)
        found = []
        d0 = start
        while d0 < end:
            first, last, label, partial = d0 + DAY, end, f"{start}/{end}", False
            if months:
                whole = month_end(first)
                while (whole.month - self.year_end) % months:
                    whole = month_end(whole + DAY)
                begins = edate(whole.replace(day=1), 1 - months)
                year = self.fiscal_year(whole)
                quarter = 4 - ((self.year_end - whole.month) % 12) // 3
                names = {"month": f"{whole:%Y-%m}", "quarter": f"FY{year}Q{quarter}"}
                label, last = names.get(every, f"FY{year}"), min(whole, end)
                partial = first != begins or last != whole
            period: Row = {"period": label, "period_start": first.isoformat()}
            period |= {"period_end": last.isoformat(), "partial": str(partial).lower()}
            found.append((period, d0, last))
            d0 = last
        return found

    def flow(
        self,
        measure: str,
        *,
        start: date,
        end: date,
        by: By = (),
        every: str = "quarter",
        known_at: date | None = None,
    ) -> list[Row]:
        k = known_at or end
        rows = []
        for period, d0, d1 in self.periods(start, end, every):

            def figures(views: list[View], d0: date = d0, d1: date = d1) -> Row:
                return {"amount": sum(self._flow(v, measure, d0, d1, k) for v in views)}

            rows += [{**period, **row} for row in self.of_contracts(by, min(end, k), figures)]
        return rows

    def one_flow(self, measure: str, d0: date, d1: date, k: date) -> int:
        rows = self.flow(measure, start=d0, end=d1, every="none", known_at=k)
        return rows[0]["amount"]

    # ------------------------------------------------------------ single figures

    def growth(self, d0: date, d1: date) -> Fraction | None:
        opening = sum(self.backlog_of(v, d0) for v in self.views if v.known(d0))
        closing = sum(self.backlog_of(v, d1) for v in self.views if v.known(d1))
        return ratio(closing - opening, opening)

    def constant_currency_growth(self, d0: date, d1: date) -> Fraction | None:
        opening = sum(self.backlog_of(v, d0) for v in self.views)
        closing = sum(self.compared(v.c, v.backlog(d1), d0, d1) for v in self.views)
        return ratio(closing - opening, opening)

    def remaining_term(self, d: date) -> Fraction | None:
        """Years of 365.25 days to the last day of cover, by translated backlog."""
        weighted = total = 0
        for v in self.views:
            if v.known(d):
                backlog = self.backlog_of(v, d)
                weighted += backlog * (v.end(d) - DAY - d).days
                total += backlog
        return ratio(weighted / Fraction("365.25"), total)

    def shares(self, d: date, name: str = "customer") -> list[Fraction]:
        """Shares of backlog of customers or counterparties, the greatest first."""
        sums: dict[str, int] = {}
        for v in self.views:
            if v.known(d):
                whose = self.label(v, name, d)
                sums[whose] = sums.get(whose, 0) + self.backlog_of(v, d)
        total = sum(sums.values())
        return sorted((Fraction(s, total) for s in sums.values()), reverse=True) if total else []

    def ratios(self, start: date, d: date) -> dict[str, Fraction | None]:
        """Book-to-bill, backlog cover and deferred days of a period that ends at D."""
        rf = self.rollforward(start=start, end=d)[0]
        booked = sum(rf[name] for name in ("new", "renewed", "repriced", "extended"))
        net = booked + rf["terminated"] + rf["removed"]
        last_year = self.one_flow("revenue", edate(d, -12), d, d)
        billings = self.one_flow("billings", start, d, d)
        deferred = self.deferred(as_of=[d])[0]["deferred_revenue"]
        return {
            "book_to_bill": ratio(booked, -rf["recognised"]),
            "net_book_to_bill": ratio(net, -rf["recognised"]),
            "backlog_cover": ratio(rf["closing"], last_year),
            "deferred_days": ratio(deferred * (d - start).days, billings),
        }
