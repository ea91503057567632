"""Accounts of people, the roles they hold and where, and the keys of their programs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from shenzhi.kernel.access.roles import FOLLOWING, PUBLIC, ROLES, Grant, Reader
from shenzhi.kernel.labels import label


class Accounts(BaseUserManager["Account"]):
    """Makes accounts; a user name is kept in small letters, so that no two differ by case alone."""

    def create_user(self, username: str, password: str | None = None, **more: Any) -> Account:
        account = self.model(username=self.model.normalize_username(username), **more)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(username=self.model.normalize_username(username or ""))


# Letters of any script, digits and a few signs: nothing that could break a line of a log or hide in a list.
PLAIN_NAME = RegexValidator(
    r"\A[\w.@+-]+\Z",
    label("登录名只能含文字、数字和 . _ @ + -。", "A user name has letters, digits and . _ @ + - only."),
)


class Account(AbstractBaseUser):
    """A person who signs in; what the person may do is in the memberships, never here."""

    username = models.CharField(
        label("登录名", "User name"),
        max_length=80,
        unique=True,
        validators=[PLAIN_NAME],
        error_messages={
            "unique": label("这个登录名已被使用，请换一个。", "This user name is taken: choose another.")
        },
    )
    name = models.CharField(label("姓名", "Name"), max_length=80, blank=True)
    email = models.EmailField(label("电子邮箱", "E-mail"), blank=True)
    language = models.CharField(label("语言", "Language"), max_length=7, default="zh-hans")
    is_active = models.BooleanField(label("启用", "Active"), default=True)
    prepared = models.BooleanField(
        label("由管理员开设", "Opened by an administrator"),
        default=False,
        help_text=label(
            "只有管理员开设的账号才能通过统一身份认证登录。",
            "Only an account that an administrator opened can be signed in to by single sign-on.",
        ),
    )
    date_joined = models.DateTimeField(label("注册时间", "Joined"), default=timezone.now, editable=False)

    objects = Accounts()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        verbose_name = label("账号", "Account")

    def __str__(self) -> str:
        return self.name or self.username

    @classmethod
    def normalize_username(cls, username: str) -> str:
        return str(super().normalize_username(username)).lower()


class Membership(models.Model):
    """One role of one account from one day to another; without department or district it counts in all of them."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(
        label("角色", "Role"),
        max_length=20,
        choices=[(code, label(words.zh, words.en)) for code, words in ROLES.items() if code not in FOLLOWING],
    )
    department = models.ForeignKey("kernel.Department", null=True, blank=True, on_delete=models.PROTECT)
    district = models.ForeignKey("kernel.District", null=True, blank=True, on_delete=models.PROTECT)
    organisation = models.ForeignKey("kernel.Organisation", null=True, blank=True, on_delete=models.PROTECT)
    valid_from = models.DateField(label("自", "From"), default=timezone.localdate)
    valid_to = models.DateField(label("至", "To"), null=True, blank=True)

    class Meta:
        verbose_name = label("任职", "Membership")

    def __str__(self) -> str:
        return f"{self.account}: {ROLES[self.role]}"


class ApiKey(models.Model):
    """A key with which a program acts for an account; only a hash of it is kept, so nobody can read it again."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="api_keys")
    title = models.CharField(label("用途", "Purpose"), max_length=120)
    prefix = models.CharField(max_length=12, unique=True)
    hashed = models.CharField(max_length=64)
    registers = models.JSONField(label("可用的登记簿", "Registers"), default=list, blank=True)
    may_write = models.BooleanField(label("可写", "May write"), default=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_on = models.DateField(label("有效期至", "Expires on"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = label("接口密钥", "API key")

    def __str__(self) -> str:
        return f"{self.prefix}… {self.title}"


def held_on(account: Account, day: dt.date) -> models.QuerySet[Membership]:
    """The roles that the account holds on a day, in the order in which they were given."""
    held = account.memberships.filter(valid_from__lte=day)
    return held.filter(models.Q(valid_to=None) | models.Q(valid_to__gte=day)).order_by("id")


def reader_of(account: Any) -> Reader:
    """The reader that an account of the session is today; the public where nobody has signed in."""
    if not isinstance(account, Account) or not account.is_active:
        return PUBLIC
    grants = tuple(
        Grant(
            one.role,
            one.department_id,
            one.district_id,
            one.organisation_id,
            one.department.code if one.department else "",
        )
        for one in held_on(account, timezone.localdate()).select_related("department")
    )
    return Reader(account.pk, str(account), grants)
