"""`shenzhi account`: the first administrator, and a new password for whoever cannot get in any other way."""

from __future__ import annotations

import secrets
from typing import Any

import click


@click.group()
def account() -> None:
    """账号 / Accounts: the first administrator, and new passwords."""
    from shenzhi.config.start import start

    start()


@account.command()
@click.argument("name")
@click.option("--role", default="administrator", show_default=True, help="角色 / role")
@click.option("--full-name", default="", help="姓名 / the person's name")
@click.option("--department", default="", help="部门代码 / code of a department")
@click.option("--district", default="", help="区划代码 / code of a district")
@click.option("--organisation", default="", help="统一社会信用代码 / credit code of an organisation")
def add(name: str, role: str, full_name: str, department: str, district: str, organisation: str) -> None:
    """开设账号并授予角色 / Open an account and give it a role.

    随机密码只显示一次。A random password is printed, once."""
    from django.db import transaction

    from shenzhi.kernel import staff
    from shenzhi.kernel.access.roles import PLATFORM
    from shenzhi.kernel.parties.models import Department, District, Organisation
    from shenzhi.kernel.registers.writing import Invalid, Refused

    password = secrets.token_urlsafe(15)
    try:
        with transaction.atomic():
            made = staff.open_account(name, by=PLATFORM, name=full_name, password=password)
            staff.give(
                made,
                role,
                by=PLATFORM,
                department=_found(Department, department),
                district=_found(District, district),
                organisation=_found(Organisation, organisation),
            )
    except Invalid as refused:
        faults = "\n".join(
            f"{field}: {one.zh} {one.en}" for field, all in refused.faults.items() for one in all
        )
        raise click.ClickException(faults) from refused
    except Refused as refused:
        raise click.ClickException(f"{refused.why.zh}\n{refused.why.en}") from refused
    _told(made.username, password)


@account.command()
@click.argument("name")
def password(name: str) -> None:
    """重新生成密码 / Make a new password.

    登录状态全部失效，随机密码只显示一次。Signs the person out everywhere; printed once."""
    from django.db import transaction

    from shenzhi.kernel import staff
    from shenzhi.kernel.access.accounts import Account
    from shenzhi.kernel.access.roles import PLATFORM

    one = _found(Account, name, "username")
    made = secrets.token_urlsafe(15)
    with transaction.atomic():
        one.set_password(made)
        one.save(update_fields=["password"])
        staff.note(one, "password_set", by=PLATFORM)
    _told(one.username, made)


def _found(model: Any, code: str, field: str = "code") -> Any:
    """The row with this code, None for an empty code; an error that names both where there is none."""
    if not code:
        return None
    found = model.objects.filter(**{field: code}).first()
    if found is None:
        raise click.ClickException(
            f"没有 {code} 这个代码或者名称，请核对\nthere is no {code}: check the spelling"
        )
    return found


def _told(name: str, password: str) -> None:
    click.echo(f"登录名 user name  {name}\n密码 password     {password}")
    click.echo("密码只显示这一次，请登录后修改。 It is shown this once: change it after signing in.")


COMMANDS = [account]
