"""Who may open a page of accounts; and that nothing of it is kept by browsers or proxies."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from shenzhi.kernel.access.requests import reader_for
from shenzhi.kernel.access.roles import AUDITS, Reader
from shenzhi.kernel.staff import may_administer

View = Callable[..., HttpResponse]


def may_audit(reader: Reader) -> bool:
    return bool(reader.roles() & {*AUDITS})


def signed_in(view: View) -> View:
    """For everybody with an account; others sign in first."""
    return never_cache(login_required(view))


def administrators(view: View) -> View:
    return _only(may_administer, view)


def auditors(view: View) -> View:
    return _only(may_audit, view)


def sensitive(view: View) -> View:
    """What is sent needs the password again, given not longer ago than ACCOUNT_REAUTHENTICATION_TIMEOUT: an open screen is
    no signature."""
    checked: View = reauthentication_required(view, allow_get=True)
    return checked


def _only(may: Callable[[Reader], bool], view: View) -> View:
    @wraps(view)
    def respond(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may(reader_for(request)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return signed_in(respond)
