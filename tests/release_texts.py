"""Texts in the manner of releases and filings, and what each says that can be checked.

The wordings are written for the tests in the manner of issuers of service contracts; their
figures are of no company unless a source is named. The first is the release of 1 December
2009, in short, with its own figures.
"""

from __future__ import annotations

from pathlib import Path

# ruff: noqa: E501 - texts stand as they would be read

RELEASE = Path(__file__).parent.parent / "data" / "claims" / "release-2009-12-01.txt"
Expected = tuple[str, tuple[str, ...], str | None]

TEXTS: dict[str, tuple[str, list[Expected]]] = {
    "release of 1 December 2009": (
        RELEASE.read_text(encoding="utf-8"),
        [
            ("signed_value", ("1.8",), "2009-11-01/2009-12-01"),
            ("backlog", ("17",), "2009-11-30"),
            ("contracts_signed", ("2",), "2009-11-01/2009-12-01"),
            ("contract_term", ("15",), "2009-11-01/2009-12-01"),
            ("backlog", ("11",), "2009-05-31"),
            ("growth", ("60",), "2009-05-31/2009-11-30"),
            ("period_months", ("6",), "2009-05-31/2009-11-30"),
            ("units_under_contract", ("500",), "2009-11-30"),
            ("coverage_rate", ("39",), "2009-11-30"),
            ("term_min", ("1",), "2009-12-01"),
            ("term_max", ("15",), "2009-12-01"),
            ("contract_term", ("5", "9"), "2009-12-01"),
            ("share_quarterly_in_advance", ("50",), "2009-12-01"),
            ("shipped", ("5,000",), "2009-12-01"),
        ],
    ),
    "annual report, performance obligations": (
        "Remaining Performance Obligations\n\nAs of March 31, 2025, the Company had FPP contracts with remaining performance obligations of approximately $5.3 million. The Company expects to recognize approximately $4.7 million within the next 12 months and the remaining $0.6 million thereafter.\n\nDeferred FPP revenue was $3.5 million as of March 31, 2018 compared to $3.4 million as of March 31, 2017. FPP revenue for the fiscal year ended March 31, 2018 was $15.0 million, and FPP billings were $15.1 million. Product backlog was approximately $175.2 million at June 30, 2014.\n",
        [
            ("rpo", ("5.3",), "2025-03-31"),
            ("rpo_next_12_months", ("4.7",), "2025-03-31"),
            ("rpo_after_12_months", ("0.6",), "2025-03-31"),
            ("deferred_revenue", ("3.5",), "2018-03-31"),
            ("deferred_revenue", ("3.4",), "2017-03-31"),
            ("revenue", ("15.0",), "2017-03-31/2018-03-31"),
            ("billings", ("15.1",), "2017-03-31/2018-03-31"),
        ],
    ),
    "wind a": (
        "Aarhus, 8 February 2018\n\nCompany announcement. At the end of 2017, the service order backlog stood at EUR 12.1bn, compared with EUR 10.7bn at the end of 2016. Service revenue for the year ended 31 December 2017 was EUR 1,522m, with an EBIT margin of 20.1 per cent. The order intake was 11,176 MW. More than 76 GW are under service.\n",
        [
            ("backlog", ("12.1",), "2017-12-31"),
            ("backlog", ("10.7",), "2016-12-31"),
            ("revenue", ("1,522",), "2016-12-31/2017-12-31"),
            ("kw_covered", ("76",), "2017-12-31"),
        ],
    ),
    "elevator a": (
        "HELSINKI, July 18, 2025 - KONE's service revenue was EUR 1,120 million in the quarter ended June 30, 2025. Orders received grew by 7.4% at comparable exchange rates. The maintenance base consists of almost 1.8 million units under maintenance contracts as of June 30, 2025. The company employs over 60,000 people in 70 countries.\n",
        [
            ("revenue", ("1,120",), "2025-03-31/2025-06-30"),
            ("units_under_contract", ("1.8",), "2025-06-30"),
        ],
    ),
    "elevator b": (
        "FARMINGTON, Conn., October 29, 2025 /PRNewswire/ -- Service net sales of $2.4 billion for the three months ended September 30, 2025 increased 6%. Our maintenance portfolio grew 4%. Modernization orders rose 27% at constant currency. As of September 30, 2025, the service backlog was nearly $9.5 billion, up 9% year over year, and 11% at constant currency.\n",
        [
            ("revenue", ("2.4",), "2025-06-30/2025-09-30"),
            ("backlog", ("9.5",), "2025-09-30"),
            ("growth", ("9",), "2024-09-30/2025-09-30"),
            ("constant_currency_growth", ("11",), "2024-09-30/2025-09-30"),
        ],
    ),
    "gas turbines": (
        "CAMBRIDGE, Mass. (October 22, 2025). Services remaining performance obligations were $81.5 billion at September 30, 2025, of which $13.2 billion is expected to be recognized within one year. Equipment RPO of $54.0 billion was up sequentially. Deferred revenue on service contracts was $1.1 billion. Free cash flow was $733 million.\n",
        [
            ("rpo", ("81.5",), "2025-09-30"),
            ("rpo_next_12_months", ("13.2",), "2025-09-30"),
            ("deferred_revenue", ("1.1",), "2025-09-30"),
        ],
    ),
    "capstone 10-Q": (
        "As of September 30, 2024, the Company had approximately $6.1 million of remaining performance obligations under FPP contracts. We expect to recognize approximately $5.2 million over the next 12 months and approximately $0.9 million thereafter. Deferred revenue attributable to FPP contracts was $5.9 million at September 30, 2024 and $6.3 million at March 31, 2024. Product backlog was $12.0 million.\n",
        [
            ("rpo", ("6.1",), "2024-09-30"),
            ("rpo_next_12_months", ("5.2",), "2024-09-30"),
            ("rpo_after_12_months", ("0.9",), "2024-09-30"),
            ("deferred_revenue", ("5.9",), "2024-09-30"),
            ("deferred_revenue", ("6.3",), "2024-03-31"),
        ],
    ),
    "capstone release b": (
        "VAN NUYS, Calif., August 14, 2014 -- Capstone today announced it secured a new 9 MW Factory Protection Plan contract. FPP backlog reached a record of over $55 million at June 30, 2014, compared to $47.2 million at June 30, 2013. FPP revenue for the first quarter of fiscal 2015 was $2.1 million. Product backlog was $175.2 million, up 12%. Gross margin improved to 17%.\n",
        [
            ("backlog", ("55",), "2014-06-30"),
            ("backlog", ("47.2",), "2013-06-30"),
            ("revenue", ("2.1",), "2014-03-31/2014-06-30"),
        ],
    ),
    "fuel cells": (
        "DANBURY, Conn., Dec. 8, 2016 -- Service backlog, including power purchase agreements, totaled $347 million as of October 31, 2016. The average remaining term of the contracts is approximately 18 years. Product sales backlog was $24.9 million. In fiscal 2016, the company signed three new service agreements with a total value of $21 million. Cash and cash equivalents were $118.2 million.\n",
        [
            ("backlog", ("347",), "2016-10-31"),
            ("weighted_average_remaining_term", ("18",), "2016-10-31"),
            ("contracts_signed", ("3",), "2015-03-31/2016-03-31"),
            ("signed_value", ("21",), "2015-03-31/2016-03-31"),
        ],
    ),
    "renewals": (
        "For the fiscal year ended March 31, 2012, 74% of the expiring contracts were renewed. The gross retention was 83% and net retention 91%. The ten largest customers accounted for 41% of the backlog as of March 31, 2012. Service book-to-bill was 1.4. The renewal rate improved.\n",
        [
            ("renewal_rate_count", ("74",), "2011-03-31/2012-03-31"),
            ("gross_retention", ("83",), "2011-03-31/2012-03-31"),
            ("net_retention", ("91",), "2011-03-31/2012-03-31"),
            ("concentration_top_10", ("41",), "2012-03-31"),
            ("book_to_bill", ("1.4",), "2011-03-31/2012-03-31"),
        ],
    ),
    "coverage b": (
        "At March 31, 2010 the coverage rate of the C200 and C1000 Series was 42%, compared with 39% at November 30, 2009. Attachment rate for units commissioned in the quarter ended March 31, 2010 was 55%. A total of 640 machines were under service contracts, of which 210 in Europe.\n",
        [
            ("coverage_rate", ("42",), "2010-03-31"),
            ("coverage_rate", ("39",), "2009-11-30"),
            ("attach_rate", ("55",), "2009-12-31/2010-03-31"),
            ("units_under_contract", ("640",), "2010-03-31"),
        ],
    ),
    "terms b": (
        "FPP agreements have terms of up to 15 years and are typically invoiced quarterly in advance. The majority of terms are between five and nine years. Customers pay a fixed annual fee. As of December 31, 2011 there were 268 service agreements in force with an annualized contract value of $4.9 million.\n",
        [
            ("contract_term", ("15",), None),
            ("share_quarterly_in_advance", ("50",), None),
            ("contract_term", ("5", "9"), None),
            ("contracts_in_force", ("268",), "2011-12-31"),
            ("acv", ("4.9",), "2011-12-31"),
        ],
    ),
    "boilerplate": (
        "About Capstone\nCapstone Turbine Corporation (www.capstoneturbine.com) (Nasdaq: CPST) is the world's leading producer of low-emission microturbine systems. Capstone has shipped more than 8,600 systems to customers in 73 countries since 1998. In 2018 customers saved an estimated $253 million in annual energy costs and 350,000 tons of carbon. Headquartered at 16640 Stagg Street, Van Nuys, CA 91406; tel. 818-734-5300. Section 21E of the Securities Exchange Act of 1934.\n",
        [
            ("shipped", ("8,600",), None),
        ],
    ),
    "rolls": (
        "Civil Aerospace: long-term service agreement (LTSA) balance rose. Over 90% of the Trent fleet is covered by TotalCare. LTSA backlog was GBP 62.5bn at 30 June 2024 (31 December 2023: GBP 60.3bn). Services revenue up 17%. The average contract length is 12 years.\n",
        [
            ("backlog", ("62.5",), "2024-06-30"),
            ("backlog", ("60.3",), "2023-12-31"),
            ("coverage_rate", ("90",), None),
        ],
    ),
    "lifts germany": (
        "Berlin, den 5. Mai 2024. Maintenance revenue for the first quarter of fiscal 2024 amounted to € 45.3 million (prior year: € 41.0 million). Service backlog increased by EUR 12 million to EUR 312 million at March 31, 2024. 12,5 % of sales came from modernization.\n",
        [
            ("revenue", ("45.3",), "2023-03-31/2023-06-30"),
            ("backlog", ("312",), "2024-03-31"),
        ],
    ),
    "annual letter": (
        "Dear shareholders, fiscal 2011 was a record year. Our FPP backlog grew 38% to approximately $31 million at March 31, 2011, from $22.5 million a year earlier. We ended the year with nearly 800 microturbines under long-term service agreements. Total revenue was $81.9 million, up 33%. We shipped 611 units during the year.\n",
        [
            ("growth", ("38",), "2010-03-31/2011-03-31"),
            ("backlog", ("31",), "2011-03-31"),
            ("backlog", ("22.5",), "2010-03-31"),
            ("units_under_contract", ("800",), "2011-03-31"),
        ],
    ),
    "german wind": (
        "Hamburg, 28 February 2023 - At year-end 2022, the service order backlog came to EUR 3.3 billion (31 December 2021: EUR 3.0 billion). Service sales totalled EUR 561 million in the year ended 31 December 2022, a rise of 19.6%. Around 13.4 GW were under service. The EBITDA margin was minus 4.5%.\n",
        [
            ("backlog", ("3.3",), "2022-12-31"),
            ("backlog", ("3.0",), "2021-12-31"),
            ("revenue", ("561",), "2021-12-31/2022-12-31"),
            ("kw_covered", ("13.4",), None),
        ],
    ),
    "uk engines": (
        "At 30 June 2025 our LTSA balance included contract liabilities of GBP 9.9bn under long-term service agreements. During the six months ended 30 June 2025, LTSA revenue amounted to GBP 2.8bn. The remaining contract term averages about 9 years. Large engine flying hours grew 8%.\n",
        [
            ("deferred_revenue", ("9.9",), "2025-06-30"),
            ("revenue", ("2.8",), "2024-12-31/2025-06-30"),
            ("weighted_average_remaining_term", ("9",), "2025-06-30"),
        ],
    ),
    "mda note": (
        "Contract balances. Deferred revenue attributable to FPP contracts represents the unearned portion of our agreements. FPP agreements are generally paid quarterly in advance with revenue recognized on a straight line basis over the contract period. Changes in deferred revenue during the year ended March 31, 2017 are as follows. FPP billings of $13.4 million exceeded FPP revenue of $13.0 million. As of March 31, 2017, deferred revenue for FPP was $3.4 million.\n",
        [
            ("share_quarterly_in_advance", ("50",), None),
            ("billings", ("13.4",), "2016-03-31/2017-03-31"),
            ("revenue", ("13.0",), "2016-03-31/2017-03-31"),
            ("deferred_revenue", ("3.4",), "2017-03-31"),
        ],
    ),
    "new contract": (
        'CHATSWORTH, Calif., March 2, 2011 (GLOBE NEWSWIRE) -- Capstone Turbine Corporation (Nasdaq:CPST) today announced that it has been awarded a 10-year service contract valued at more than $3 million. The customer, an oil and gas producer, will receive comprehensive maintenance for 22 C200 microturbines. "FPP adoption is at an all-time high," said the CEO. The FPP fleet now exceeds 700 units under contract.\n',
        [
            ("contract_term", ("10",), None),
            ("signed_value", ("3",), None),
            ("units_under_contract", ("700",), None),
        ],
    ),
    "table like": (
        "Key figures as of September 30, 2012\nFPP backlog: $48.1 million\nDeferred FPP revenue: $1.4 million\nMachines in operation: 6,120\nCoverage rate: 17%\n",
        [
            ("backlog", ("48.1",), "2012-09-30"),
            ("deferred_revenue", ("1.4",), "2012-09-30"),
            ("in_operation", ("6,120",), "2012-09-30"),
            ("coverage_rate", ("17",), "2012-09-30"),
        ],
    ),
    "guidance": (
        "The company expects service revenue of $20 million in fiscal 2013 and targets a coverage rate of 25%. Backlog conversion should improve. We anticipate FPP backlog to exceed $60 million by March 2014.\n",
        [],
    ),
    "buyback": (
        "The board authorized the repurchase of up to 5 million shares. Approximately 70% of our 2,300 employees work in service. Net loss was $0.05 per share on 270 million shares outstanding. Interest at 5.0% on a $15 million credit facility.\n",
        [],
    ),
    "constant currency": (
        "As at 31 March 2012, service backlog was up 16% (18% at constant currency) to EUR 40.2m from EUR 34.6m at 31 March 2011. Cash collected under service contracts in the year ended 31 March 2012 was EUR 7.9m. Net retention stood at 104%.\n",
        [
            ("growth", ("16",), "2011-03-31/2012-03-31"),
            ("constant_currency_growth", ("18",), "2011-03-31/2012-03-31"),
            ("backlog", ("40.2",), "2012-03-31"),
            ("backlog", ("34.6",), "2011-03-31"),
            ("cash", ("7.9",), "2011-03-31/2012-03-31"),
            ("net_retention", ("104",), "2011-03-31/2012-03-31"),
        ],
    ),
    "pricing": (
        "During the quarter ended June 30, 2011, we signed 14 new FPP agreements worth $4.2 million in total, with terms ranging from 2 to 15 years. The average price was $61 per kW-year as of June 30, 2011. Two of the agreements cover 9 MW.\n",
        [
            ("contracts_signed", ("14",), "2011-03-31/2011-06-30"),
            ("signed_value", ("4.2",), "2011-03-31/2011-06-30"),
            ("term_min", ("2",), None),
            ("term_max", ("15",), None),
            ("price_per_kw_year", ("61",), "2011-06-30"),
        ],
    ),
    "third reading, capstone": (
        "Capstone Reports Service Growth\nChatsworth, CA, June 9, 2010 - The company's Factory Protection Plan backlog climbed to roughly $21.4 million at the end of March 2010, versus $12.9 million a year ago, an increase of 66%. At quarter end, 612 systems were under FPP agreements and the coverage rate for the C200 and C1000 Series reached 43%. During fiscal 2010 the company signed 118 FPP contracts with a combined value of $16.2 million. Total revenue for the year was $61.6 million. Product backlog exceeded $80 million.\n",
        [
            ("backlog", ("21.4",), "2010-03-31"),
            ("backlog", ("12.9",), None),
            ("growth", ("66",), None),
            ("units_under_contract", ("612",), "2010-03-31"),
            ("coverage_rate", ("43",), "2010-03-31"),
            ("contracts_signed", ("118",), "2009-03-31/2010-03-31"),
            ("signed_value", ("16.2",), "2009-03-31/2010-03-31"),
        ],
    ),
    "third reading, wartsila": (
        "Services order intake increased by 48% to EUR 1,020 million in the second quarter of 2025. Services net sales were EUR 830 million in the quarter ended 30 June 2025. The order book amounted to EUR 8.8 billion. Long-term service agreements covered approximately 30% of the installed base at 30 June 2025. The service backlog was EUR 2.1 billion at the end of June 2025.\n",
        [
            ("revenue", ("830",), "2025-03-31/2025-06-30"),
            ("coverage_rate", ("30",), "2025-06-30"),
            ("backlog", ("2.1",), "2025-06-30"),
        ],
    ),
    "third reading, itron": (
        "Total transaction price allocated to remaining performance obligations related to service contracts is approximately $1.2 billion for the next twelve months and approximately $692 million for periods longer than 12 months, as of June 30, 2018.\n",
        [
            ("rpo_next_12_months", ("1.2",), "2018-06-30"),
            ("rpo_after_12_months", ("692",), "2018-06-30"),
        ],
    ),
    "third reading, otis": (
        "Otis ended 2024 with a maintenance portfolio of approximately 2.4 million units under maintenance contracts. Service organic sales grew 6.1%. The Company repurchased approximately $1.0 billion of shares. Adjusted EPS was $3.83.\n",
        [
            ("units_under_contract", ("2.4",), None),
        ],
    ),
    "third reading, mixed": (
        "Our fleet in operation stood at 5,140 microturbines on September 30, 2010, of which 12% were covered by FPP contracts. Contract assets under service contracts were below $0.1 million and FPP deferred revenue was more than $0.6 million. At least 95% of contracts are invoiced quarterly in advance. The five largest customers held 31% of service backlog.\n",
        [
            ("in_operation", ("5,140",), "2010-09-30"),
            ("coverage_rate", ("12",), "2010-09-30"),
            ("contract_asset", ("0.1",), "2010-09-30"),
            ("deferred_revenue", ("0.6",), "2010-09-30"),
            ("share_quarterly_in_advance", ("95",), "2010-09-30"),
            ("concentration_top_5", ("31",), "2010-09-30"),
        ],
    ),
}
"""Per text: the text, and its statements as (metric, figures, date or period; None for any)."""
