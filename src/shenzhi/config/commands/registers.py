"""`shenzhi registers`: every register, their public part into the lake (article 84), and erasing personal data (88)."""

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


@registers.command()
@click.argument("register")
@click.argument("number")
@click.option(
    "--reason", required=True, help="法律依据和理由，写入历史 / legal ground and reason, kept in history"
)
@click.option("--yes", is_flag=True, help="不再询问 / do not ask again")
def erase(register: str, number: str, reason: str, yes: bool) -> None:
    """永久删除一条记录的个人信息 / Erase the personal data of one record for ever.

    \b
    例：shenzhi registers erase officers CQO-0000042-X --reason "个人信息保护法第四十七条"
    删除现在登记的和历史中的个人信息，不可恢复；历史写明依据，仍可核对。附件和此前的备份不在其内。

    Erases what is recorded now and every earlier value in history; nothing brings it back. History says on which ground,
    and can still be verified. Files and backups made before are not touched.
    """
    from shenzhi.kernel.access.roles import PLATFORM
    from shenzhi.kernel.registers.catalogue import register_named, serial
    from shenzhi.kernel.registers.erasing import erase as carry_out
    from shenzhi.kernel.registers.writing import Refused

    known = register_named(register)
    key = serial(known, number) if known else None
    record = known.model._base_manager.filter(pk=key).first() if known and key is not None else None
    if known is None or record is None:
        raise click.ClickException(
            f"没有 {register} {number}：shenzhi registers list 列出登记簿，编号见记录页面 / "
            f"there is no {register} {number}: shenzhi registers list names the registers, a record's page its number"
        )
    if not known.personal:
        raise click.ClickException(
            f"《{known.title.zh}》没有个人信息 / {known.title.en} holds no personal data"
        )
    fields = [known.fields[name].title for name in known.personal]
    click.echo(f"将删除 / What goes: {'、'.join(f'{one.zh} {one.en}' for one in fields)} ({record.number})")
    if not yes:
        click.confirm("永久删除，不可恢复。继续？ / Erased for ever. Go on?", abort=True)
    try:
        carry_out(record, by=PLATFORM, ground=reason)
    except Refused as why:
        raise click.ClickException(f"{why.why.zh} / {why.why.en}") from why
    click.echo(f"已删除 {record.number} 的个人信息 / the personal data of {record.number} are erased")


COMMANDS = [registers]
