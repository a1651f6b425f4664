"""Speed and memory on large books, against what one would write by hand: `make bench`."""
