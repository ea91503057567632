"""`shenzhi registers`: every register of the box, and taking their public part into the lake (article 84)."""

from __future__ import annotations

import click


@click.group()
def registers() -> None:
    """登记簿 / The registers, and their way into the lake."""
    from shenzhi.config.start import start

    start()


@registers.command(name="list")
def listed() -> None:
    """列出全部登记簿 / List every register with its articles and its table in the lake."""
    from shenzhi.kernel.registers.catalogue import registers as every
    from shenzhi.pipeline.lake.registers import has_public

    for one in every():
        table = one.code if has_public(one) else "-"
        click.echo(f"{one.slug:<22}{table:<24}{one.article:<22}{one.title.zh} {one.title.en}")


@registers.command()
def to_lake() -> None:
    """把公开部分交送数据湖 / Take the public part of every register into the lake.

    \b
    与 shenzhi work 每小时所做相同；内容未变的不产生新版本。

    What `shenzhi work` does every hour; what has not changed makes no new version.
    """
    from shenzhi.pipeline.lake.reasons import Refused
    from shenzhi.pipeline.lake.registers import take_in_all

    try:
        taken = take_in_all()
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused
    for one in taken:
        click.echo(f"{one.source:<24}{one.rows:>10,} 行 rows  {one.sha256[:12]}")
    click.echo(f"{len(taken)} 个登记簿在数据湖中 / registers are in the lake")


COMMANDS = [registers]
