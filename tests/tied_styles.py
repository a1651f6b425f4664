"""A hundred texts of many styles, whose figures are filled in from the sample.

`[[metric|start/end|form|scope]]` is a figure of the book, `Δmetric` its change between two dates,
`[[!|words]]` a number that is no figure of the book. In a form, `{M1}` prints millions with one
decimal: U units, K thousands, M millions, P percent, B basis points; `a` after it drops the sign,
`f` rounds down.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from fpp_analysis.tie import Known
from tests.tied_texts import Expected

# ruff: noqa: E501 - texts stand as they would be read

SCOPES = {"S": "C200 and C1000 Series", "T": "C30 and C65"}


@dataclass(frozen=True)
class Style:
    """A text as it would arrive, and what the command is told beside it."""

    name: str
    text: str
    options: dict[str, str] = field(default_factory=dict)
    kind: str = "txt"


def _texts() -> list[Style]:
    nov = {"as_of": "2009-11-30", "compare_to": "2009-05-31"}
    return [
        Style("headline", "Service Backlog Tops [[backlog|100331|${M0f} Million]]\n\nLYON, April 6, 2010 -- The backlog of long-term service contracts came to [[backlog|100331|${M1} million]] on March 31, 2010, compared with [[backlog|090331|${M1} million]] on March 31, 2009, an increase of [[growth|090331/100331|{P0}%]]."),
        Style("mdna", "Backlog. At September 30, 2009, our FPP backlog was [[backlog|090930|${M1} million]], compared to [[backlog|090630|${M1} million]] at June 30, 2009. Deferred revenue was [[deferred_revenue|090930|${U0}]] and [[deferred_revenue|090630|${U0}]] at those dates, respectively."),
        Style("mdna flow", "Service revenue for the quarter ended December 31, 2009 was [[revenue|090930/091231|${K0} thousand]]. Billings in the same quarter were [[billings|090930/091231|${K0} thousand]]."),
        Style("note rpo", "Remaining Performance Obligations\n\nAs of June 30, 2011, remaining performance obligations totaled [[rpo|110630|${M1} million]]. The Company expects to recognize [[rpo_next_12_months|110630|${M1} million]] of this amount over the next 12 months and [[rpo_after_12_months|110630|${M1} million]] thereafter."),
        Style("call", "Operator: Next question.\n\nMary Voss (CFO): Sure. So as of March 31, 2010 we had [[units_under_contract|100331|{U0}]] machines under contract, and contracts in force numbered [[contracts_in_force|100331|{U0}]]. The weighted average remaining term was [[weighted_average_remaining_term|100331|{U1} years]]."),
        Style("call loose", "Analyst: What is the backlog?\n\nMary Voss: We closed November at [[backlog|091130|${M1} million]], up from [[backlog|090531|${M1} million]] six months earlier.", nov),
        Style("email", "Hi Tom,\n\nquick numbers for the board, all as of 30 Sep 2010:\n- backlog [[backlog|100930|USD {M2}m]]\n- deferred revenue [[deferred_revenue|100930|USD {K0}k]]\n- contracts in force [[contracts_in_force|100930|{U0}]]\n- coverage rate [[coverage_rate|100930|{P1}%]]\n\nCheers, Ann"),
        Style("email no date", "Tom, backlog is [[backlog|091130|${M2} million]] and the annualised value of the contracts in cover [[acv|091130|${M2} million]]. Receivables stand at [[receivables|091130|${K0} thousand]].", nov),
        Style("table text", "Key figures (USD thousand)        30 Nov 2009    31 May 2009\nBacklog                              [[backlog|091130|{K0}]]         [[backlog|090531|{K0}]]\nDeferred revenue                        [[deferred_revenue|091130|{K0}]]            [[deferred_revenue|090531|{K0}]]\nUnbilled backlog                     [[unbilled_backlog|091130|{K0}]]         [[unbilled_backlog|090531|{K0}]]\n"),
        Style("table md", "| Figure | 2010-03-31 | 2009-03-31 |\n|---|---:|---:|\n| Backlog | [[backlog|100331|${U0}]] | [[backlog|090331|${U0}]] |\n| RPO | [[rpo|100331|${U0}]] | [[rpo|090331|${U0}]] |\n| Contracts in force | [[contracts_in_force|100331|{U0}]] | [[contracts_in_force|090331|{U0}]] |\n", {}, "md"),
        Style("table html", "<h2>Key figures</h2><table><tr><th>Figure</th><th>March 31, 2011</th><th>March 31, 2010</th></tr><tr><td>Backlog</td><td>[[backlog|110331|${U0}]]</td><td>[[backlog|100331|${U0}]]</td></tr><tr><td>Machines under contract</td><td>[[units_under_contract|110331|{U0}]]</td><td>[[units_under_contract|100331|{U0}]]</td></tr><tr><td>Coverage rate</td><td>[[coverage_rate|110331|{P1}%]]</td><td>[[coverage_rate|100331|{P1}%]]</td></tr></table>", {}, "html"),
        Style("html prose", "<html><body><p>As of <b>December&nbsp;31, 2009</b>, backlog was <b>[[backlog|091231|${M1}&nbsp;million]]</b>.</p><p>At the same date, <i>deferred revenue</i> was [[deferred_revenue|091231|${M2} million]].</p></body></html>", {}, "html"),
        Style("html table one date", "<p>Position at 30 June 2010</p><table><tr><td>Backlog</td><td>[[backlog|100630|${M2} million]]</td></tr><tr><td>of which cancellable</td><td>[[cancellable|100630|${M2} million]]</td></tr><tr><td>RPO</td><td>[[rpo|100630|${M2} million]]</td></tr></table>", {}, "html"),
        Style("german decimals", "Backlog per 30. November 2009: [[backlog|091130|{U2} USD]]. Deferred revenue: [[deferred_revenue|091130|{U2} USD]]; coverage rate [[coverage_rate|091130|{P1} %]].", {"decimal": ","}),
        Style("german millions", "As of 31 March 2010 the backlog stood at USD [[backlog|100331|{M2}]] million and RPO at USD [[rpo|100331|{M2}]] million.", {"decimal": ","}),
        Style("footnotes", "Our backlog was [[backlog|100630|${M1} million]]¹ as of June 30, 2010, and we had [[contracts_in_force|100630|{U0}]](2) contracts in force on that date.\n\n¹ Contracted service value not yet recognised.\n(2) Excludes expired contracts."),
        Style("footnote glued", "As of June 30, 2010, [[units_under_contract|100630|{U0}]][1] machines were under contract and deferred revenue was [[deferred_revenue|100630|${K0} thousand]]*.\n\n[1] See Glossary. * Unaudited."),
        Style("range", "At December 31, 2010 backlog was between [[backlog|101231|$26 million and $28 million]], and RPO between [[rpo|101231|$23 and $25 million]]."),
        Style("range term", "As of March 31, 2010, contract terms range from [[term_min|100331|{U0}]] to [[term_max|100331|{U0} years]]."),
        Style("concentration", "At November 30, 2009 the largest customer accounted for [[concentration_top_1|091130|{P0}%]] of backlog, and the ten largest customers for [[concentration_top_10|091130|{P0}%]]."),
        Style("concentration filing", "Concentration. Our five largest customers accounted for approximately [[concentration_top_5|100331|{P0}%]] of our backlog as of March 31, 2010."),
        Style("negative", "From March 31, 2010 to March 31, 2011, terminations took [[terminated|100331/110331|$({K0a}) thousand]] off the backlog and removals [[removed|100331/110331|$({K0a}) thousand]]; what was recognised took [[recognised|100331/110331|-${K0a} thousand]]."),
        Style("bridge", "Backlog bridge, March 31, 2009 to March 31, 2010 (USD thousand)\nOpening backlog  [[backlog|090331|{K0}]]\nNew contracts  [[new|090331/100331|{K0}]]\nTerminated  [[terminated|090331/100331|({K0a})]]\nRecognised  [[recognised|090331/100331|({K0a})]]\nClosing backlog  [[backlog|100331|{K0}]]\n"),
        Style("change amount", "Backlog rose [[Δbacklog|090531/091130|${M1} million]] to [[backlog|091130|${M1} million]] between May 31, 2009 and November 30, 2009."),
        Style("change quarter", "Deferred revenue increased by [[Δdeferred_revenue|090930/091231|${U0}]] from September 30, 2009 to [[deferred_revenue|091231|${U0}]] at December 31, 2009."),
        Style("multiple", "Service book-to-bill for the quarter ended December 31, 2009 was [[book_to_bill|090930/091231|{U1}]]x."),
        Style("growth words", "Since November 30, 2008 our backlog grew [[growth|081130/091130|{P0} per cent]], to [[backlog|091130|${M1} million]] on November 30, 2009."),
        Style("constant currency", "Backlog growth between March 31, 2009 and March 31, 2010 was [[growth|090331/100331|{P1}%]], or [[constant_currency_growth|090331/100331|{P1}%]] at constant currency."),
        Style("basis points", "The coverage rate moved by [[Δcoverage_rate|090531/091130|{B0} basis points]] between May 31, 2009 and November 30, 2009."),
        Style("points", "Between March 31, 2009 and March 31, 2010 the coverage rate rose [[Δcoverage_rate|090331/100331|{P1} percentage points]] to [[coverage_rate|100331|{P1}%]]."),
        Style("scope fleet", "On March 31, 2010, [[coverage_rate|100331|{P0}%|S]] of the C200 and C1000 Series machines in operation were covered, against [[coverage_rate|100331|{P0}%|T]] of the C30 and C65."),
        Style("scope region", "Europe accounted for [[backlog|100331|${M1} million|region=Europe]] of backlog as of March 31, 2010; North America held [[backlog|100331|${M1} million|region=North America]]."),
        Style("scope region list", "Backlog by region at 31 December 2009:\n  Europe - [[backlog|091231|${U0}|region=Europe]]\n  North America - [[backlog|091231|${U0}|region=North America]]\n  Asia Pacific - [[backlog|091231|${U0}|region=Asia Pacific]]\n  Latin America - [[backlog|091231|${U0}|region=Latin America]]\n"),
        Style("scope vertical", "In oil and gas, backlog amounted to [[backlog|100930|${M1} million|vertical=oil and gas]] at September 30, 2010, and in CHP to [[backlog|100930|${M1} million|vertical=CHP]]."),
        Style("fleet", "At 30 September 2009 the installed fleet comprised [[in_operation|090930|{U0}]] machines in operation, of which [[covered|090930|{U0}]] were covered by a service contract, a coverage rate of [[coverage_rate|090930|{P1}%]]."),
        Style("fleet power", "By rated power, [[kw_rate|100331|{P1}%]] of the fleet was covered at March 31, 2010. Some [[not_commissioned|100331|{U0}]] machines had been shipped and were not yet commissioned."),
        Style("shipments", "Since its founding the company has shipped more than [[shipped|100331|5,500]] microturbines as of March 31, 2010."),
        Style("other company", "Backlog was [[backlog|091231|${M1} million]] on December 31, 2009. By comparison, Brightwave Power Inc. reported a service backlog of [[!|$412 million]] and Orbis Energy AG one of [[!|$98.5 million]] on that date."),
        Style("peer table", "Peer group, December 31, 2009\nVolt Systems Corp: service backlog [[!|$61.3 million]]\nHelio plc: service backlog [[!|$8.8 million]]\nOur service backlog: [[backlog|091231|${M1} million]]\n"),
        Style("target", "Our goal is a service backlog of [[!|$25 million]] by March 31, 2010. On December 31, 2009 it was [[backlog|091231|${M1} million]]."),
        Style("guidance", "For March 31, 2011 management guides to backlog of [[!|$27 million]] to [[!|$29 million]]. Backlog as of March 31, 2010 totalled [[backlog|100331|${M1} million]]."),
        Style("condition", "If every customer renewed, backlog at November 30, 2009 would be [[!|$21.4 million]]. Backlog at that date was in fact [[backlog|091130|${M1} million]]."),
        Style("negation", "Backlog did not exceed [[!|$18 million]] on November 30, 2009, and it was never [[!|$12 million]] at May 31, 2009."),
        Style("opposite", "Contrary to the rumour that backlog had fallen to [[!|$9 million]], it was [[backlog|091231|${M1} million]] on December 31, 2009."),
        Style("covenant", "The credit agreement requires a backlog of at least [[!|$10 million]] at each quarter end; backlog was [[backlog|100331|${M1} million]] at March 31, 2010."),
        Style("q and a", "Q: How many contracts were signed in the fiscal quarter ended September 30, 2009?\nA: [[contracts_signed|090630/090930|{U0}]] contracts, worth [[signed_value|090630/090930|${M1} million]] over their terms."),
        Style("fiscal quarter", "In the second quarter of fiscal 2010 (ended September 30, 2009), [[contracts_signed|090630/090930|{U0}]] contracts were signed and revenue of [[revenue|090630/090930|${U0}]] was recognised."),
        Style("fiscal year", "For the fiscal year ended March 31, 2010, service revenue was [[revenue|090331/100331|${M2} million]] and billings were [[billings|090331/100331|${M2} million]]."),
        Style("outlook", "Contracts known at March 31, 2010 schedule service revenue of [[next_12_month_revenue|100331|${M1} million]] over the next 12 months, and billings of [[next_12_month_billings|100331|${M1} million]]."),
        Style("receivables", "Receivables at December 31, 2010 were [[receivables|101231|${U0}]], or [[dso|101231|{U0} days]] of sales (DSO)."),
        Style("renewals", "Of the contracts that ran to full term in the year ended March 31, 2011, the renewal rate was [[renewal_rate_count|100331/110331|{P0}%]] by count and [[renewal_rate_value|100331/110331|{P0}%]] by value."),
        Style("retention", "Net retention for the twelve months to March 31, 2011 came in at [[net_retention|100331/110331|{P1}%]]; gross retention was [[gross_retention|100331/110331|{P1}%]]."),
        Style("price", "The annualised value of contracts in cover was [[acv|110331|${M2} million]] at March 31, 2011, or [[price_per_kw_year|110331|${U2}]] per kW-year."),
        Style("words", "At November 30, 2009, backlog was about seventeen and a half million dollars, say [[backlog|091130|{M1} million dollars]], and we count [[contracts_in_force|091130|{U0}]] contracts in force."),
        Style("cjk", "【プレスリリース】2010-03-31 時点の backlog は [[backlog|100331|US${M1} million]]、deferred revenue は [[deferred_revenue|100331|US${U0}]] です。"),
        Style("chinese", "截至 2009-12-31，service backlog 为 [[backlog|091231|USD {U0}]]，contracts in force 为 [[contracts_in_force|091231|{U0}]]。"),
        Style("rtl", "נכון ליום 2010-03-31, backlog: [[backlog|100331|${M1} million]]. קצב הכיסוי coverage rate: [[coverage_rate|100331|{P1}%]]."),
        Style("arabic", "بلغ backlog في 2009-11-30 مبلغ [[backlog|091130|${U0}]]."),
        Style("slide", "Q4 FY2010 HIGHLIGHTS | March 31, 2010\n• Backlog [[backlog|100331|${M1}M]] (+[[growth|090331/100331|{P0}%]] since March 31, 2009)\n• Units under contract: [[units_under_contract|100331|{U0}]]\n• Book value of deferred revenue: [[deferred_revenue|100331|${M2}M]]\n"),
        Style("legal", "Pursuant to Item 2.02 of Form 8-K, the Registrant reports that, as of the close of business on June 30, 2011, its service backlog aggregated approximately [[backlog|110630|${M1} million]], of which approximately [[cancellable|110630|${M1} million]] may be cancelled by customers on notice. See Section 4.2(b), page 17, and Exhibit 99.1."),
        Style("three dates", "Service backlog was [[backlog|090331|${M1} million]], [[backlog|090930|${M1} million]] and [[backlog|100331|${M1} million]] as of March 31, 2009, September 30, 2009 and March 31, 2010, respectively."),
        Style("us dates", "Backlog (06/30/2010): [[backlog|100630|${U0}]]. Unbilled backlog (06/30/2010): [[unbilled_backlog|100630|${U0}]]."),
        Style("year end", "Service update. We ended the year (March 31, 2011) with [[backlog|110331|${M1} million]] in backlog and [[contracts_in_force|110331|{U0}]] contracts in force; [[rpo|110331|${M1} million]] of the backlog is enforceable (RPO)."),
        Style("brackets", "The backlog as at 30 June 2011 totalled [[backlog|110630|USD {M1} million]] (31 March 2011: [[backlog|110331|USD {M1} million]])."),
        Style("item 7", "Item 7. During the three months ended June 30, 2010 we recognized service revenue of [[revenue|100331/100630|${U0}]] and billed [[billings|100331/100630|${U0}]]. Deferred revenue at quarter end was [[deferred_revenue|100630|${U0}]]."),
        Style("walk away", "Q: And how much of it can walk away? A: On September 30, 2010, [[cancellable|100930|${M1} million]] of backlog was cancellable on notice, about a tenth."),
        Style("scope machines", "In Europe we had [[units_under_contract|100331|{U0}|region=Europe]] machines under contract on March 31, 2010."),
        Style("tripled", "Backlog nearly tripled: [[backlog|081130|${M1} million]] on November 30, 2008, [[backlog|091130|${M1} million]] on November 30, 2009."),
        Style("semicolons", "Year-end FY2011 (March 31, 2011): receivables [[receivables|110331|${K0}k]]; contract assets [[contract_asset|110331|${U0}]]; annualised contract value [[acv|110331|${M2}m]]."),
        Style("colons", "Fleet at 31.12.2010 -> in operation: [[in_operation|101231|{U0}]]; covered: [[covered|101231|{U0}]]; not yet commissioned: [[not_commissioned|101231|{U0}]]."),
        Style("reductions", "Terminations during fiscal year 2011 reduced backlog by [[terminated|100331/110331|${K0a} thousand]]; removals took another [[removed|100331/110331|${K0a} thousand]]."),
        Style("expected bills", "We now expect to bill [[next_12_month_billings|110331|${M1} million]] over the next 12 months (as of March 31, 2011)."),
        Style("possessive", "Acme Power's service backlog is [[!|$20.7 million]]. Ours, at March 31, 2010, was [[backlog|100331|${M2} million]]."),
        Style("tabs", "Units under contract\t[[units_under_contract|100331|{U0}]]\nContracts in cover\t[[contracts_in_cover|100331|{U0}]]\n(as of March 31, 2010)"),
        Style("manner 2", "FPP continues to be a bright spot. Since March 31, 2009, contracted service backlog has climbed [[growth|090331/100331|{P0}%]] and now sits at [[backlog|100331|${M1} million]] (March 31, 2010)."),
        Style("manner 3", "During fiscal 2011 we signed [[contracts_signed|100331/110331|{U0}]] new service agreements with an aggregate contract value of [[signed_value|100331/110331|${M1} million]], and recognized [[revenue|100331/110331|${M1} million]] of service revenue."),
        Style("manner 4", "Attachment to new shipments remains healthy: for the twelve months ended March 31, 2010 our attach rate was [[attach_rate|090331/100331|{P0}%]], and by the end of the period [[units_under_contract|100331|{U0}]] turbines were under long-term service contracts."),
        Style("manner 5", "At September 30, 2010, customers owed us [[receivables|100930|${M2} million]] under FPP contracts, equivalent to a DSO of [[dso|100930|{U0} days]]."),
        Style("manner 6", "As of June 30, 2010 the remaining performance obligation related to our FPP agreements totaled approximately [[rpo|100630|${M1} million]], [[rpo_next_12_months|100630|${M1} million]] of which we anticipate recognizing as revenue within the coming twelve months."),
        Style("manner 7", "Key performance indicators as of December 31, 2010\n\nFPP backlog: [[backlog|101231|${M1}M]]\nDeferred FPP revenue: [[deferred_revenue|101231|${M1}M]]\nFPP contracts in force: [[contracts_in_force|101231|{U0}]]\nC200/C1000 Series coverage: [[coverage_rate|101231|{P0}%|S]]\n"),
        Style("manner 8", "Our ten largest service customers represented [[concentration_top_10|100331|{P0}%]] of total FPP backlog as of March 31, 2010; no single customer represented more than [[concentration_top_1|100331|{P0}%]]."),
        Style("manner 9", "Gross customer retention in the year to March 31, 2011 was [[gross_retention|100331/110331|{P1}%]] (net: [[net_retention|100331/110331|{P1}%]])."),
        Style("manner 10", "Service backlog in Europe ended March 2010 at [[backlog|100331|${M1} million|region=Europe]], while the Americas grew faster. Company-wide, backlog was [[backlog|100331|${M1} million]]."),
        Style("manner 11", "LOS ANGELES, Jan. 12, 2010 (GLOBE NEWSWIRE) -- Today we announced that total backlog under our Factory Protection Plan surpassed [[backlog|091231|${M0f} million]] at calendar year-end, December 31, 2009. The Company shipped its [[!|5,000]]th unit in 2008 and employs [[!|210]] people."),
        Style("manner 12", "Annualized contract value (ACV) stood at [[acv|100930|${M2} million]] on September 30, 2010. Based on contracts in hand on that date, we expect to invoice [[next_12_month_billings|100930|${M1} million]] and recognize [[next_12_month_revenue|100930|${M1} million]] of service revenue over the following twelve months."),
        Style("manner 14", "Of our installed base of [[in_operation|091130|{U0}]] operating machines, [[covered|091130|{U0}]] ([[coverage_rate|091130|{P1}%]]) are covered under an active contract, versus [[coverage_rate|090531|{P1}%]] at the end of May.", nov),
        Style("manner 15", "The average remaining life of the contracts in the portfolio is [[weighted_average_remaining_term|100331|{U1} years]] at March 31, 2010, weighted by backlog."),
        Style("manner 16", "Book-to-bill for our service business came in at [[book_to_bill|100331/110331|{U1}x]] for the fiscal year ended March 31, 2011, meaning that we booked more than we recognized."),
        Style("manner 17", "Deferred revenue tied to FPP increased from [[deferred_revenue|091231|${K0} thousand]] at the end of December 2009 to [[deferred_revenue|100331|${K0} thousand]] three months later, on March 31, 2010."),
        Style("manner 18", "In the six-month period from May 31, 2009 to November 30, 2009 FPP contract backlog expanded by more than [[growth|090531/091130|{P0f}%]], from roughly [[backlog|090531|${M0} million]] to upwards of [[backlog|091130|${M0f} million]]."),
        Style("hand 1", "“We are pleased with the growth of our service franchise,” said the CEO. At the end of March 2010, FPP backlog amounted to [[backlog|100331|${M1} million]], more than double the level of March 31, 2009 ([[backlog|090331|${M1} million]])."),
        Style("hand 2", "As of November 30, 2009, a total of [[units_under_contract|091130|{U0}]] microturbines were covered by FPP agreements, compared with [[units_under_contract|090531|{U0}]] on May 31, 2009."),
        Style("hand 3", "Service revenue for the first half of fiscal 2011 was [[revenue|100331/100930|${M2} million]], while billings under our contracts reached [[billings|100331/100930|${M2} million]]."),
        Style("hand 4", "The Company's unsatisfied performance obligations under FPP totaled [[rpo|110331|${M1} million]] as of March 31, 2011; approximately [[rpo_next_12_months|110331|${M1} million]] is expected to be recognized within one year."),
        Style("hand 5", "Quarter ended June 30, 2010 at a glance: [[contracts_signed|100331/100630|{U0}]] contracts signed; signed value of [[signed_value|100331/100630|${M1} million]]; service revenue of [[revenue|100331/100630|${K0} thousand]]."),
        Style("hand 6", "Deferred revenue rose to [[deferred_revenue|101231|${M2} million]] at December 31, 2010 from [[deferred_revenue|091231|${M2} million]] a year earlier as more customers prepaid."),
        Style("hand 7", "Europe remains our strongest region, with [[backlog|110331|${M1} million|region=Europe]] of FPP backlog at March 31, 2011. North America contributed [[backlog|110331|${M1} million|region=North America]] and Asia Pacific [[backlog|110331|${M1} million|region=Asia Pacific]]."),
        Style("hand 8", "At June 30, 2009, [[coverage_rate|090630|{P1} percent]] of the machines in operation were covered, representing [[kw_rate|090630|{P1} percent]] of the fleet by kW."),
        Style("hand 9", "Contract terminations came to [[terminated|090331/100331|${U0a}]] in the twelve months ended March 31, 2010, and we recognized [[recognised|090331/100331|${M1a} million]] out of backlog over the same period."),
        Style("hand 10", "The weighted average remaining term of FPP contracts was approximately [[weighted_average_remaining_term|101231|{U1} years]] at calendar year-end (December 31, 2010)."),
        Style("hand 11", "Accounts receivable related to service contracts stood at [[receivables|110331|${K0} thousand]] as of March 31, 2011, and days sales outstanding were [[dso|110331|{U0} days]]."),
        Style("hand 13", "Year over year, backlog increased [[growth|091231/101231|{P1}%]] to [[backlog|101231|${M2} million]] as of December 31, 2010."),
        Style("hand 14", "Following the close of the December 2009 quarter, contracts in force numbered [[contracts_in_force|091231|{U0}]] and the annualized value of contracts in cover was [[acv|091231|${M1} million]], both as of December 31, 2009."),
        Style("hand 15", "For fiscal 2011, gross retention of [[gross_retention|100331/110331|{P1}%]] and net retention of [[net_retention|100331/110331|{P1}%]] underline how sticky our customer relationships are."),
        Style("hand 16", "Cash collected from FPP customers totalled [[cash|100331/110331|${M2} million]] for the year ended March 31, 2011."),
        Style("hand 17", "Approximately [[concentration_top_5|101231|{P0}%]] of backlog at December 31, 2010 was attributable to our five largest customers."),
        Style("hand 18", "Cancellable backlog, that is, what customers could leave on notice, was just [[cancellable|100331|${M1} million]] at March 31, 2010, leaving RPO of [[rpo|100331|${M1} million]]."),
        Style("columns", "Service KPIs (USD k unless noted)\n\n| As at | Backlog | RPO | Contracts in force |\n|:--|--:|--:|--:|\n| 31 Mar 2009 | [[backlog|090331|{K0}]] | [[rpo|090331|{K0}]] | [[contracts_in_force|090331|{U0}]] |\n| 31 Mar 2010 | [[backlog|100331|{K0}]] | [[rpo|100331|{K0}]] | [[contracts_in_force|100331|{U0}]] |\n", {}, "md"),
        Style("columns by region", "<p>As of March 31, 2010; $ in thousands</p><table><tr><th>Region</th><th>Backlog</th><th>Machines in operation</th></tr><tr><td>Europe</td><td>[[backlog|100331|{K0}|region=Europe]]</td><td>[[in_operation|100331|{U0}|region=Europe]]</td></tr><tr><td>Total</td><td>[[backlog|100331|{K0}]]</td><td>[[in_operation|100331|{U0}]]</td></tr></table>", {}, "html"),
        Style("years below a day", "<table><tr><td></td><td>December 31,</td></tr><tr><td></td><td>2010</td><td>2009</td></tr><tr><td>Contracted service backlog (in thousands)</td><td>$ [[backlog|101231|{K0}]]</td><td>$ [[backlog|091231|{K0}]]</td></tr><tr><td>Units under contract</td><td>[[units_under_contract|101231|{U0}]]</td><td>[[units_under_contract|091231|{U0}]]</td></tr></table>", {}, "html"),
        Style("year-ago period", "Quarter ended December 31, 2010\n\nService revenue rose to [[revenue|100930/101231|${M2} million]] from [[revenue|090930/091231|${M2} million]] in the year-ago period. We signed [[contracts_signed|100930/101231|{U0} contracts]] in the quarter."),
        Style("dates elsewhere", "At March 31, 2010 backlog was [[backlog|100331|${M1} million]] (March 31, 2009: [[backlog|090331|${M1} million]]). Coverage improved by [[Δcoverage_rate|090331/100331|{B0} basis points]] to [[coverage_rate|100331|{P1}%]], and days sales outstanding stood at [[dso|100331|{U0} days]]."),
        Style("month without a year", "Q4 FY2010 call, May 27, 2010\n\nAt the end of March our backlog came to [[backlog|100331|${M2} million]], and a year ago it was [[backlog|090331|${M2} million]]."),
        Style("halves", "As of March 31, 2010 the average remaining term was [[weighted_average_remaining_term|100331|seven and a half years]], and about [[coverage_rate|100331|one machine in seven]] was covered."),
        Style("or", "Backlog increased by [[Δbacklog|090531/091130|${M1} million]], or [[growth|090531/091130|{P0}%]], to [[backlog|091130|${M1} million]] at November 30, 2009 from [[backlog|090531|${M1} million]] at May 31, 2009."),
        Style("headline third", "FPP BACKLOG GROWS BY [[growth|100331/110331|A THIRD]] IN FISCAL 2011\n\nThe backlog reached [[backlog|110331|${M1} million]] at the close of the fiscal year on March 31, 2011. Had exchange rates stayed where they were, it would have grown by about [[constant_currency_growth|100331/110331|{P0}%]]."),
        Style("thousands", "FPP revenue was [[revenue|100930/101231|${K0},000]] in the December 2010 quarter. Receivables at December 31, 2010 were [[receivables|101231|${K0},000]], of which [[overdue|101231|${K0},000]] was past due."),
        Style("scope of money", "The C200 and C1000 piece of the backlog was [[backlog|101231|${M1} million|S]] at December 31, 2010."),
        Style("scopes in order", "As of March 31, 2010, C30, C65, C200 and C1000 Series machines held [[backlog|100331|${M1} million|series=C30]], [[backlog|100331|${M1} million|series=C65]], [[backlog|100331|${M1} million|series=C200]] and [[backlog|100331|${M1} million|series=C1000 Series]] of backlog, respectively."),
        Style("thereof", "* Backlog [[backlog|111231|USD {M1}m]] at 31.12.2011\n* thereof C200 and C1000 Series: [[backlog|111231|USD {M1}m|S]] at 31.12.2011, previous year-end [[backlog|101231|USD {M1}m|S]]"),
        Style("certificate", "We certify that, as at 31 December 2011 (the Test Date) and for the twelve months ended on that date (the Relevant Period):\n\n(a) billings under the FPP contracts in the Relevant Period were [[billings|101231/111231|US${U0}]] (minimum: [[!|US$3,000,000]]);\n(b) days sales outstanding at the Test Date were [[dso|111231|{U0} days]] (maximum: [[!|90 days]])."),
        Style("months of a mail", "Subject: FPP numbers for the 1H model (six months to 30 Sept 2010)\n\nAll for 1H FY11, i.e. April to September 2010:\n\nRevenue [[revenue|100331/100930|{M2}m]] USD, [[contracts_signed|100331/100930|{U0}]] contracts signed, gross retention [[gross_retention|100331/100930|{P1}%]] for the half. Backlog at 30 Sept 2010: [[backlog|100930|${M1}m]]."),
        Style("nine months", "9M 2010 revenue [[revenue|091231/100930|${M2}m]] vs [[revenue|081231/090930|${M2}m]] in 9M 2009. For the first nine months of 2010 we recognized just over [[recognised|091231/100930|${M1fa} million]] of revenue."),
        Style("shorthand", "Q3 2010 bookings [[booked|100630/100930|${M1}m]] after [[booked|090630/090930|${M1}m]] in Q3 2009, B2B for the quarter [[book_to_bill|100630/100930|{U1}x]]. Pricing: [[price_per_kw_year|100930|${U0}/kW-yr]] at end-Sept 2010. Def rev [[deferred_revenue|100930|{K0}k]]."),
        Style("codes glued", "Backlog stood at [[backlog|110630|USD{M1} million]] at 30 June 2011, compared with [[backlog|101231|USD{M1} million]] at 31 December 2010. We count only the enforceable part, [[rpo|110630|USD{M1} million]] at end-June."),
        Style("colon after", "When fiscal 2010 closed on March 31, 2010, its backlog was [[backlog|100331|${M1} million]]: an increase of [[Δbacklog|090331/100331|${M1} million]] within one fiscal year."),
        Style("half-year table", "Selected half-year data\nUSD thousand unless stated\n\n                              Six months ended 30 June\n                                    2011        2010\n                              ----------  ----------\nContracts signed (number)             [[contracts_signed|101231/110630|{U0}]]          [[contracts_signed|091231/100630|{U0}]]\nRevenue recognised                 [[revenue|101231/110630|{K0}]]       [[revenue|091231/100630|{K0}]]\n\nAt 30 June\nAnnualised value in cover           [[acv|110630|{K0}]]       [[acv|100630|{K0}]]"),
        Style("raised letters", "<p>FPP contracts (USD thousand)</p><table><tr><th></th><th>31 Mar 2011</th><th>30 Jun 2011</th></tr><tr><td>Deferred revenue<sup>a</sup></td><td>[[deferred_revenue|110331|{K0}]]</td><td>[[deferred_revenue|110630|{K0}]]</td></tr></table><p><sup>a</sup> Billed ahead of recognition.</p>", {}, "html"),
        Style("spread over", "On average it will be delivered over [[weighted_average_remaining_term|100331|seven and a half years]], counted at March 31, 2010."),
        Style("protection plan", "As of December 31, 2010 they had [[modules_in_operation|101231|{U0}]] engines turning in the field, and [[modules_covered|101231|{U0}]] of those were under a protection plan. Another [[not_commissioned|101231|{U0}]] machines sat waiting for startup."),
        Style("jumped", "North American backlog jumped [[growth|100331/110331|{P0} percent|region=North America]] between March 31, 2010 and March 31, 2011."),
        Style("no word of it", "Three numbers matter. What we have signed and not yet delivered: [[backlog|110930|${U0}]]. What a year is worth: [[acv|110930|${U0}]]. All are as of September 30, 2011."),
        Style("a year alone", "2011 was a year of steady work. Revenue from service agreements came to [[revenue|101231/111231|${M2} million]] while deferred revenue grew to [[deferred_revenue|111231|${M2} million]] at year end."),
        Style("verbs of headlines", "Service Backlog Climbs [[growth|110331/120331|{P0}%]] In The Year To [[backlog|120331|${M1} Million]]\n\nLYON, April 9, 2012 -- Backlog was measured on March 31, 2011 and March 31, 2012."),
        Style("maintenance base", "Interim report, April to September 2010. The maintenance base kept growing: [[covered|100930|{U0}]] machines were in service cover at the end of September 2010 (Sep 30, 2009: [[covered|090930|{U0}]]). The service order book amounted to USD [[backlog|100930|{M1}]] (Sep 30, 2009: [[backlog|090930|{M1}]]) million, up by [[growth|090930/100930|{P0}%]]; at comparable exchange rates it rose [[constant_currency_growth|090930/100930|{P1}%]]. Maintenance sales in July–September were USD [[revenue|100630/100930|{M2} million]] (Q2 of the prior year: USD [[revenue|090630/090930|{M2} million]]). Our market share in China is estimated at 18%."),
        Style("order backlog at", "Aarhus Notes. At 31 March 2011, the service order backlog amounted to USD [[backlog|110331|{M1}m]], an increase of [[growth|100331/110331|{P0} per cent]] compared with the year before. The weighted average remaining term of the agreements was [[weighted_average_remaining_term|110331|{U1} years]]. During the year, service revenue reached USD [[revenue|100331/110331|{M1}m]], of which USD [[revenue|101231/110331|{M2}m]] in the fourth quarter. The wind turbine order backlog was EUR 7.4bn and is not part of these figures. Average lost production factor: 1.5 per cent."),
        Style("quarter bullets", "Third quarter highlights (quarter ended December 31, 2010)\n- Maintenance portfolio of [[units_under_contract|101231|{U0} units]], up [[Δunits_under_contract|091231/101231|32%]] year over year\n- Service sales of $[[revenue|100930/101231|{M1} million]]\n- [[contracts_signed|100930/101231|{U0}]] new service agreements in the quarter\n- Backlog $[[backlog|101231|{M1} million]]; [[growth|091231/101231|{P0}%]] ahead of last year\n- New Equipment orders down 4%, modernization backlog up 14% at constant currency"),
        Style("obligations", "Total remaining performance obligation was $[[rpo|100930|{M1} million]] at September 30, 2010, compared to $[[rpo|090930|{M1} million]] at September 30, 2009. We expect to recognize $[[rpo_next_12_months|100930|{M1} million]] of this amount within the next 12 months and $[[rpo_after_12_months|100930|{M1} million]] thereafter. Backlog of $[[backlog|100930|{M1} million]] also includes $[[cancellable|100930|{M1} million]] that customers may cancel for convenience. Equipment backlog is presented on page 41."),
        Style("call of two", "Q - James Whitfield: Could you give us the service number at fiscal year end, and how much of the fleet is on a plan?\nA - Darren: Sure, James. At March 31, 2012 we sat at $[[backlog|120331|{M0} million]] of FPP backlog, which is about [[growth|110331/120331|{P0}%]] better than twelve months before. We had [[covered|120331|{U0}]] machines covered out of [[in_operation|120331|{U0}]] in the field, so call it [[coverage_rate|120331|{P1}%]]. We signed [[contracts_signed|110331/120331|{U0}]] contracts in the year.\nQ - James Whitfield: And did the 40% that you aimed for two years ago come through?\nA - Darren: No, and I would not use 40% in a model."),
        Style("table in thousands", "Key figures of the service business\n\n| USD thousand | 31 Mar 2012 | 31 Mar 2011 | 31 Mar 2010 |\n|---|---:|---:|---:|\n| Backlog | [[backlog|120331|{K0}]] | [[backlog|110331|{K0}]] | [[backlog|100331|{K0}]] |\n| Remaining performance obligation | [[rpo|120331|{K0}]] | [[rpo|110331|{K0}]] | [[rpo|100331|{K0}]] |\n| Deferred revenue | [[deferred_revenue|120331|{K0}]] | [[deferred_revenue|110331|{K0}]] | [[deferred_revenue|100331|{K0}]] |\n| Contracts in force (number) | [[contracts_in_force|120331|{U0}]] | [[contracts_in_force|110331|{U0}]] | [[contracts_in_force|100331|{U0}]] |"),
        Style("Stichtag", "Stichtag 30 November 2009. The service backlog (Auftragsbestand) stood at USD [[backlog|091130|{M2} Mio.]], after [[backlog|090531|{M2} Mio. USD]] on 31 May 2009, which is growth of [[growth|090531/091130|{P1} %]]. Europe had [[backlog|091130|{M2} Mio. USD|region=Europe]], North America [[backlog|091130|{M2} Mio. USD|region=North America]]. [[units_under_contract|091130|{U0}]] microturbines were under contract; the shortest contract ran [[term_min|091130|one year]] and the longest [[term_max|091130|{U0} years]]. Of the machines in operation [[coverage_rate|091130|{P1} %]] were covered. Telephone 089 12 34 56.", {"decimal": ","}),
        Style("figures in words", "A word on the calendar quarter to December 31, 2011. We signed [[contracts_signed|110930/111231|twenty-four]] contracts. Service revenue passed [[revenue|110930/111231|one and a quarter million dollars]]. About [[coverage_rate|111231|fifteen percent]] of the fleet in operation is covered. The backlog of the C1000 Series, at $[[backlog|111231|{M1} million|series=C1000 Series]], grew by roughly two thirds in twelve months. Four of our seven sales offices moved in October."),
        Style("changes of four", "Backlog rose $[[Δbacklog|091130/101130|{M1} million]] to $[[backlog|101130|{M1} million]] between November 30, 2009 and November 30, 2010. Machines covered increased by [[Δcovered|091130/101130|{U0}]] to [[covered|101130|{U0}]], and the number of contracts in force went from [[contracts_in_force|091130|{U0}]] to [[contracts_in_force|101130|{U0}]]. Deferred revenue increased [[Δdeferred_revenue|091130/101130|60%]] to $[[deferred_revenue|101130|{K0} thousand]]. Headcount fell by 12 to 188."),
        Style("parts by region", "Of the $[[backlog|100331|{M1} million]] of backlog on March 31, 2010, North America accounted for $[[backlog|100331|{M1} million|region=North America]], Europe for $[[backlog|100331|{M1} million|region=Europe]] and Asia Pacific for $[[backlog|100331|{M1} million|region=Asia Pacific]]. The remainder lies in other regions. By product, the C65 made up $[[backlog|100331|{M1} million|series=C65]] and the C30 $[[backlog|100331|{M1} million|series=C30]]. Oil and gas customers held [[contracts_in_force|100331|{U0} contracts|vertical=oil and gas]] in all. These amounts are unaudited."),
        Style("scope words", "In North America we had [[units_under_contract|100930|{U0}|region=North America]] machines under contract at September 30, 2010. In Europe the figure was [[units_under_contract|100930|{U0}|region=Europe]]. For the C200 and C1000 Series taken together, [[coverage_rate|100930|{P0}%|S]] of the machines in operation were covered, against [[coverage_rate|100930|{P0}%|series=C65]] of the C65. Backlog in Europe reached $[[backlog|100930|{M1} million|region=Europe]], and in North America $[[backlog|100930|{M1} million|region=North America]] after $[[backlog|100331|{M1} million|region=North America]] on March 31, 2010. The Houston depot has 3 cranes."),
        Style("negations", "Service backlog at February 28, 2010 was no less than $[[backlog|100228|{M1f} million]]; it was not $25 million, as one newspaper wrote. No more than [[concentration_top_1|100228|{P0}%]] of it rested with our largest customer. Contracts in force numbered [[contracts_in_force|100228|{U0}]]. We do not expect the coverage rate, [[coverage_rate|100228|{P1}%]] at that date, to double. Without the renewals we would not have reached $19 million. Neither the 60 units in transit nor spare parts are counted."),
        Style("note deferred", "Deferred revenue attributed to FPP contracts was $[[deferred_revenue|100331|{K1} thousand]] and $[[deferred_revenue|090331|{K1} thousand]] at March 31, 2010 and 2009, respectively. During Fiscal 2010 we billed $[[billings|090331/100331|{M2} million]] under these agreements and recognized revenue of $[[revenue|090331/100331|{M2} million]]. Agreements are generally paid quarterly in advance. The deferred balance is expected to be recognized over 1 to 20 years. See Note 11."),
        Style("agreements entered", "We entered into [[contracts_signed|090331/100331|{U0} contracts]] during the fiscal year ended March 31, 2010, with an aggregate value of $[[signed_value|090331/100331|{M1} million]]. Terms run from [[term_min|100331|one]] to [[term_max|100331|{U0} years]]. At year end [[contracts_in_force|100331|{U0}]] were in force, and their annualized contract value was $[[acv|100331|{M1} million]], compared with $[[acv|090331|{M1} million]] a year earlier. The price per kW-year averaged $[[price_per_kw_year|100331|{U2}]]. Item 1A describes the risks; 10.31 is the form of agreement."),
        Style("working capital", "Working capital of the service segment, December 31, 2009. Receivables were $[[receivables|091231|{K0} thousand]], or [[dso|091231|{U0} days]] of sales; $[[overdue|091231|{K0} thousand]] was overdue. In the December quarter we invoiced $[[invoiced|090930/091231|{K0} thousand]] and collected $[[received|090930/091231|{K0} thousand]]. The credit facility was increased to $15 million and bears interest at 9.25%."),
        Style("renewals by number", "Renewals. In the fiscal year to March 31, 2011, [[expired_count|100331/110331|{U0} contracts]] came to their end and [[renewed_count|100331/110331|{U0}]] of them were renewed, a renewal rate of [[renewal_rate_count|100331/110331|{P0}%]] by number. Weighted by power the renewal rate was [[renewal_rate_kw|100331/110331|{P0}%]]. Gross retention of annualised value came to [[gross_retention|100331/110331|{P1}%]], net retention to [[net_retention|100331/110331|{P1}%]]. Otis, by its own account, retains about 94%."),
        Style("only those of them", "As at 30 September 2009 we counted [[in_operation|090930|{U0}]] microturbines in operation. Only [[covered|090930|{U0}]] of them, [[coverage_rate|090930|{P1}%]], had a service plan. Of those commissioned in the half-year since 31 March 2009, [[commissioned|090331/090930|{U0}]] in all, [[attached|090331/090930|{U0}]] came with cover (attach rate: [[attach_rate|090331/090930|{P0}%]]). [[not_commissioned|090930|{U0}]] machines that have shipped have not been commissioned yet."),
        Style("table of scopes", "Backlog by date, in USD million:\n\n| Date | All | Europe | Asia Pacific |\n|---|---|---|---|\n| 31 March 2010 | [[backlog|100331|{M1}]] | [[backlog|100331|{M1}|region=Europe]] | [[backlog|100331|{M1}|region=Asia Pacific]] |\n| 30 September 2010 | [[backlog|100930|{M1}]] | [[backlog|100930|{M1}|region=Europe]] | [[backlog|100930|{M1}|region=Asia Pacific]] |\n| 31 March 2011 | [[backlog|110331|{M1}]] | [[backlog|110331|{M1}|region=Europe]] | [[backlog|110331|{M1}|region=Asia Pacific]] |"),
        Style("concentration of five", "Customer concentration at 31 December 2010: the largest customer stood for [[concentration_top_1|101231|{P1}%]] of backlog, the five largest for [[concentration_top_5|101231|{P1}%]] and the ten largest for [[concentration_top_10|101231|{P1}%]]. Through distributors the picture is different: the top counterparty alone has [[counterparty_concentration_top_1|101231|{P0}%]]. Backlog was $[[backlog|101231|{M1} million]], equal to [[backlog_cover|101231|{U1} years]] of revenue. One product distributor had 22% of product sales."),
        Style("short message 2", "$CPST service, Q3 FY10 (to Dec 31, 2009): backlog $[[backlog|091231|{M1}M]] (+[[growth|090930/091231|{P0}%]] q/q), service rev $[[revenue|090930/091231|{M2}M]], book-to-bill [[book_to_bill|090930/091231|{U1}x]], [[units_under_contract|091231|{U0} units]] under contract, RPO $[[rpo|091231|{M1}M]]. Stock +6% after hours. PT $1.75."),
        Style("letter of four years", "To our shareholders: at March 31 of 2009, 2010, 2011 and 2012 our service backlog was $[[backlog|090331|{M1} million]], $[[backlog|100331|{M1} million]], $[[backlog|110331|{M1} million]] and $[[backlog|120331|{M1} million]], respectively. Service revenue in the year just ended was $[[revenue|110331/120331|{M1} million]] and cash from these contracts $[[cash|110331/120331|{M1} million]]. Total company revenue was $109.4 million. We closed fiscal 2012 with [[units_under_contract|120331|{U0}]] machines under contract."),
        Style("memo with a plan", "Memorandum to the board. Actual at 31 March 2011: backlog $[[backlog|110331|{M1} million]] against a plan of $30.0 million; machines covered [[covered|110331|{U0}]] (plan 900); coverage [[coverage_rate|110331|{P1}%]] (plan 18%). Invoiced service in the year was $[[invoiced|100331/110331|{M1} million]]. The target for March 31, 2013 is $45 million. Terminated contracts took away $[[terminated|100331/110331|{M2a} million]] of backlog during fiscal 2011. Contracts in force: [[contracts_in_force|110331|{U0}]]."),
        Style("call on the mix", "Operator: good afternoon. Darren: Thank you. On August 31, 2009 the FPP backlog was $[[backlog|090831|{M1} million]] and on November 30 it was $[[backlog|091130|{M1} million]] - three months, [[growth|090831/091130|{P0} percent]]. Next, the mix. More than [[share_quarterly_in_advance|091130|95%]] of agreements are billed quarterly in advance. The average remaining life at November 30, 2009 is [[weighted_average_remaining_term|091130|{U1} years]]. For every kilowatt we charge about $[[price_per_kw_year|091130|{U0}]] a year."),
        Style("shipped and covered", "The Company has shipped [[shipped|091130|{U0}]] microturbines through November 30, 2009, [[in_operation|091130|{U0}]] of which are in operation. The FPP backlog does not include the uncovered fleet, an opportunity we put at $[[uncovered_opportunity|091130|{M1} million]] a year. The covered power is [[kw_covered|091130|{K1} MW]] of [[kw_in_operation|091130|{K0} MW]] in operation, or [[kw_rate|091130|{P1}%]]. In Europe, [[contracts_in_force|091130|{U0} contracts|region=Europe]] were in force. A C200 weighs about 3 tons."),
        Style("nine months against nine", "Nine months ended December 31, 2010 compared with the nine months ended December 31, 2009. Service revenue was $[[revenue|100331/101231|{M1} million]], up 82% from $[[revenue|090331/091231|{M1} million]]. We signed [[contracts_signed|100331/101231|{U0} contracts]] ([[contracts_signed|090331/091231|{U0}]] in the earlier period). Scheduled service revenue for the next 12 months stands at $[[next_12_month_revenue|101231|{M1} million]]. Unbilled backlog was $[[unbilled_backlog|101231|{M1} million]] at the end of the period. Gross margin on products was 4%."),
        Style("labels on lines", "2011年3月31日 / As of March 31, 2011\nBacklog: US$ [[backlog|110331|{K0} thousand]]\nContracts in force: [[contracts_in_force|110331|{U0}]]\nMachines in operation: [[in_operation|110331|{U0}]]\nMachines covered: [[covered|110331|{U0}]]"),
        Style("in so many months to", "FPP backlog +[[growth|110331/120331|{P0}%]] in 12 months to [[backlog|120331|${M1}M]] (31-Mar-2012). RPO [[rpo|120331|${M1}M]]."),
        Style("months and years", "Datapoints. Backlog [[backlog|101231|${M1}mn]] (Dec-10) vs [[backlog|100930|${M1}mn]] (Sep-10), +[[growth|100930/101231|{P0}%]] q/q. New contracts [[new|100930/101231|${M1}mn]] in the quarter. ACV [[acv|101231|${M1}mn]]. Stand 31. Dezember 2010: RPO [[rpo|101231|{M2} Mio. USD]]."),
        Style("thousands of dollars", "(in thousands of US dollars)          As of March 31,\n                                    2012        2011\nService backlog               [[backlog|120331|{K0}]]     [[backlog|110331|{K0}]]\nDeferred revenue              [[deferred_revenue|120331|{K0}]]     [[deferred_revenue|110331|{K0}]]\nReceivables                   [[receivables|120331|{K0}]]     [[receivables|110331|{K0}]]\n"),
    ]  # fmt: skip


TEXTS = _texts()
_HOLE = re.compile(r"\[\[(!|Δ?\w+)\|([^|\]]*)(?:\|([^|\]]*))?(?:\|([^\]]*))?\]\]")
_SLOT = re.compile(r"\{([UKMPB])(\d)([af]*)\}")
_SCALE = {"U": 0, "K": 3, "M": 6, "P": -2, "B": -4}


def filled(
    style: Style, known: Known, change: Callable[[Fraction], Fraction] = lambda value: value
) -> tuple[str, list[Expected]]:
    """A text with its figures printed, each first put through `change`, and where they stand."""
    out, found, at = "", [], 0
    for match in _HOLE.finditer(style.text):
        out += style.text[at : match.start()]
        at = match.end()
        metric, dates, form, scope = match.groups()
        scope = SCOPES.get(scope, scope or "")
        if metric == "!":
            found.append(
                Expected(len(out), len(out) + len(dates), "", "", ("", ""), Fraction(0), dates)
            )
            out += dates
            continue
        first, _, last = dates.rpartition("/")
        period = tuple(f"20{d[:2]}-{d[2:4]}-{d[4:]}" if d else "" for d in (first, last))
        if metric.startswith("Δ"):
            metric = metric[1:]
            before, after = (known.figure(metric, scope, "", day).value for day in period)
            value = after - before
        else:
            value = known.figure(metric, scope, *period).value
        shown = printed(change(value), form, style.options.get("decimal", "."))
        found.append(Expected(len(out), len(out) + len(shown), metric, scope, period, value, shown))
        out += shown
    return out + style.text[at:], found


def printed(value: Fraction, form: str, decimal: str = ".") -> str:
    """A value as a form prints it."""

    def slot(match: re.Match[str]) -> str:
        digits = int(match[2])
        scaled = abs(value) / Fraction(10) ** _SCALE[match[1]] * 10**digits
        whole = int(scaled + (0 if "f" in match[3] else Fraction(1, 2)))
        text = f"{Decimal(whole).scaleb(-digits):,.{digits}f}"
        if decimal == ",":
            text = text.translate(str.maketrans(",.", ".,"))
        return f"-{text}" if value < 0 and "a" not in match[3] else text

    return _SLOT.sub(slot, form)
