"""Statements about a book, each graded with the rows that carry it (docs/claims.md)."""
