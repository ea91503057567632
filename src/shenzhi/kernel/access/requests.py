"""Who is asking, for a request of a browser: worked out once, from the account that is signed in."""

from __future__ import annotations

from django.http import HttpRequest

from shenzhi.kernel.access.accounts import reader_of
from shenzhi.kernel.access.roles import Reader


def reader_for(request: HttpRequest) -> Reader:
    """The reader of this request, with the roles the account holds today; the public where nobody is signed in."""
    known: Reader | None = getattr(request, "_reader", None)
    if known is None:
        known = reader_of(request.user)
        request._reader = known
    return known
