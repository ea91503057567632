"""Opens accounts and says who works here as what, from when to when; every change is an event in history (article 8).

An account's history stands under the register code `access`, its record is the account's key. Duties are kept apart:
no administrator gives a role to himself, and the last administrator cannot be shut out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from shenzhi.kernel.access import keys
from shenzhi.kernel.access.accounts import Account, ApiKey, Membership, held_on
from shenzhi.kernel.access.roles import ADMINISTERS, FOLLOWING, ROLES, Reader
from shenzhi.kernel.history.events import Draft, Event, append, events_of, now
from shenzhi.kernel.parties.models import Department, District, Organisation
from shenzhi.kernel.registers.faults import words_for
from shenzhi.kernel.registers.writing import Invalid, NotAllowed, Refused, plain
from shenzhi.kernel.words import Words

ACCESS = "access"
PERSONAL = ("name", "email")

GIVEN = tuple(role for role in ROLES if role not in FOLLOWING)
"""The roles that somebody must give; everybody is of the public, and every account may apply."""

NEEDS = {
    "member": "organisation",
    "clerk": "department",
    "reviewer": "department",
    "head": "department",
    "district": "district",
}
"""Where a role must count: a handler without a department would reach the records of all of them."""

PLACES = {
    "organisation": Words("单位", "organisation"),
    "department": Words("部门", "department"),
    "district": Words("区", "district"),
}

ACTS: dict[str, Words] = {
    "opened": Words("开设账号", "Account opened"),
    "signed_up": Words("自行注册", "Signed up"),
    "given": Words("授予角色", "Role given"),
    "ended": Words("终止角色", "Role ended"),
    "closed": Words("停用账号", "Account closed"),
    "reopened": Words("恢复账号", "Account reopened"),
    "changed": Words("修改资料", "Details changed"),
    "password_link": Words("生成设置密码链接", "Password link made"),
    "password_set": Words("重新生成密码", "Password made anew"),
    "factor_removed": Words("解除动态口令", "Second factor removed"),
    "key_made": Words("生成接口密钥", "API key made"),
    "key_revoked": Words("撤销接口密钥", "API key revoked"),
    "sso_joined": Words("关联统一身份认证", "Joined to single sign-on"),
}


def may_administer(by: Reader) -> bool:
    """Whether the reader opens accounts and gives roles; a program with a key never does."""
    return by.is_system or (by.key is None and bool(by.roles() & {*ADMINISTERS}))


@transaction.atomic
def open_account(
    username: str,
    *,
    by: Reader,
    name: str = "",
    email: str = "",
    language: str = "zh-hans",
    password: str | None = None,
) -> Account:
    """A new account, prepared for single sign-on; without a password nobody can sign in to it with one.

    NotAllowed, or Invalid with the faults of each field."""
    _administers(by)
    username = Account.normalize_username(username.strip())
    account = Account(
        username=username, name=name.strip(), email=email.strip(), language=language, prepared=True
    )
    account.set_password(password)
    try:
        account.full_clean()
    except ValidationError as error:
        raise Invalid(words_for(None, error)) from error
    account.save()
    note(account, "opened", by=by, after={"username": username, "name": account.name, "email": account.email})
    return account


@transaction.atomic
def give(
    account: Account,
    role: str,
    *,
    by: Reader,
    department: Department | None = None,
    district: District | None = None,
    organisation: Organisation | None = None,
    valid_from: dt.date | None = None,
    valid_to: dt.date | None = None,
) -> Membership:
    """Give a role, which counts in the places named and from one day to another (both included).

    Administrators give every role, to others only; a member of an organisation brings others into that organisation.
    NotAllowed, or Invalid with the field at fault."""
    if not (
        role == "member"
        and organisation is not None
        and organisation.pk in by.organisations()
        and by.key is None
    ):
        _administers(by)
    if by.account == account.pk:
        raise NotAllowed(
            Words(
                "不能给自己授予角色：请另一位管理员办理。",
                "Nobody gives a role to himself: ask another administrator.",
            )
        )
    if role not in GIVEN:
        raise Invalid({"role": [Words("请选择一个角色。", "Choose a role.")]})
    start = valid_from or timezone.localdate()
    where = {"department": department, "district": district, "organisation": organisation}
    if (needed := NEEDS.get(role, "")) and where[needed] is None:
        zh, en = ROLES[role].zh, ROLES[role].en
        place = PLACES[needed]
        raise Invalid(
            {needed: [Words(f"{zh}须指明{place.zh}。", f"{en}: name the {place.en} in which it counts.")]}
        )
    if valid_to is not None and valid_to < start:
        raise Invalid({"valid_to": [Words("截止日期早于起始日期。", "The last day lies before the first.")]})
    made = Membership.objects.create(account=account, role=role, valid_from=start, valid_to=valid_to, **where)
    note(account, "given", by=by, after=_told(made))
    return made


@transaction.atomic
def end(membership: Membership, *, by: Reader) -> Membership:
    """End a role at once: yesterday was its last day, whenever it was to end. NotAllowed, or Refused for the last administrator."""
    held = Membership.objects.select_for_update().get(pk=membership.pk)
    own = held.role == "member" and held.organisation_id in by.organisations() and by.key is None
    if not own:
        _administers(by)
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    if held.valid_to is not None and held.valid_to <= yesterday:
        return held
    _another_administrator_stays(held.account, without=held)
    before = _told(held)
    held.valid_to = yesterday
    held.save(update_fields=["valid_to"])
    note(held.account, "ended", by=by, before=before, after=_told(held))
    return held


@transaction.atomic
def close(account: Account, *, by: Reader) -> None:
    """Close an account: its sessions and keys open nothing from the next request on. What it did stays in history."""
    _administers(by)
    if by.account == account.pk:
        raise NotAllowed(
            Words(
                "不能停用自己的账号：请另一位管理员办理。",
                "Nobody closes his own account: ask another administrator.",
            )
        )
    _another_administrator_stays(account)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    note(account, "closed", by=by)


@transaction.atomic
def reopen(account: Account, *, by: Reader) -> None:
    _administers(by)
    Account.objects.filter(pk=account.pk).update(is_active=True)
    note(account, "reopened", by=by)


@transaction.atomic
def make_key(
    account: Account,
    title: str,
    *,
    by: Reader,
    registers: Collection[str],
    may_write: bool,
    expires_on: dt.date,
) -> tuple[ApiKey, str]:
    """A key of one's own account with its text, which is shown once. NotAllowed, or Invalid with the fields at fault."""
    if by.account != account.pk or by.key is not None:
        raise NotAllowed(
            Words("密钥只能由账号本人生成。", "A key is made by the person of the account alone.")
        )
    today = timezone.localdate()
    faults: dict[str, list[Words]] = {}
    if not title.strip():
        faults["title"] = [Words("请写明用途。", "Say what the key is for.")]
    if not registers:
        faults["registers"] = [Words("请至少选择一个登记簿。", "Choose at least one register.")]
    if not today <= expires_on <= today + dt.timedelta(days=keys.LONGEST_DAYS):
        faults["expires_on"] = [
            Words("有效期须在今天起一年之内。", "The last day must lie within a year from today.")
        ]
    if faults:
        raise Invalid(faults)
    key, text = keys.make(
        account, title.strip(), registers=registers, may_write=may_write, expires_on=expires_on
    )
    told = {
        "prefix": key.prefix,
        "registers": key.registers,
        "may_write": may_write,
        "expires_on": str(expires_on),
    }
    note(account, "key_made", by=by, after=told)
    return key, text


@transaction.atomic
def revoke_key(key: ApiKey, *, by: Reader) -> None:
    """Revoke a key at once: by the person of its account, or by an administrator."""
    if by.account != key.account_id:
        _administers(by)
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now()):
        note(key.account, "key_revoked", by=by, after={"prefix": key.prefix})


@transaction.atomic
def change_details(account: Account, *, by: Reader, name: str, email: str, language: str) -> bool:
    """Change what the person may change about the own account; says whether the e-mail address is another now."""
    if by.account != account.pk or by.key is not None:
        _administers(by)
    held = Account.objects.select_for_update().get(pk=account.pk)
    fields = {"name": name.strip(), "email": email.strip(), "language": language}
    before = {field: getattr(held, field) for field in fields if getattr(held, field) != fields[field]}
    if before:
        Account.objects.filter(pk=account.pk).update(**fields)
        note(account, "changed", by=by, before=before, after={field: fields[field] for field in before})
    return "email" in before


@transaction.atomic
def note(
    account: Account,
    act: str,
    *,
    by: Reader,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Event:
    """Add an event to an account's history, versions 1, 2, 3 ...; name and e-mail in it are sealed."""
    Account.objects.select_for_update().get(
        pk=account.pk
    )  # the next version is worked out by one writer at a time
    last = history_of_account(account).aggregate(last=models.Max("version"))["last"] or 0
    told = {side: dict(said) for side, said in (("before", before), ("after", after)) if said}
    return append([Draft(ACCESS, account.pk, last + 1, act, by, now(), told=told, personal=PERSONAL)])[0]


def history_of_account(account: Account) -> models.QuerySet[Event]:
    return events_of(ACCESS, account.pk)


def accounts_found(text: str) -> models.QuerySet[Account]:
    """Accounts whose user name or name holds the text, by user name; all of them for none."""
    found = Account.objects.order_by("username")
    if text:
        found = found.filter(models.Q(username__icontains=text) | models.Q(name__icontains=text))
    return found


def _told(one: Membership) -> dict[str, Any]:
    where = {place: getattr(one, f"{place}_id") for place in PLACES}
    days = {"valid_from": plain(one.valid_from), "valid_to": plain(one.valid_to)}
    return {
        "membership": one.pk,
        "role": one.role,
        **{k: v for k, v in {**where, **days}.items() if v is not None},
    }


def _administers(by: Reader) -> None:
    if not may_administer(by):
        raise NotAllowed(
            Words("只有系统管理员可以管理账号。", "Only administrators manage accounts: ask one of yours.")
        )


def _another_administrator_stays(account: Account, without: Membership | None = None) -> None:
    """Refused where nobody would be left to administer: the office could not let anybody in again."""
    today = timezone.localdate()
    active = Membership.objects.filter(role__in=ADMINISTERS, account__is_active=True, valid_from__lte=today)
    active = active.filter(models.Q(valid_to=None) | models.Q(valid_to__gte=today))
    losing = [one for one in _now(account, today) if without is None or one.pk == without.pk]
    if losing and not active.exclude(pk__in=[one.pk for one in losing]).exists():
        raise Refused(
            Words(
                "这是最后一位系统管理员：先授予另一人这一角色，再办理此步。",
                "This is the last administrator: give the role to somebody else first.",
            )
        )


def _now(account: Account, today: dt.date) -> Iterable[Membership]:
    return held_on(account, today).filter(role__in=ADMINISTERS) if account.is_active else ()
