"""`fpp sample`: write the synthetic book, or one of any size."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    epilog="Example: fpp sample --contracts 1000000 --machines 4000000 --seed 1 --out big"
)
@click.option(
    "--out",
    default="sample",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write.",
)
@click.option("--contracts", type=int, help="How many contracts; default: the shipped book's.")
@click.option("--machines", type=int, help="How many machines; default: in proportion.")
@click.option("--seed", type=int, help="Another seed gives another book.")
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
