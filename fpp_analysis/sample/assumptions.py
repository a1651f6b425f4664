"""What the synthetic book assumes, in one place; every figure here is invented.

Two kinds of numbers are not: the shipments that the company has published (marked so), and
those chosen so that the book repeats the release of 1 December 2009. docs: data/README.md.
"""

from __future__ import annotations

from fpp_analysis.fiscal import to_day
from fpp_analysis.sample.draws import Knots

CONTRACTS, MACHINES, SEED = 372, 6_801, 17_176

LAUNCH = to_day("2007-12-03")
RELEASE = to_day("2009-12-01")
RELEASED = to_day("2009-11-30")  # the day that the release's figures are of
CUT_OFF = to_day("2012-03-31")

# machines shipped by fiscal quarter, from FY2000Q1; published: 89 in FY2009Q1, all of FY2010
# (499) and FY2011 (611; 174 in Q2 and 171 in Q3). Their sum is MACHINES.
FIRST_QUARTER = to_day("1999-04-01")
SHIPMENTS = (
    (8, 12, 16, 24),
    (140, 210, 270, 280),
    (230, 200, 175, 155),
    (140, 130, 125, 125),
    (105, 105, 108, 112),
    (105, 108, 110, 117),
    (118, 120, 122, 130),
    (116, 118, 120, 126),
    (118, 120, 122, 130),
    (89, 118, 132, 142),
    (80, 138, 122, 159),
    (118, 174, 171, 148),
    (150, 160, 162, 168),
)

MODELS = ("C30", "C65", "C200", "C600", "C800", "C1000")
RATED_KW = (30, 65, 200, 600, 800, 1_000)
MODULES = (1, 1, 1, 3, 4, 5)
SERIES = ("C30", "C65", "C200", "C1000 Series", "C1000 Series", "C1000 Series")
LARGE = (False, False, True, True, True, True)
# from a fiscal quarter (counted from FY2000Q1) on: weights of the models shipped
MODEL_MIX = (
    (0, (72, 28, 0, 0, 0, 0)),
    (28, (45, 55, 0, 0, 0, 0)),
    (37, (360, 580, 55, 1, 1, 3)),
    (38, (340, 540, 100, 5, 5, 10)),
    (39, (330, 510, 130, 7, 8, 15)),
    (40, (310, 500, 150, 10, 10, 20)),
    (44, (290, 500, 140, 18, 17, 35)),
    (48, (270, 500, 145, 21, 19, 45)),
)
NEW_SITE = (290, 290, 560, 850, 850, 900)  # per thousand machines: one begins another site
SITES_PER_CONTRACT = 1.25  # at least, also where the fleet is small

# days from shipment to commissioning; sites that keep their machines in store
COMMISSIONING: Knots = ((0, 25), (0.3, 55), (0.7, 120), (0.93, 280), (1, 700))
STORED = 0.035
RETIRES, RETIRES_COVERED = 0.38, 0.06  # of machines shipped before FY2006
RETIREMENT_YEARS: Knots = ((0, 3.5), (0.5, 7), (1, 12))

REGIONS = (
    ("North America", 40, (("US", 84), ("CA", 9), ("MX", 7))),
    ("Europe", 34, (("DE", 26), ("IT", 20), ("GB", 18), ("FR", 10), ("AT", 8), ("NL", 8),
                    ("CZ", 6), ("ES", 4))),
    ("Asia Pacific", 13, (("JP", 46), ("AU", 24), ("KR", 18), ("NZ", 12))),
    ("Russia and CIS", 6, (("RU", 82), ("KZ", 18))),
    ("Latin America", 4, (("CO", 45), ("BR", 35), ("EC", 20))),
    ("Middle East and Africa", 3, (("AE", 40), ("ZA", 35), ("OM", 25))),
)  # fmt: skip
VERTICALS = (
    ("CHP", 36), ("oil and gas", 24), ("renewable", 19), ("industrial", 13),
    ("critical power", 8),
)  # fmt: skip
TIERS = (("Standard", 30, 0.88), ("Plus", 34, 0.97), ("Premium", 24, 1.07),
         ("Comprehensive", 12, 1.2))  # fmt: skip
CUSTOMERS_PER_SITE = 0.55

# how willing a site is to sign: large machines commissioned by a day and after it, small ones
# since the launch, older small ones
WILLING = (0.8, 0.58, 0.29, 0.23)
EARLY = to_day("2010-06-30")
OLD_BEFORE = to_day("2007-10-01")
# days from commissioning to signature of a new site; an old one signs along this calendar
SIGNS_AFTER: Knots = ((0, -210), (0.35, -75), (0.7, 10), (0.9, 120), (1, 420))
OLD_SIGNS: Knots = (
    (0, to_day("2007-12-03")), (0.14, to_day("2008-06-30")), (0.32, to_day("2009-01-31")),
    (0.64, to_day("2009-11-30")), (0.85, to_day("2010-12-31")), (1, to_day("2012-03-30")),
)  # fmt: skip

# months of cover and their weights: small machines, large machines
TERMS = (12, 18, 24, 36, 48, 60, 66, 72, 84, 96, 108, 120, 144, 180)
TERM_WEIGHTS = (
    (8, 2, 6, 6, 4, 22, 2, 9, 18, 9, 7, 5, 2, 1),
    (2, 0, 2, 4, 4, 18, 1, 9, 21, 12, 12, 11, 3, 1),
)
# US dollars per kW and year of each model at price level 1, and the price level by signature
PRICES = (104.0, 82.0, 69.0, 65.0, 63.0, 60.0)
PRICE_LEVEL: Knots = (
    (to_day("2007-12-01"), 1.026), (to_day("2009-05-31"), 1.026),
    (to_day("2009-07-15"), 1.078), (to_day("2012-03-31"), 1.098),
)  # fmt: skip
PRICE_SPREAD: Knots = ((0, 0.8), (0.25, 0.94), (0.75, 1.06), (1, 1.22))
ESCALATORS = ((0, 62), (150, 6), (200, 14), (250, 10), (300, 8))  # ten-thousandths, weight

# only contracts up to a value are billed less often than quarterly
LARGEST = {"semiannual": 120_000, "annual": 250_000, "upfront": 40_000}
FREQUENCIES = (("quarterly", 940), ("monthly", 16), ("semiannual", 6), ("annual", 24),
               ("upfront", 14))  # fmt: skip
ARREARS = 0.012
LEADS = ((30, 34), (35, 54), (31, 6), (33, 6))
PAYMENT = ((30, 58), (45, 27), (60, 15))
NOTICE = ((0, 88), (90, 8), (180, 4))  # 0: the customer may not leave
RECORDED: Knots = ((0, 0), (0.68, 0), (0.9, 8), (0.98, 30), (1, 80))  # days after signature

# the currency of a contract by country, and how many of those contracts are in it
EURO_COUNTRIES = ("DE", "IT", "FR", "AT", "NL", "ES")
IN_EURO, IN_POUND, IN_YEN = 0.5, 0.7, 0.8
YEN_SINCE = to_day("2010-04-01")  # first contracts of Japanese sites from then on are in yen
RATES = {
    "EUR": (("2007-11", 1.46), ("2008-07", 1.56), ("2008-11", 1.28), ("2009-05", 1.40),
            ("2009-11", 1.49), ("2010-06", 1.23), ("2011-04", 1.45), ("2012-03", 1.33)),
    "GBP": (("2007-11", 2.04), ("2008-07", 1.97), ("2009-01", 1.45), ("2009-11", 1.64),
            ("2010-05", 1.46), ("2011-04", 1.65), ("2012-03", 1.59)),
    "JPY": (("2007-11", 0.0090), ("2009-01", 0.0111), ("2010-05", 0.0109), ("2011-10", 0.0130),
            ("2012-03", 0.0121)),
}  # fmt: skip

TERMINATED = 0.09
TERMINATION_AGE: Knots = ((0, 150), (0.5, 480), (1, 1_150))  # days of cover before it
TERMINATION_NOTICE: Knots = ((0, 15), (0.7, 60), (1, 120))
TERMINATION_REASONS = (
    ("site closed", 30), ("customer insolvent", 22), ("machines sold", 20),
    ("serviced by own staff", 18), ("machines replaced", 10),
)  # fmt: skip
REPRICED = 0.11
REPRICING_AGE: Knots = ((0, 200), (0.5, 480), (1, 1_000))
REPRICING_RATE: Knots = ((0, -0.1), (0.3, 0.02), (0.8, 0.08), (1, 0.16))
EXTENDED = 0.24  # of contracts whose end of cover is in sight
EXTENSION_MONTHS = ((12, 55), (24, 30), (36, 15))
RENEWED = 0.8
RENEWAL_LEAD: Knots = ((0, -50), (0.15, 0), (0.6, 45), (1, 110))  # days before the end
# days from the end of a contract to the start of its renewal: most follow at once
RENEWAL_GAP: Knots = ((0, -20), (0.06, 0), (0.7, 0), (0.9, 30), (1, 95))
RENEWAL_PRICE: Knots = ((0, 0.9), (0.3, 0.98), (0.8, 1.05), (1, 1.12))
GENERATIONS = 3
# how contracts and extensions are written, from the day after the release on
ENDS_IN_DAYS = 0.05  # a last day that is no whole number of months
BY_LAST_DAY = 0.18  # the last day of cover in place of the months
BY_ANNUAL_FEE = 0.22  # the fee of a year in place of the whole
EXTENDED_TO = 0.35  # extensions to a last day
REMOVED = 0.5  # of terminations after an insolvency: collection is no longer probable
AGREED_EARLIER = 0.4  # machines that join later, agreed a while before they are covered
LATE_MACHINES = 0.06
ADDED_LATER, LEFT_EARLY = 0.03, 0.012  # machines of a contract with dates of their own

# the two contracts that the release announces
ANNOUNCED = (
    ("2009-11-18", "2010-02-15", "DE", 907_500),
    ("2009-11-25", "2010-04-01", "IT", 889_800),
)
ANNOUNCED_MONTHS = 180
# of what was signed by the release's date, one contract and one amendment came in later
LATE_CONTRACT, LATE_AMENDMENT = to_day("2009-12-14"), to_day("2009-12-09")
