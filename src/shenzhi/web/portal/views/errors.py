"""Pages for what went wrong: what happened, why, and what to do now."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import redirect, render
from django.template.loader import render_to_string

from shenzhi.kernel.access.requests import reader_for
from shenzhi.web.portal.editions import Unknown


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: names what is not there, and leads to where to look."""
    given = exception if isinstance(exception, Unknown) else None
    return render(
        request, "portal/404.html", {"unknown": given, "city": given.city if given else None}, status=404
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What is closed leads on to what opens it: to signing in whoever has not, to the second factor whose role waits for
    one. To all others 403: says that the page is closed and whom to ask."""
    reader = reader_for(request) if hasattr(request, "user") else None
    if reader is not None and reader.account is None:
        return redirect_to_login(_way_back(request))
    if reader is not None and reader.withheld:
        return redirect("accounts:home")
    return render(request, "portal/403.html", status=403)


LONGEST_WAY = 2000
"""A longer address is no page's of ours, and a redirect could not carry it: its question is dropped."""


def _way_back(request: HttpRequest) -> str:
    """The page to come back to: this one, or, when a form was sent, the page of ours on which it stood."""
    if request.method in ("GET", "HEAD"):
        here = request.get_full_path()
        return here if len(here) <= LONGEST_WAY else request.path[:LONGEST_WAY]
    sender = urlsplit(request.headers.get("Referer", ""))
    if sender.netloc != request.get_host() or not sender.path.startswith("/"):
        return request.get_full_path()
    return f"{sender.path}?{sender.query}" if sender.query else sender.path


def broken(request: HttpRequest) -> HttpResponse:
    """500: says that the fault is ours; it reads nothing from lake or index, for they may be what failed."""
    english = request.path == "/en" or request.path.startswith("/en/")
    return HttpResponseServerError(render_to_string("portal/500.html", {"english": english}))
