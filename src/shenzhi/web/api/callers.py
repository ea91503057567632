"""Who calls the API: a key in the header Authorization, else the person signed in, else the public."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware

from shenzhi.kernel.access.requests import reader_for, reader_with_key
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.words import Words
from shenzhi.web.api.problems import Problem

SAFE = ("GET", "HEAD", "OPTIONS")


def caller(request: HttpRequest) -> Reader:
    """The reader of this request. Problem 401 for a key that is not valid: it never falls back to the public.

    A signed-in person who writes must send the CSRF token; a key needs none, since no browser adds it by itself."""
    if request.headers.get("Authorization"):
        reader = reader_with_key(request)
        if reader is None:
            raise Problem(
                401,
                Words(
                    "密钥无效、已撤销或者已过期：在“我的账号”重新生成。",
                    "The key is unknown, revoked or expired: make a new one in your account.",
                ),
            )
        return reader
    reader = reader_for(request)
    if reader.account is not None and request.method not in SAFE and _forged(request):
        raise Problem(
            403,
            Words(
                "缺少 CSRF 令牌：程序请用接口密钥。",
                "The CSRF token is missing: programs should use an API key.",
            ),
        )
    return reader


def _forged(request: HttpRequest) -> bool:
    check: Any = CsrfViewMiddleware(lambda _: None)
    check.process_request(request)
    return check.process_view(request, _unexempted, (), {}) is not None


def _unexempted(request: HttpRequest) -> None:
    """Stands for the view when its request is checked; the API's own views are exempt because keys need no token."""
