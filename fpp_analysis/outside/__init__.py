"""What may leave the house: aggregates of the true book, each cell with who is in it.

`facts.of_book` makes them, `sheet.FactSheet` reads them; nothing that reads them knows a book.
"""
