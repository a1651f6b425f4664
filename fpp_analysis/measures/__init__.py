"""Measures: a `Book` in, a tidy frame out. One module per subject of the handbook."""
