"""Whom registers speak of: departments and districts as rows, organisations by their unified social credit code, persons."""

from __future__ import annotations

from django.db import models

from shenzhi.calc.codes import regions, uscc
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.labels import label
from shenzhi.kernel.registers.record import Record

ADMINISTRATORS = ("administrator",)


class District(Record):
    """An area with an office of its own; from one day to another, since districts are founded and merged."""

    code = models.CharField(label("区划代码", "Code"), max_length=12, unique=True)
    name = models.CharField(label("名称", "Name"), max_length=60)
    name_en = models.CharField(label("英文名称", "Name in English"), max_length=80, blank=True)
    valid_from = models.DateField(label("设立日期", "Valid from"), null=True, blank=True)
    valid_to = models.DateField(label("撤销日期", "Valid to"), null=True, blank=True)

    class Meta:
        verbose_name = label("区", "District")

    class Register:
        article = "8"
        title = ("区划", "Districts")
        note = ("各区及功能区，用于划分经办范围。", "The areas within which officers carry registers out.")
        prefix = "DS"
        open = ("code", "name", "name_en", "valid_from", "valid_to")
        fixed = ("code",)  # grants and seeds know a district and a department by its code
        search = ("name", "name_en")
        filters = ("valid_to",)
        adds = changes = ADMINISTRATORS


class Department(Record):
    """A department of the city or of a district."""

    code = models.SlugField(label("代码", "Code"), max_length=40, unique=True)
    name = models.CharField(label("名称", "Name"), max_length=80)
    name_en = models.CharField(label("英文名称", "Name in English"), max_length=120, blank=True)
    district = models.ForeignKey(
        District,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        verbose_name=label("所属区", "District"),
        help_text=label("市级部门留空。", "Empty for a department of the city."),
    )
    email = models.EmailField(label("公务邮箱", "Office e-mail"), blank=True)

    class Meta:
        verbose_name = label("部门", "Department")

    class Register:
        article = "8"
        title = ("部门", "Departments")
        note = (
            "承担质量工作职责的市、区部门。",
            "The departments of city and districts with duties for quality.",
        )
        prefix = "DP"
        open = ("code", "name", "name_en", "district")
        shared = ("email",)
        fixed = ("code",)
        search = ("name", "name_en")
        filters = ("district",)
        adds = changes = ADMINISTRATORS


class Organisation(Record):
    """An enterprise, association, laboratory or public body: one credit code is one organisation, names never join two."""

    KINDS = (
        ("enterprise", label("企业", "Enterprise")),
        ("trader", label("个体工商户", "Sole trader")),
        ("association", label("社会组织", "Association")),
        ("institution", label("事业单位", "Public institution")),
        ("organ", label("机关", "State organ")),
        ("other", label("其他", "Other")),
    )
    code = models.CharField(
        label("统一社会信用代码", "Unified social credit code"), max_length=18, unique=True
    )
    name = models.CharField(label("名称", "Name"), max_length=120)
    name_en = models.CharField(label("英文名称", "Name in English"), max_length=200, blank=True)
    kind = models.CharField(label("类型", "Kind"), max_length=20, choices=KINDS, default="enterprise")
    district = models.ForeignKey(
        District, null=True, blank=True, on_delete=models.PROTECT, verbose_name=label("所在区", "District")
    )
    region = models.CharField(
        label("行政区划代码", "Region code"),
        max_length=6,
        blank=True,
        help_text=label("GB/T 2260 六位代码。", "Six digits of GB/T 2260."),
    )
    address = models.CharField(label("住所", "Address"), max_length=200, blank=True)
    phone = models.CharField(label("联系电话", "Telephone"), max_length=40, blank=True)
    ended_on = models.DateField(label("注销日期", "Ended on"), null=True, blank=True)
    codes = {"code": uscc.parse, "region": regions.parse}

    class Meta:
        verbose_name = label("单位", "Organisation")

    class Register:
        article = "3, 88"
        title = ("单位", "Organisations")
        note = (
            "质量登记所涉的单位，一个统一社会信用代码只对应一个单位。",
            "Those whom the registers speak of; one credit code is one organisation.",
        )
        prefix = "ORG"
        open = ("code", "name", "name_en", "kind", "district", "region", "ended_on")
        shared = ("address", "phone")
        masks = {"phone": "phone"}
        search = ("name", "name_en")
        filters = ("kind", "district")
        stakes = (("member", "id"),)
        department = ""


class Person(Record):
    """A natural person whom a register speaks of; only the name is ever published, and only masked."""

    name = models.CharField(label("姓名", "Name"), max_length=80)
    phone = models.CharField(label("电话", "Telephone"), max_length=40, blank=True)
    email = models.EmailField(label("电子邮箱", "E-mail"), blank=True)
    account = models.ForeignKey(
        "kernel.Account",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        verbose_name=label("账号", "Account"),
    )

    class Meta:
        verbose_name = label("人员", "Person")

    class Register:
        article = "91"
        title = ("人员", "Persons")
        note = ("登记所涉的个人，不对公众开放。", "Persons whom registers speak of; not open to the public.")
        prefix = "PE"
        masks = {"name": "name", "phone": "phone", "email": "email"}
        columns = ("name",)
        stakes = (("applicant", "account"),)


def organisations_of(reader: Reader) -> models.QuerySet[Organisation]:
    """The organisations for which the reader acts."""
    return Organisation.objects.filter(pk__in=reader.organisations())
