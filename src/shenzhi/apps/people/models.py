"""Chief quality officers of enterprises and their appointment (article 91)."""

from __future__ import annotations

from django.db import models

from shenzhi.apps.people import procedures
from shenzhi.kernel.cases.case import Case
from shenzhi.kernel.labels import label
from shenzhi.kernel.parties.models import Organisation


class Officer(Case):
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
        article = "91"
        title = ("首席质量官", "Chief quality officers")
        note = ("企业任命的首席质量官及其备案。", "Officers whom enterprises appoint to lead quality, as filed.")
        prefix = "CQO"
        open = ("organisation", "name", "appointed_on", "ended_on", "district")
        shared = ("training", "duties")
        masks = {"phone": "phone"}
        search = ("name", "organisation__name")
        filters = ("state", "district", "appointed_on")
        stakes = (("member", "organisation"),)
        adds = ("member", "clerk")
        procedure = procedures.APPOINTMENT
