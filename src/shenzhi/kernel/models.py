"""Every table of the kernel, for Django to find."""

from shenzhi.kernel.access.accounts import Account, ApiKey, Membership
from shenzhi.kernel.access.reads import ReadLog
from shenzhi.kernel.attachments.models import Attachment
from shenzhi.kernel.cases.objections import Objection
from shenzhi.kernel.clocks.models import CalendarNotice, ClockRun, LegalLimit, SpecialDay
from shenzhi.kernel.history.events import Event, Head, Lane
from shenzhi.kernel.history.seals import Seal
from shenzhi.kernel.notices.models import Letter, Notice
from shenzhi.kernel.parties.models import Department, District, Organisation, Person
from shenzhi.kernel.registers.receipts import Receipt
from shenzhi.kernel.supervision.counts import Count
from shenzhi.kernel.supervision.models import DelayCause, LampAppeal
from shenzhi.kernel.work.models import ChoreRun

__all__ = [
    "Account",
    "ApiKey",
    "Attachment",
    "CalendarNotice",
    "ChoreRun",
    "ClockRun",
    "Count",
    "DelayCause",
    "Department",
    "District",
    "Event",
    "Head",
    "LampAppeal",
    "Lane",
    "LegalLimit",
    "Letter",
    "Membership",
    "Notice",
    "Objection",
    "Organisation",
    "Person",
    "ReadLog",
    "Receipt",
    "Seal",
    "SpecialDay",
]
