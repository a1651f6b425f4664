"""A headline and a paragraph written from the book, in words that the book and a reader carry.

Every number is a statement with an id and the tightest wording that both the rows and a
calculator support: exact for counts, `approximately` at three digits, and where what a reader
computes from the other printed figures would not meet that, `between` the two. What is only
scheduled says so and is written with the safe-harbour text, or not at all.
"""
