"""How often the box may be asked: over the whole API by key, account or address, and far less by who writes without account.

How much each may ask is said in settings.RATES. Signing in, signing up and lost passwords have rates of their own
(ACCOUNT_RATE_LIMITS); pages that are only read have none.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from allauth.core.internal.ratelimit import get_ip
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from shenzhi.kernel import registry
from shenzhi.kernel.access.requests import reader_for, reader_with_key
from shenzhi.kernel.words import Words
from shenzhi.web.accounts.rates import Quota, spend
from shenzhi.web.api.callers import SAFE
from shenzhi.web.api.problems import Problem, answer


def rate_limits(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Django middleware: answers 429 to who asks too often; every answer of the API says how much is left.

    The header names are those of draft-ietf-httpapi-ratelimit-headers-10."""

    def respond(request: HttpRequest) -> HttpResponse:
        moment = time.time()
        quotas = [quota for name, who in _callers(request) if (quota := spend(name, who, moment))]
        beyond = [quota for quota in quotas if quota.exceeded]
        response = _refused(request, beyond) if beyond else get_response(request)
        if quotas and (beyond or _of_api(request)):
            response["RateLimit-Policy"] = ", ".join(
                f'"{one.name}";q={one.most};w={one.seconds}' for one in quotas
            )
            response["RateLimit"] = ", ".join(f'"{one.name}";r={one.left};t={one.ends_in}' for one in quotas)
        return response

    return respond


def _callers(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """Under which rates the request counts, each with whom it counts for.

    A key that opens nothing counts for its address, or an invented one would have a rate of its own each time."""
    writes = request.method not in SAFE
    if not _of_api(request) and not (writes and not _of_accounts(request)):
        return
    program = reader_with_key(request)
    if program is not None:
        yield "key", str(program.key)
        return
    account = None if request.headers.get("Authorization") else reader_for(request).account
    if _of_api(request):
        yield ("account", str(account)) if account is not None else ("address", _address(request))
    if writes and account is None:
        yield "public", _address(request)


def _address(request: HttpRequest) -> str:
    """Where the request comes from; those that come through a socket of this machine without an address count together."""
    try:
        return str(get_ip(request))
    except PermissionDenied:
        return "unknown"


def _of_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _of_accounts(request: HttpRequest) -> bool:
    return request.path.removeprefix("/en").startswith("/account/")


def _refused(request: HttpRequest, beyond: list[Quota]) -> HttpResponse:
    """429: how much is allowed, and when to try again."""
    last = max(beyond, key=lambda one: one.ends_in)
    if _of_api(request):
        response = answer(Problem(429, _told(last)))
    elif (refuses := _interface(request)) is not None:
        response = refuses(request, 429, _told(last))
    else:
        minutes = -(-last.ends_in // 60)
        response = render(request, "429.html", {"minutes": minutes, "quota": last}, status=429)
        response["Cache-Control"] = "no-store"
    response["Retry-After"] = str(last.ends_in)
    return response


def _interface(request: HttpRequest) -> Callable[[HttpRequest, int, Words], HttpResponse] | None:
    """What answers in the form of the app's interface that the request is for; None for pages."""
    path = request.path.removeprefix("/en").lstrip("/")
    return next((one.refuses for one in registry.PAGES if one.refuses and path.startswith(one.prefix)), None)


def _told(quota: Quota) -> Words:
    return Words(
        f"请求过于频繁：每 {quota.seconds} 秒最多 {quota.most} 次，请 {quota.ends_in} 秒后再试。",
        f"Too many requests: at most {quota.most} in {quota.seconds} seconds. Try again in {quota.ends_in} seconds.",
    )
