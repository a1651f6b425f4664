"""`fpp sample`: write the synthetic book, or one of any size."""

from __future__ import annotations

from pathlib import Path

import click

from fpp_analysis.commands.options import asked


@asked("sample")
def command(out: Path, contracts: int | None, machines: int | None, seed: int | None) -> None:
    """Write a synthetic book as a folder of CSV files.

    Every customer, contract, machine and rate in it is invented. Without options it is the
    shipped sample, byte for byte.
    """
    from fpp_analysis import sample
    from fpp_analysis.sample.files import write_book

    n = sample.CONTRACTS if contracts is None else contracts
    m = sample.machines_for(n) if machines is None else machines
    rows = write_book(out, contracts=n, machines=m, seed=sample.SEED if seed is None else seed)
    for table, count in rows.items():
        click.echo(f"{out / (table + '.csv')}: {count:,} rows")
    click.echo("synthetic: no customer, contract, machine or rate of this book is real")
