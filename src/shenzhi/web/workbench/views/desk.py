"""`/desk/`: my tasks by clock, with filters, kept views and a selection to work on together (article 71)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from shenzhi.kernel.access.requests import reader_for
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.words import Words
from shenzhi.web.workbench.models import SavedView
from shenzhi.web.workbench.shown import official
from shenzhi.web.workbench.tasks import SIZE, Asked, asked, desk, without_clock

MOST_VIEWS = 20
LAST_PAGE = 400
"""Nobody leafs on so far; filters lead further."""

WHOSE = (
    ("", Words("范围内全部", "All in my reach")),
    ("mine", Words("我经办的", "Mine")),
    ("unassigned", Words("未指派", "Unassigned")),
)


def mine(request: HttpRequest) -> HttpResponse:
    """The first fifty tasks, or a further page; whoever is not signed in is asked to. The door stands in everybody's
    navigation: whoever carries nothing out sees what waits for the own organisation, and where nothing does is led to
    the own notices, where what concerns him comes in."""
    known = reader_for(request)
    if known.account is not None and not known.official and not known.withheld:
        return _of_a_party(request, known)
    reader, question = official(request), asked(request.GET)
    page = min(_page(request.GET.get("page", "")), LAST_PAGE)
    today = timezone.localdate()
    found = desk(reader, question, today, skip=(page - 1) * SIZE)
    last = found.total <= page * SIZE

    def leads(**other: Any) -> str:
        return f"?{replace(question, **other).query}"

    return render(
        request,
        "workbench/desk.html",
        {
            "desk": found,
            "waiting": without_clock(reader, question, today, found.tasks) if last else [],
            "question": question,
            "today": str(today),
            "whose": [(title, leads(whose=code), code == question.whose) for code, title in WHOSE],
            "lamps": [
                (one, count, leads(lamp=one.lamp), one.lamp == question.lamp) for one, count in found.lamps
            ],
            "registers": [
                (one, count, leads(register=one.slug), one.slug == question.register)
                for one, count in found.registers
            ],
            "any_lamp": leads(lamp=""),
            "any_register": leads(register=""),
            "every": leads(every=not question.every),
            "views": list(SavedView.objects.filter(account=reader.account)),
            "before": _leaf(question, page - 1) if page > 1 else "",
            "after": _leaf(question, page + 1) if not last and page < LAST_PAGE else "",
        },
    )


def _of_a_party(request: HttpRequest, reader: Reader) -> HttpResponse:
    found = without_clock(reader, Asked(), timezone.localdate())
    if not found:
        return HttpResponseRedirect(reverse("inbox:home"))
    return render(request, "workbench/waiting.html", {"waiting": found})


def _page(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _leaf(question: Asked, page: int) -> str:
    return "?" + "&".join(filter(None, [question.query, f"page={page}" if page > 1 else ""]))


@require_POST
def keep_view(request: HttpRequest) -> HttpResponse:
    """Keep the question under a name; the same name again means the new question."""
    reader = official(request)
    question, name = asked(request.POST), request.POST.get("name", "").strip()[:40]
    own = SavedView.objects.filter(account=reader.account)
    if name and (own.filter(name=name).exists() or own.count() < MOST_VIEWS):
        SavedView.objects.update_or_create(
            account_id=reader.account, name=name, defaults={"query": question.query}
        )
    return HttpResponseRedirect(f"{reverse('workbench:desk')}?{question.query}")


@require_POST
def forget_view(request: HttpRequest, pk: int) -> HttpResponse:
    reader = official(request)
    get_object_or_404(SavedView, pk=pk, account=reader.account).delete()
    return HttpResponseRedirect(reverse("workbench:desk"))


def keys(request: HttpRequest) -> HttpResponse:
    """Which keys do what on the desk: the page behind "?"."""
    return render(
        request,
        "workbench/keys.html",
        {"crumbs": [{"title": Words("工作台", "Desk"), "href": reverse("workbench:desk")}]},
    )
