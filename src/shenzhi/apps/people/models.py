"""Chief quality officers of enterprises, quality professionals and their training (articles 91 and 7)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from shenzhi.apps.people import procedures
from shenzhi.kernel.cases.case import Case
from shenzhi.kernel.labels import label
from shenzhi.kernel.parties.models import Organisation
from shenzhi.kernel.registers.record import Record

FIELDS = (
    ("quality", label("质量管理", "Quality management")),
    ("standards", label("标准化", "Standardisation")),
    ("testing", label("检验检测", "Inspection and testing")),
    ("certification", label("认证", "Certification")),
)
"""What quality professionals work in, as article 91 names it."""


class Officer(Case):
    """A chief quality officer: who answers in an enterprise for the quality of its products and services."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name=label("单位", "Organisation"))
    name = models.CharField(label("姓名", "Name"), max_length=80)
    phone = models.CharField(label("联系电话", "Telephone"), max_length=40)
    appointed_on = models.DateField(label("任命日期", "Appointed on"))
    training = models.CharField(label("质量培训", "Training in quality"), max_length=200, blank=True)
    duties = models.TextField(label("职责", "Duties"), blank=True)
    ended_on = models.DateField(label("卸任日期", "Ended on"), null=True, blank=True)

    class Meta:
        verbose_name = label("首席质量官", "Chief quality officer")

    class Register:
        article = "91.2"
        title = ("首席质量官", "Chief quality officers")
        note = (
            "企业任命的首席质量官，经备案后公开。",
            "Officers whom enterprises appoint to answer for quality; published once they are listed.",
        )
        prefix = "CQO"
        open = ("organisation", "name", "appointed_on", "ended_on", "district")
        shared = ("training", "duties")
        fixed = ("organisation",)
        masks = {"phone": "phone"}
        search = ("name", "organisation__name")
        filters = ("state", "district", "appointed_on")
        sections = (
            (("任命", "The appointment"), ("organisation", "appointed_on", "ended_on")),
            (("首席质量官", "The officer"), ("name", "phone")),
            (("由谁承办", "Who carries it out"), ("department", "district")),
        )
        stakes = (("member", "organisation"),)
        adds = ("member", "clerk")
        procedure = procedures.APPOINTMENT

    def clean(self) -> None:
        if self.ended_on is not None and self.ended_on < self.appointed_on:
            raise ValidationError(
                {
                    "ended_on": label(
                        "卸任日期早于任命日期：请更正其一。",
                        "The last day lies before the appointment: correct one.",
                    )
                }
            )


class Professional(Record):
    """Somebody with a qualification in quality, standards, testing or certification; entered by the employer."""

    SOURCES = (
        ("trained", label("本地培养", "Trained here")),
        ("attracted", label("引进", "Attracted from elsewhere")),
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name=label("单位", "Organisation"))
    name = models.CharField(label("姓名", "Name"), max_length=80)
    field = models.CharField(label("专业", "Field"), max_length=20, choices=FIELDS)
    qualification = models.CharField(label("职业资格或者职称", "Qualification"), max_length=120)
    certificate = models.CharField(label("证书编号", "Certificate number"), max_length=60, blank=True)
    obtained_on = models.DateField(label("取得日期", "Obtained on"))
    valid_to = models.DateField(label("有效期至", "Valid to"), null=True, blank=True)
    source = models.CharField(label("来源", "Source"), max_length=20, choices=SOURCES, default="trained")
    phone = models.CharField(label("联系电话", "Telephone"), max_length=40, blank=True)

    class Meta:
        verbose_name = label("质量人才", "Quality professional")

    class Register:
        article = "91.1"
        title = ("质量人才", "Quality professionals")
        note = (
            "质量、标准、检验检测、认证人才的资格和去向；姓名不完整公开。",
            "Professionals in quality, standards, testing and certification; their names are published masked.",
        )
        prefix = "QP"
        open = ("organisation", "name", "field", "qualification", "obtained_on", "valid_to", "source")
        masks = {"name": "name", "certificate": "all", "phone": "phone"}
        search = ("qualification", "organisation__name")
        filters = ("field", "source", "valid_to")
        sections = (
            (("人员", "The person"), ("name", "phone")),
            (
                ("资格", "The qualification"),
                ("field", "qualification", "certificate", "obtained_on", "valid_to"),
            ),
        )
        stakes = (("member", "organisation"),)
        adds = changes = ("member", "clerk")


class Course(Record):
    """A training course for quality officers and professionals, with how many took part and how many passed."""

    title = models.CharField(label("名称", "Title"), max_length=120)
    field = models.CharField(label("专业", "Field"), max_length=20, choices=FIELDS)
    provider = models.ForeignKey(Organisation, models.PROTECT, verbose_name=label("举办单位", "Provider"))
    starts_on = models.DateField(label("开始日期", "Starts on"))
    ends_on = models.DateField(label("结束日期", "Ends on"))
    hours = models.PositiveSmallIntegerField(label("学时", "Hours"))
    took_part = models.PositiveIntegerField(label("参加人数", "Took part"), null=True, blank=True)
    passed = models.PositiveIntegerField(label("合格人数", "Passed"), null=True, blank=True)

    class Meta:
        verbose_name = label("质量培训", "Course")

    class Register:
        article = "91.1, 7.4"
        title = ("质量培训", "Courses in quality")
        note = (
            "面向首席质量官和质量人才的培训及其结果。",
            "Training for chief quality officers and professionals, and its results.",
        )
        prefix = "QC"
        open = ("title", "field", "provider", "starts_on", "ends_on", "hours", "took_part", "passed")
        label = "title"
        search = ("title", "provider__name")
        filters = ("field", "starts_on")
        order = ("-starts_on", "-id")
        sections = (
            (("培训", "The course"), ("title", "field")),
            (("时间", "When it is held"), ("starts_on", "ends_on", "hours")),
            (("结果", "What came of it"), ("took_part", "passed")),
        )
        stakes = (("member", "provider"),)
        adds = changes = ("member", "clerk")

    def clean(self) -> None:
        faults = {}
        if self.ends_on < self.starts_on:
            faults["ends_on"] = label(
                "结束日期早于开始日期：请更正其一。", "It ends before it starts: correct one of the days."
            )
        if self.passed is not None and self.passed > (self.took_part or 0):
            faults["passed"] = label(
                "合格人数多于参加人数：请核对。", "More passed than took part: compare both numbers."
            )
        if faults:
            raise ValidationError(faults)
