"""Downloads of a register's list: the same question as the page, answered as CSV, XLSX, Parquet or JSON (article 84)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from shenzhi.kernel.access.requests import reader_for
from shenzhi.kernel.exchange.exporting import FORMS, TooMany, export
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.sight import ways
from shenzhi.web.registers import asking
from shenzhi.web.registers.found import crumb, register_or_404, way_in


def download(request: HttpRequest, slug: str, form: str) -> HttpResponseBase:
    """`/registers/<slug>/export.<form>`, with the parameters of the list; what it leaves out stands on the about page."""
    register, reader = register_or_404(slug), reader_for(request)
    if form not in FORMS or not ways(register, reader):
        raise Http404(f"{slug}.{form}")
    asked = asking.question(register, reader, request.GET)
    records = asked.records.order_by(*asked.order)
    try:
        made = export(register, records, reader, form, get_language() or "zh-hans")
    except TooMany as error:
        return _refused(request, register, error)
    response = StreamingHttpResponse(made.pieces, content_type=made.content_type)
    response["Content-Disposition"] = f'attachment; filename="{made.name}"'
    response["Link"] = f'<{reverse("registers:about", args=[slug])}>; rel="describedby"'
    return response


def _refused(request: HttpRequest, register: Register, error: TooMany) -> HttpResponse:
    back = f"{reverse('registers:list', args=[register.slug])}?{request.GET.urlencode()}"
    context = {"crumbs": [way_in(), crumb(register)], "why": error.why, "errand": {"back": back}}
    return render(request, "registers/refused.html", context, status=error.status)
