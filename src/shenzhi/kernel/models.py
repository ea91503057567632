"""Every table of the kernel, for Django to find."""

from shenzhi.kernel.access.accounts import Account, ApiKey, Membership
from shenzhi.kernel.cases.receipts import Receipt
from shenzhi.kernel.clocks.models import CalendarNotice, ClockRun, LegalLimit, SpecialDay
from shenzhi.kernel.history.events import Event, Head, Lane
from shenzhi.kernel.parties.models import Department, District, Organisation, Person

__all__ = [
    "Account",
    "ApiKey",
    "CalendarNotice",
    "ClockRun",
    "Department",
    "District",
    "Event",
    "Head",
    "Lane",
    "LegalLimit",
    "Membership",
    "Organisation",
    "Person",
    "Receipt",
    "SpecialDay",
]
