"""Open311 GeoReport v2 over the register of problems: fetch, translate, answer (article 62).

A request is handed in without an account: it goes through the same verb, the same checks and the same clocks as a form."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from shenzhi.apps.complaints import queries
from shenzhi.apps.complaints.models import Category, Problem
from shenzhi.apps.complaints.wire import open311
from shenzhi.kernel.access.keys import reader_by_key
from shenzhi.kernel.access.roles import PUBLIC, Reader
from shenzhi.kernel.cases.firing import file
from shenzhi.kernel.registers.writing import Refused

FORMS = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
CHANGESET = "2026-11-22T00:00:00+08:00"
"""When what this server offers last changed."""

View = Callable[..., str]


def answered(view: View) -> Callable[..., HttpResponse]:
    """Answer in the form of the address, faults too."""

    @csrf_exempt
    @wraps(view)
    def within(request: HttpRequest, form: str, **named: str) -> HttpResponse:
        if form not in FORMS:
            said = f"the formats are xml and json, not {form}"
            return HttpResponse(
                open311.say_list("xml", open311.Fault, [open311.Fault(404, said)]), FORMS["xml"], 404
            )
        try:
            _jurisdiction(request)
            return HttpResponse(view(request, form, **named), FORMS[form])
        except open311.Refusal as refused:
            return HttpResponse(
                open311.say_list(form, open311.Fault, refused.faults), FORMS[form], refused.status
            )

    return within


def _jurisdiction(request: HttpRequest) -> None:
    """One server is one city: its own host is taken for its name, and nothing at all too."""
    given = request.GET.get("jurisdiction_id") or request.POST.get("jurisdiction_id")
    if given and given != _own():
        raise open311.Refusal(404, f"jurisdiction_id {given[:80]} was not found; this server is {_own()}")


def _own() -> str:
    return str(settings.PUBLIC_ADDRESS).split("://")[-1].split("/")[0].split(":")[0]


def front(request: HttpRequest) -> HttpResponse:
    """Whoever comes with a browser is shown where the service begins."""
    return redirect("open311:discovery", form="xml")


@answered
def discovery(request: HttpRequest, form: str) -> str:
    base = request.build_absolute_uri(reverse("open311:front")).rstrip("/")
    return open311.say_discovery(
        form,
        {
            "changeset": CHANGESET,
            "contact": request.build_absolute_uri("/"),
            "key_service": "No key is needed to read or to report. 查询和报告均无需密钥。",
            "endpoints": [
                {
                    "specification": "http://wiki.open311.org/GeoReport_v2",
                    "url": base,
                    "changeset": CHANGESET,
                    "type": "production",
                    "formats": ["text/xml", "application/json"],
                }
            ],
        },
    )


@answered
def services(request: HttpRequest, form: str) -> str:
    known = queries.categories(timezone.localdate()).order_by("group", "id")
    return open311.say_list(form, open311.Service, [queries.service(one) for one in known])


@answered
def service(request: HttpRequest, form: str, code: str) -> str:
    return open311.say_definition(form, _category(code).code, [])


@answered
def requests(request: HttpRequest, form: str) -> str:
    if request.method == "POST":
        return _take(request, form)
    asked = open311.hear_asked(request.GET.dict())
    found = queries.requested(asked, timezone.now())
    return open311.say_list(form, open311.Request, queries.as_requests(found))


@answered
def request(request: HttpRequest, form: str, number: str) -> str:
    found = queries.requested(open311.Asked(ids=tuple(number.split(","))), timezone.now())
    if not found:
        raise open311.Refusal(404, f"service_request_id {number[:60]} was not found")
    return open311.say_list(form, open311.Request, queries.as_requests(found))


@answered
def token(request: HttpRequest, form: str, token: str) -> str:
    """A request gets its number at once here, so that the number is its own token."""
    found = queries.requested(open311.Asked(ids=(token,)), timezone.now())
    if not found:
        raise open311.Refusal(404, f"token {token[:60]} was not found")
    return open311.say_token(form, found[0].number, token)


@answered
def updates(request: HttpRequest, form: str) -> str:
    asked = open311.hear_asked(request.GET.dict())
    if not asked.ids:
        raise open311.Refusal(400, "service_request_id was not provided")
    return open311.say_list(form, open311.Update, queries.updates_of(asked.ids))


def _category(code: str) -> Category:
    found = queries.categories(timezone.localdate()).filter(code=code).first()
    if found is None:
        raise open311.Refusal(404, f"service_code {code[:40]} was not found")
    return found


def _take(request: HttpRequest, form: str) -> str:
    given: Any = {name: request.POST.getlist(name) for name in request.POST}
    if not given and request.body:  # some clients forget to say how their form is written
        given = parse_qs(request.body.decode("utf-8", "replace"))
    posted = open311.hear_request(given)
    category = _category(posted.service_code)
    place = "，".join(filter(None, [posted.address_string, posted.address_id]))
    problem = Problem(
        category=category,
        place=place or f"{posted.lat}, {posted.long}",
        latitude=None if posted.lat is None else f"{posted.lat:.6f}",
        longitude=None if posted.long is None else f"{posted.long:.6f}",
        facts=posted.description or category.name,
        name=f"{posted.last_name} {posted.first_name}".strip(),
        phone=posted.phone,
        email=posted.email,
        answers=posted.media_url and f"media_url: {posted.media_url}",
        channel="open311",
    )
    try:
        file(problem, by=_sender(given))
    except Refused as refused:
        raise open311.Refusal(400, *_said(refused)) from refused
    due = queries.as_requests([problem])[0].expected_datetime
    notice = "" if due is None else f"{due.date()} 前派单。To be dispatched by {due.date()}."
    return open311.say_list(form, open311.Taken, [open311.Taken(problem.number, notice)])


def _sender(given: Any) -> Reader:
    """Nobody needs a key; one that is given must be valid."""
    key = (given.get("api_key") or [""])[0]
    if not key:
        return PUBLIC
    found = reader_by_key(f"Bearer {key}")
    if found is None:
        raise open311.Refusal(403, "api_key is unknown, revoked or expired; leave it out or make a new one")
    return found


def _said(refused: Refused) -> list[str]:
    faults = getattr(refused, "faults", None)
    if not faults:
        return [refused.why.en]
    return [f"{name}: {one.en}" for name, several in faults.items() for one in several]
