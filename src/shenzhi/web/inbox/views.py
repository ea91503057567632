"""The inbox of an account, and the page on which administrators see the platform's own work and letters that failed."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from shenzhi.kernel.access.requests import reader_for
from shenzhi.kernel.access.roles import ADMINISTERS, AUDITS
from shenzhi.kernel.notices import delivery, outbox
from shenzhi.kernel.notices.models import Letter, Notice
from shenzhi.kernel.notices.wording import Told, told
from shenzhi.kernel.work.runner import standings

PAGE = 50


@dataclass(frozen=True)
class Line:
    """A notice as the inbox lists it."""

    notice: Notice
    told: Told


@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """`/inbox/`: what happened to my cases, the newest first; POST marks all of it as read."""
    account = reader_for(request).account or 0
    if request.method == "POST":
        outbox.read(account)
        return HttpResponseRedirect(reverse("inbox:home"))
    notices = outbox.inbox(account)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 16:
        notices = notices.filter(pk__lt=int(before))
    if only_unread := request.GET.get("show") == "unread":
        notices = notices.filter(read_at=None)
    found = list(notices[: PAGE + 1])
    context = {
        "lines": [Line(notice, told(notice)) for notice in found[:PAGE]],
        "unread": Notice.objects.filter(account=account, read_at=None).count(),
        "only_unread": only_unread,
        "older": found[PAGE - 1].pk if len(found) > PAGE else None,
        "looks_after": _looks_after(request),
    }
    return render(request, "inbox/inbox.html", context)


@login_required
def open_notice(request: HttpRequest, key: int) -> HttpResponse:
    """`/inbox/<key>/`: from a notice to the record it speaks of; from then on it is read."""
    account = reader_for(request).account or 0
    notice = outbox.inbox(account).filter(pk=key).first()
    if notice is None:
        raise Http404(key)
    outbox.read(account, key)
    where = told(notice).address(get_language() or "")
    return HttpResponseRedirect(where or reverse("inbox:home"))


@login_required
def work(request: HttpRequest) -> HttpResponse:
    """`/inbox/chores/`: how each chore last went, and the letters that could not be sent; missing for all others."""
    if not _looks_after(request):
        if reader_for(request).withheld:
            raise PermissionDenied
        raise Http404("work")
    if request.method == "POST":
        key = request.POST.get("letter", "")
        if (
            key.isascii()
            and key.isdigit()
            and len(key) < 16
            and ADMINISTERS[0] in reader_for(request).roles()
        ):
            delivery.try_again(int(key))
        return HttpResponseRedirect(reverse("inbox:work"))
    failed = (
        Letter.objects.exclude(given_up_at=None).select_related("notice__account").order_by("-given_up_at")
    )
    context = {
        "standings": standings(),
        "mails": outbox.mails(),
        "waiting": Letter.objects.filter(sent_at=None, given_up_at=None).count(),
        "failed": [(letter, told(letter.notice)) for letter in failed[:PAGE]],
        "failed_count": failed.count(),
        "may_try_again": ADMINISTERS[0] in reader_for(request).roles(),
    }
    return render(request, "inbox/work.html", context)


def _looks_after(request: HttpRequest) -> bool:
    return bool(reader_for(request).roles() & {*ADMINISTERS, *AUDITS})
