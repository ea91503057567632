"""How long somebody stays signed in: half an hour without a request, half a day at the most (an office may set the first)."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse

SINCE, SEEN = "signed_in_at", "seen_at"
NOTED_EVERY = 60
"""Seconds: how exact the end by idleness is; a page must not cost a write for each of its parts."""


def ends_when_idle(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Django middleware: ends a session that has lasted too long, and puts off the end of one that is in use.

    What ends an idle session is its row: it holds for SESSION_COOKIE_AGE from when it was last written. A reader without
    a session costs nothing, and a page for all readers stays one.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        known = settings.SESSION_COOKIE_NAME in request.COOKIES
        if known and time.time() - request.session.get(SINCE, time.time()) > settings.SESSION_LONGEST:
            logout(request)
        response = get_response(request)
        if request.session.accessed and SESSION_KEY in request.session:
            moment = time.time()
            request.session.setdefault(SINCE, moment)
            if moment - request.session.get(SEEN, 0) > NOTED_EVERY:
                request.session[SEEN] = moment
        return response

    return respond
