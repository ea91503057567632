"""Quality complaints, reports of breaches, and problems in the street: the letters of the public (articles 90 and 62)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from shenzhi.apps.complaints import procedures, rules
from shenzhi.apps.complaints.letters import COUNTED_BY, HOW_TO_REACH, WHO_WROTE, WRITES, Letter
from shenzhi.apps.complaints.questions import Question  # noqa: F401 - a register too, found through this module
from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.kernel.cases.firing import file
from shenzhi.kernel.labels import label
from shenzhi.kernel.parties.models import Department, Organisation
from shenzhi.kernel.registers.record import Record


class Category(Record):
    """What a letter can be about: to whom it goes, within which limit, and what else is asked of whoever writes."""

    KINDS = (
        ("complaint", label("消费投诉", "Complaint of a consumer")),
        ("problem", label("城市问题", "Problem in the street")),
    )
    code = models.SlugField(label("代码", "Code"), max_length=40, unique=True)
    name = models.CharField(label("名称", "Name"), max_length=60)
    name_en = models.CharField(label("英文名称", "Name in English"), max_length=100)
    kind = models.CharField(label("类型", "Kind"), max_length=20, choices=KINDS)
    group = models.CharField(label("大类", "Group"), max_length=60, blank=True)
    group_en = models.CharField(label("英文大类", "Group in English"), max_length=60, blank=True)
    note = models.CharField(label("说明", "Note"), max_length=200, blank=True)
    note_en = models.CharField(label("英文说明", "Note in English"), max_length=200, blank=True)
    keywords = models.CharField(label("关键词", "Keywords"), max_length=200, blank=True)
    department = models.ForeignKey(Department, models.PROTECT, verbose_name=label("承办部门", "Department"))
    rule = models.CharField(
        label("处置期限规则", "Rule of its limit"),
        max_length=60,
        blank=True,
        help_text=label(
            "法定期限登记簿中的规则代码。", "The code of a rule in the register of legal limits."
        ),
    )
    ended_on = models.DateField(label("停用日期", "Ended on"), null=True, blank=True)

    class Meta:
        verbose_name = label("诉求类别", "Category")

    class Register:
        slug = "categories"
        article = "62.1, 90.1"
        title = ("诉求类别", "Categories of letters")
        note = (
            "投诉和城市问题的类别、承办部门和期限。",
            "What letters are about, who handles them and within which limit.",
        )
        prefix = "CAT"
        open = (
            "code",
            "name",
            "name_en",
            "kind",
            "group",
            "group_en",
            "note",
            "note_en",
            "keywords",
            "department",
            "rule",
            "ended_on",
        )
        columns = ("name", "name_en", "kind", "group", "department")
        fixed = ("code",)
        department = ""
        search = ("name", "name_en", "keywords")
        filters = ("kind", "department")
        adds = changes = ("administrator",)


class Complaint(Letter):
    """A consumer's dispute with an organisation, which the office mediates. The organisation reads what the office passes
    on (`statement`), never the letter."""

    category = models.ForeignKey(
        Category,
        models.PROTECT,
        limit_choices_to={"kind": "complaint"},
        verbose_name=label("投诉类别", "About what"),
    )
    # of a complaint both are asked, or nobody can mediate (article 9 of the measures)
    name = models.CharField(label("您的姓名", "Your name"), max_length=80)
    phone = models.CharField(
        label("您的电话", "Your telephone"),
        max_length=40,
        help_text=label(
            "用于联系您调解，不会告诉被投诉单位。", "For the mediation; the organisation is not told."
        ),
    )
    respondent = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=label("被投诉单位", "Organisation complained of"),
        help_text=label(
            "不确定时留空，填写下一项。", "If you are not sure leave it empty and fill in the next."
        ),
    )
    respondent_named = models.CharField(
        label("被投诉单位名称、地址", "Its name and address as you know them"), max_length=200, blank=True
    )
    goods = models.CharField(label("商品或者服务", "Goods or service"), max_length=120)
    paid = models.DecimalField(
        label("涉及金额（元）", "Amount (yuan)"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    happened_on = models.DateField(label("发生日期", "When it happened"), null=True, blank=True)
    violation = models.TextField(
        label("同时举报的违法行为", "A breach of law that you report as well"),
        max_length=4000,
        blank=True,
        help_text=label(
            "没有可留空；填写后另立一件举报，分别办理。",
            "Leave it empty if there is none; it becomes a case of its own.",
        ),
    )
    statement = models.TextField(
        label("转告被投诉单位的内容", "What the organisation is told"),
        max_length=4000,
        blank=True,
        help_text=label(
            "写明诉求和事实，不得出现投诉人的任何信息。",
            "Claim and facts, and nothing that tells who complains.",
        ),
    )
    response = models.TextField(
        label("被投诉单位的答复", "What the organisation answers"), max_length=4000, blank=True
    )
    remedy = models.TextField(label("调解结果", "What was agreed"), max_length=2000, blank=True)
    summary = models.TextField(label("公示内容", "What is published"), max_length=1000, blank=True)
    published = models.BooleanField(label("已公示", "Published"), default=False)
    invited = models.BooleanField(
        label("已通知被投诉单位", "Organisation told"), default=False, editable=False
    )

    class Meta(Letter.Meta):
        verbose_name = label("质量投诉", "Complaint")
        indexes = (models.Index(fields=(*COUNTED_BY, "respondent"), name="complaint_counted"),)

    class Register:
        article = "90.1, 90.2"
        title = ("质量投诉", "Complaints")
        note = (
            "消费者对商品和服务质量的投诉；投诉人的身份和来信原文不公开，也不告知被投诉单位。",
            "What consumers complain of; who complained and the letter itself are shown neither to the public nor to the organisation.",
        )
        prefix = "CP"
        open = ("category", "respondent", "goods", "summary", "outcome", "district")
        shared = ("happened_on", "paid", "satisfaction", "fixed", "reopened", "department", "handler")
        internal = ("channel",)
        masks = WHO_WROTE
        columns = ("category", "respondent", "goods", "district", "outcome", "state")
        label = "goods"
        search = ("goods", "respondent__name")
        filters = ("state", "category", "outcome", "happened_on")
        form = (
            "category",
            "respondent",
            "respondent_named",
            "goods",
            "paid",
            "happened_on",
            "district",
            "facts",
            "violation",
            *WRITES,
            "channel",
        )
        sections = (
            (("投诉谁", "Whom you complain of"), ("category", "respondent", "respondent_named")),
            (("买了什么", "What you bought"), ("goods", "paid", "happened_on", "district")),
            (("发生了什么", "What happened"), ("facts", "violation")),
            HOW_TO_REACH,
        )
        stakes = (
            ("applicant", "reporter", (), "email"),
            # it learns of a complaint when it is asked to answer, never of one that was refused, withdrawn before, or passed on
            (
                "member",
                "respondent",
                ("category", "goods", "statement", "response", "remedy", "outcome"),
                "",
                {"invited": True},
            ),
        )
        routes = "category__department"
        public = {"published": True}
        adds = ("public", "applicant", "member", "clerk")
        changes = ("clerk",)
        tracked = ("category", "goods", "outcome", "answer", "remedy")
        procedure = procedures.COMPLAINT

    def clean(self) -> None:
        faults: dict[str, Any] = {}
        if self.respondent_id is None and not self.respondent_named:
            faults["respondent_named"] = label(
                "请写明投诉哪个单位：名称，或者能找到它的地址。",
                "Say whom you complain of: a name, or an address where it can be found.",
            )
        if self._state.adding and self.happened_on and self.happened_on > timezone.localdate():
            faults["happened_on"] = label("日期在今天之后：请更正。", "That day is yet to come: correct it.")
        if self.invited and not self.statement:
            faults["statement"] = label(
                "请先写明转告被投诉单位的内容：它由此得知这件投诉。",
                "Say what the organisation is told: by this it learns of the complaint.",
            )
        if self.published and not self.invited and not self._state.adding:
            faults["summary"] = label(
                "没有受理的投诉不公示：被投诉单位从未被告知。",
                "A complaint that was never accepted is not published: the organisation was never told.",
            )
        if faults:
            raise ValidationError(faults)
        self.refuse_giving_away("statement", "summary", "goods", "remedy")

    def split(self, at: dt.datetime) -> None:
        """Open the report that stands in the same letter, once."""
        if self.violation and not Report.objects.filter(letter=self).exists():
            report = Report(
                letter=self,
                category=self.category,
                subject=self.respondent,
                subject_named=self.respondent_named,
                facts=self.violation,
                district=self.district,
                reporter=self.reporter,
                name=self.name,
                phone=self.phone,
                email=self.email,
                address=self.address,
                channel=self.channel,
            )
            file(report, by=PLATFORM, at=at)


class Report(Letter):
    """Somebody tells of a suspected breach of law. Nobody but those who check it learns that it was told at all."""

    OUTCOMES = (
        ("opened", label("已立案", "Case opened")),
        ("dropped", label("不予立案", "No case opened")),
        ("transferred", label("已移送", "Transferred")),
    )
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        limit_choices_to={"kind": "complaint"},
        verbose_name=label("举报类别", "About what"),
    )
    subject = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=label("被举报单位", "Organisation reported"),
    )
    subject_named = models.CharField(
        label("被举报单位名称、地址", "Its name and address as you know them"), max_length=200, blank=True
    )
    outcome = models.CharField(label("结果", "Outcome"), max_length=12, choices=OUTCOMES, blank=True)
    real_name = models.BooleanField(label("实名举报", "Real name given"), default=False, editable=False)
    letter = models.ForeignKey(
        Complaint,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=label("同信投诉", "Complaint of the same letter"),
    )

    class Meta(Letter.Meta):
        verbose_name = label("质量举报", "Report")
        indexes = (models.Index(fields=COUNTED_BY, name="report_counted"),)

    class Register:
        article = "90.1"
        title = ("质量举报", "Reports of breaches")
        note = (
            "对涉嫌质量违法行为的举报；举报本身和举报人的身份均保密。",
            "What people report of suspected breaches; both the report and who made it stay secret.",
        )
        prefix = "RP"
        shared = ("category", "outcome", "district", "department")
        internal = ("channel", "letter", "real_name")
        masks = WHO_WROTE
        columns = ("category", "subject", "district", "outcome", "state")
        label = "subject_named"
        filters = ("state", "category", "outcome")
        form = ("category", "subject", "subject_named", "district", "facts", *WRITES, "channel")
        sections = (
            (("举报谁", "Whom you report"), ("category", "subject", "subject_named", "district")),
            HOW_TO_REACH,
        )
        stakes = (("applicant", "reporter", (), "email"),)
        routes = "category__department"
        adds = ("public", "applicant", "member", "clerk")
        changes = ("clerk",)
        tracked = ("category", "outcome", "answer")
        procedure = procedures.REPORT

    def clean(self) -> None:
        if self.subject_id is None and not self.subject_named:
            raise ValidationError(
                {
                    "subject_named": label(
                        "请写明举报哪个单位：名称，或者能找到它的地址。",
                        "Say whom you report: a name, or an address where it can be found.",
                    )
                }
            )
        if self._state.adding:
            self.real_name = bool(self.name and self.phone)


class Problem(Letter):
    """Something in the city that is broken, dirty, loud or dangerous: told by anybody, mended by whoever is in charge."""

    category = models.ForeignKey(
        Category,
        models.PROTECT,
        limit_choices_to={"kind": "problem"},
        verbose_name=label("问题类别", "Kind of problem"),
    )
    place = models.CharField(label("地点", "Place"), max_length=200)
    latitude = models.DecimalField(
        label("纬度", "Latitude"), max_digits=8, decimal_places=6, null=True, blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text=label("度数，例如 22.543100；不知道的，经纬度都不填，写清地点即可。",
                        "In degrees, such as 22.543100. If you do not know them leave both empty: the place in words will do."),
    )  # fmt: skip
    longitude = models.DecimalField(
        label("经度", "Longitude"), max_digits=9, decimal_places=6, null=True, blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )  # fmt: skip
    answers = models.TextField(
        label("补充信息", "Further answers"), max_length=2000, blank=True,
        help_text=label("各类别还要问什么，见登记簿《补充问题》。", "The register of further questions says what is asked of each category."),
    )  # fmt: skip
    summary = models.TextField(label("公开描述", "Described for the public"), max_length=1000, blank=True)
    same_as = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=label("重复于", "Same as"),
    )
    hidden = models.BooleanField(label("不公开", "Hidden"), default=False)

    class Meta(Letter.Meta):
        verbose_name = label("城市问题", "Problem")
        indexes = (  # what the statistics and an interface ask: a span of days, and what lies near a point
            models.Index(fields=(*COUNTED_BY, "hidden"), name="problem_counted"),
            models.Index(fields=("changed_at", "id"), name="problem_changed"),
            models.Index(fields=("latitude", "longitude", "made_at", "id"), name="problem_place"),
        )

    class Register:
        article = "62.1, 90.1"
        title = ("城市问题", "Problems in the street")
        note = (
            "市民发现的垃圾、井盖、噪声等问题及其处置；报告人的身份不公开。",
            "Rubbish, broken covers, noise: what people find and what was done; who told of it stays closed.",
        )
        prefix = "PB"
        open = (
            "category",
            "place",
            "latitude",
            "longitude",
            "summary",
            "answer",
            "outcome",
            "same_as",
            "district",
            "department",
        )
        shared = ("satisfaction", "fixed", "reopened", "handler")
        internal = ("channel", "hidden")
        masks = WHO_WROTE
        columns = ("category", "place", "district", "outcome", "state")
        label = "place"
        search = ("place", "summary")
        filters = ("state", "category", "outcome", "district")
        form = ("category", "place", "latitude", "longitude", "district", "facts", "answers", *WRITES, "channel")  # fmt: skip
        sections = (
            (("在哪里", "Where it is"), ("place", "latitude", "longitude", "district")),
            (("是什么问题", "What is wrong"), ("facts", "answers")),
            HOW_TO_REACH,
        )
        stakes = (("applicant", "reporter", (), "email"),)
        routes = "category__department"
        public = {"hidden": False}
        adds = ("public", "applicant", "member", "clerk", "district")
        changes = ("clerk", "district")
        tracked = ("category", "place", "outcome", "answer")
        procedure = procedures.PROBLEM

    def clean(self) -> None:
        if (self.latitude is None) != (self.longitude is None):
            raise ValidationError(
                {
                    "longitude": label(
                        "经度和纬度须同时填写。", "Give both latitude and longitude, or neither."
                    )
                }
            )
        if self.same_as_id is not None and self.same_as_id == self.pk:
            raise ValidationError(
                {"same_as": label("不能与自己重复。", "It cannot be a duplicate of itself.")}
            )
        self.refuse_giving_away("summary", "place", "answer")

    def sketch(self, on: dt.date) -> rules.Sketch:
        place = None if self.latitude is None else (float(self.latitude), float(self.longitude or 0))
        return rules.Sketch(str(self.category_id), "", self.facts, on, place)
