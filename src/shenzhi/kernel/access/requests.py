"""Who is asking, for a request: worked out once, from the account that is signed in or from the key of a program."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

from shenzhi.kernel.access.accounts import reader_of
from shenzhi.kernel.access.keys import reader_by_key
from shenzhi.kernel.access.roles import Reader

NARROWS: list[Callable[[HttpRequest, Reader], Reader]] = []
"""What may take roles from whoever is signed in, for this request: the floor that signs people in adds its own."""


def reader_for(request: HttpRequest) -> Reader:
    """The reader of this request, with the roles the account holds today; the public where nobody is signed in."""
    known: Reader | None = getattr(request, "_reader", None)
    if known is None:
        known = reader_of(request.user)
        for narrowed in NARROWS:
            known = narrowed(request, known)
        request._reader = known
    return known


def reader_with_key(request: HttpRequest) -> Reader | None:
    """The reader of the program that sends this request; None without a key, and for a key that opens nothing."""
    if not hasattr(request, "_reader_with_key"):
        given = request.headers.get("Authorization")
        request._reader_with_key = reader_by_key(given) if given else None
    found: Reader | None = request._reader_with_key
    return found
