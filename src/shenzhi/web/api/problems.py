"""Errors of the API as RFC 9457 problem details: what, where, why and the way out, in the reader's language and in both."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from shenzhi.kernel.registers.writing import Invalid, Refused, Stale
from shenzhi.kernel.words import Words

TITLES: dict[int, Words] = {
    400: Words("请求有误", "Bad request"),
    401: Words("密钥无效", "The key is not valid"),
    403: Words("无权办理", "Not allowed"),
    404: Words("没有这条记录", "No such record"),
    409: Words("当前不能办理", "Not possible now"),
    412: Words("记录已被修改", "The record has changed"),
    413: Words("内容过大", "Too large"),
    415: Words("格式不支持", "Unsupported format"),
    422: Words("内容有误", "The content cannot stand"),
    428: Words("缺少版次", "The version is missing"),
    429: Words("请求过于频繁", "Too many requests"),
    500: Words("平台出错", "The platform failed"),
}

NOT_FOUND = Words(
    "没有这条记录，或者您无权查看：请核对编号，或者换用有权限的密钥。",
    "There is no such record, or you may not see it: check the number, or use a key that may.",
)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "detail_zh", "detail_en"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "detail_zh": {"type": "string"},
        "detail_en": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "zh", "en"],
                "properties": {
                    "field": {"type": "string"},
                    "zh": {"type": "string"},
                    "en": {"type": "string"},
                },
            },
        },
    },
}


class Problem(Exception):
    """An answer that is an error; raised anywhere below the API."""

    def __init__(self, status: int, why: Words, errors: Mapping[str, Sequence[Words]] | None = None) -> None:
        super().__init__(why.en)
        self.status, self.why, self.errors = status, why, errors or {}


def answer(problem: Problem) -> HttpResponse:
    """The problem as the client gets it."""
    language = get_language() or "zh-hans"
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(problem.status, TITLES[400]).say(language),
        "status": problem.status,
        "detail": problem.why.say(language),
        "detail_zh": problem.why.zh,
        "detail_en": problem.why.en,
    }
    if problem.errors:
        body["errors"] = [
            {"field": field, "zh": one.zh, "en": one.en}
            for field, several in problem.errors.items()
            for one in several
        ]
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False), status=problem.status, content_type="application/problem+json"
    )
    response["Cache-Control"] = "no-store"
    if problem.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="shenzhi"'
    return response


def of_refusal(refused: Refused) -> Problem:
    """A verb's refusal as a problem."""
    errors = refused.faults if isinstance(refused, Invalid) else {}
    return Problem(412 if isinstance(refused, Stale) else refused.status, refused.why, errors)


def of_validation(request: HttpRequest, errors: Sequence[Mapping[str, Any]]) -> Problem:
    """What the schema found wrong with a request."""
    named: dict[str, list[Words]] = {}
    for one in errors:
        place = ".".join(str(step) for step in one.get("loc", ())[1:]) or "body"
        named.setdefault(place, []).append(Words(f"格式不符：{one.get('msg', '')}", str(one.get("msg", ""))))
    return Problem(
        422,
        Words("请求与接口说明不符，详见 errors。", "The request does not match the description; see errors."),
        named,
    )
