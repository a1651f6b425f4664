"""A headline and a paragraph written from the book, in words that the book and a reader carry.

Every number is a statement with an id and the tightest wording that both the rows and a
calculator support: exact for counts, `approximately` at three digits, and where what a reader
computes from the other printed figures would not meet that, `between` the two. What is only
scheduled says so and is written with the safe-harbour text, or not at all.
"""

from fpp_analysis.drafts.text import (
    Draft as Draft,
    compose as compose,
    draft as draft,
    grades as grades,
    plain as plain,
)
from fpp_analysis.drafts.writer import Facts as Facts, facts as facts
