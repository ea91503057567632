"""`shenzhi office`: brings the database up to date, fills a new office, and opens the demo accounts of a fictional one."""

from __future__ import annotations

import secrets

import click


@click.group()
def office() -> None:
    """办公室 / The office of the box: its tables, what it starts with, demo accounts."""
    from shenzhi.config.start import start

    start()


@office.command(name="open")
def open_office() -> None:
    """建立或者更新数据库并补齐基础数据 / Bring the database up to date and enter what a new office lacks.

    shenzhi run 和 shenzhi serve 启动时自动执行。 `shenzhi run` and `shenzhi serve` do it when they start."""
    from shenzhi.config.commands.serve import open_office as opened

    opened()


@office.command()
def demo() -> None:
    """开通演示账号 / Open the demo accounts, each with a new password that is printed once.

    只有虚构城市的办公室才有演示账号。 Only the office of a fictional city has any."""
    from django.db import transaction

    from shenzhi.kernel import staff
    from shenzhi.kernel.access.accounts import Account
    from shenzhi.kernel.access.roles import PLATFORM, ROLES
    from shenzhi.kernel.model_office import text_of
    from shenzhi.kernel.office import office as here

    if not here().fictional:
        raise click.ClickException(
            f"{here().title.zh}不是虚构的办公室，没有演示账号；开设账号请用 shenzhi account add\n"
            f"The office of {here().title.en} is real and has no demo accounts: open accounts with shenzhi account add"
        )
    declared = {one["username"]: one["role"] for one in text_of(here(), "names")["demo"]}
    accounts = Account.objects.filter(username__in=declared)
    if not accounts:
        raise click.ClickException(
            "演示账号尚未建立：先运行 shenzhi office open\nThere are no demo accounts yet: run shenzhi office open first"
        )
    with transaction.atomic():
        for one in accounts.order_by("id"):
            password = secrets.token_urlsafe(12)
            one.set_password(password)
            one.save(update_fields=["password"])
            staff.note(one, "password_set", by=PLATFORM)
            role = ROLES[declared[one.username]]
            click.echo(f"{one.username:<14}  {password:<18}  {role.zh} {role.en}")
    click.echo("密码只显示这一次；再次运行会换成新的。 Shown this once; running it again makes new ones.")


COMMANDS = [office]
