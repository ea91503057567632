"""Events of the Quality Month and what associations do for quality (articles 6, 10 and 89)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from shenzhi.apps.participation import procedures
from shenzhi.kernel.cases.case import Case
from shenzhi.kernel.labels import label
from shenzhi.kernel.parties.models import Organisation
from shenzhi.kernel.registers.record import Record


def _refuse_reversed(starts_on: object, ends_on: object) -> None:
    """ValidationError where something ends before it starts."""
    if starts_on is not None and ends_on is not None and ends_on < starts_on:  # type: ignore[operator]
        raise ValidationError(
            {
                "ends_on": label(
                    "结束日期早于开始日期：请更正其一。", "It ends before it starts: correct one of the days."
                )
            }
        )


class Event(Case):
    """Something that an organiser holds to spread the culture of quality; in September it is part of the Quality Month."""

    KINDS = (
        ("lecture", label("讲座论坛", "Lecture or forum")),
        ("open_day", label("质量开放日", "Open day")),
        ("consultation", label("现场咨询", "Advice on the spot")),
        ("contest", label("技能竞赛", "Contest of skills")),
        ("exhibition", label("展览", "Exhibition")),
        ("campaign", label("宣传活动", "Campaign")),
    )
    title = models.CharField(label("名称", "Title"), max_length=120)
    kind = models.CharField(label("类型", "Kind"), max_length=20, choices=KINDS)
    organiser = models.ForeignKey(Organisation, models.PROTECT, verbose_name=label("主办单位", "Organiser"))
    starts_on = models.DateField(label("开始日期", "Starts on"))
    ends_on = models.DateField(label("结束日期", "Ends on"))
    place = models.CharField(label("地点", "Place"), max_length=160)
    summary = models.TextField(label("内容", "What happens"), blank=True)
    places = models.PositiveIntegerField(label("名额", "Places"), null=True, blank=True)
    contact = models.CharField(label("联系人", "Contact"), max_length=80)
    phone = models.CharField(label("联系电话", "Telephone"), max_length=40)
    took_part = models.PositiveIntegerField(label("参加人数", "Took part"), null=True, blank=True)

    class Meta:
        verbose_name = label("质量活动", "Event")

    class Register:
        article = "6.1, 89.1, 89.2"
        title = ("质量月和质量宣传活动", "Events of the Quality Month")
        note = (
            "各方主办的质量宣传教育活动；每年九月为质量月。",
            "Events that anyone may organise to spread the culture of quality; September is the Quality Month.",
        )
        prefix = "EV"
        open = (
            "title", "kind", "organiser", "starts_on", "ends_on", "place", "summary", "places", "took_part", "district",
        )  # fmt: skip
        columns = ("title", "kind", "organiser", "starts_on", "district", "state")
        fixed = ("organiser",)
        masks = {"contact": "name", "phone": "phone"}
        label = "title"
        search = ("title", "organiser__name", "place")
        filters = ("state", "kind", "district", "starts_on")
        form = (
            "title", "kind", "organiser", "starts_on", "ends_on", "place", "summary", "places", "contact", "phone",
            "department", "district",
        )  # fmt: skip
        sections = (
            (("活动", "The event"), ("title", "kind")),
            (("时间和地点", "When and where"), ("starts_on", "ends_on", "place")),
            (("联系方式", "How to reach you"), ("contact", "phone")),
            (("由谁承办", "Who carries it out"), ("department", "district")),
        )
        stakes = (("member", "organiser"),)
        adds = ("member", "clerk")
        procedure = procedures.EVENT

    def clean(self) -> None:
        _refuse_reversed(self.starts_on, self.ends_on)


class Service(Record):
    """What an association or another social organisation does for quality in its industry, in one period."""

    KINDS = (
        ("publicity", label("质量宣传教育", "Publicity and education")),
        ("standards", label("标准服务", "Services for standards")),
        ("quality", label("质量服务", "Services for quality")),
        ("brands", label("品牌服务", "Services for brands")),
        ("credit", label("信用服务", "Services for credit")),
        ("discipline", label("行业自律", "Self-discipline")),
        ("other", label("法规和章程规定的其他工作", "Other work set by law or statutes")),
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name=label("社会组织", "Association")
    )
    kind = models.CharField(label("类型", "Kind"), max_length=20, choices=KINDS)
    title = models.CharField(label("名称", "Title"), max_length=120)
    summary = models.TextField(label("内容", "What is done"), blank=True)
    starts_on = models.DateField(label("开始日期", "Starts on"))
    ends_on = models.DateField(label("结束日期", "Ends on"), null=True, blank=True)
    served = models.PositiveIntegerField(label("服务会员数", "Members served"), null=True, blank=True)
    contact = models.CharField(label("联系人", "Contact"), max_length=80, blank=True)
    phone = models.CharField(label("联系电话", "Telephone"), max_length=40, blank=True)

    class Meta:
        verbose_name = label("社会组织服务", "Service")

    class Register:
        article = "10.1, 10.2, 10.3, 10.4"
        title = ("社会组织的质量服务", "Services of associations")
        note = (
            "行业协会等社会组织为会员和行业开展的质量工作，按条例第十条的四项责任分类。",
            "What associations do for quality in their industry, by the four responsibilities of article 10.",
        )
        prefix = "SV"
        open = ("organisation", "kind", "title", "summary", "starts_on", "ends_on", "served")
        columns = ("title", "kind", "organisation", "starts_on", "served")
        fixed = ("organisation",)
        masks = {"contact": "name", "phone": "phone"}
        label = "title"
        search = ("title", "organisation__name")
        filters = ("kind", "starts_on")
        sections = (
            (("服务", "The service"), ("kind", "title")),
            (("时间", "When it is given"), ("starts_on", "ends_on")),
            (("联系方式", "How to reach you"), ("contact", "phone")),
        )
        stakes = (("member", "organisation"),)
        adds = changes = ("member", "clerk")

    def clean(self) -> None:
        _refuse_reversed(self.starts_on, self.ends_on)
        if self.organisation_id and self.organisation.kind not in ("association", "institution"):
            raise ValidationError(
                {
                    "organisation": label(
                        "本登记簿只登记行业协会等社会组织和事业单位：请核对该单位的类型。",
                        "Only associations and public institutions stand here: check the organisation's kind.",
                    )
                }
            )
