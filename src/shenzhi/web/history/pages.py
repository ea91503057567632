"""The public pages of history: where it stands, and how anyone can check that nothing was rewritten (article 71)."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from shenzhi.kernel.history import heads
from shenzhi.kernel.history.events import Head, Lane
from shenzhi.kernel.words import Words

LATEST = 30
"""Heads on the page and in heads.json; every other has its own address."""

AT_ONCE = 10_000
"""Events of one answer of the chain."""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    latest = list(Head.objects.order_by("-day")[:LATEST])
    context = {
        "heads": latest,
        "lanes": json.loads(latest[0].lanes) if latest else [],
        "crumbs": [{"title": Words("历史", "History"), "href": reverse("history:home")}],
        "at_once": AT_ONCE,
    }
    return render(request, "history/home.html", context)


@require_safe
def heads_data(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"heads": [heads.as_data(head) for head in Head.objects.order_by("-day")[:LATEST]]})


@require_safe
def head_data(request: HttpRequest, day: str) -> HttpResponse:
    """The head of a day; it never changes, so whoever has it need not ask again."""
    try:
        head = Head.objects.get(day=dt.date.fromisoformat(day))
    except (ValueError, Head.DoesNotExist) as error:
        raise Http404(day) from error
    response = JsonResponse(heads.as_data(head))
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@require_safe
def chain(request: HttpRequest) -> HttpResponse:
    """A stretch of one lane: after the place `after`, up to AT_ONCE events; only the heading where none follows."""
    lane, after = _whole(request.GET.get("lane")), _whole(request.GET.get("after"))
    end = Lane.objects.filter(number=lane).values_list("seq", flat=True).first() or 0
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads.COLUMNS)
    writer.writerows(heads.chain(lane, after + 1, min(after + AT_ONCE, end)))
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="chain-{lane}-{after}.csv"'
    return response


def _whole(given: Any) -> int:
    text = str(given or "0")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Http404(text)
    return int(text)
