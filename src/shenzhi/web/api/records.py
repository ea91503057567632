"""The addresses of one register in the API: list, entry, history, new, change, moves; made from its declaration."""

# Not `from __future__ import annotations`: the shapes are made per register, so that ninja must be given them themselves.

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Header, Path, Query, Router, Schema

from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.labels import words_of
from shenzhi.kernel.procedures.declaration import Move
from shenzhi.kernel.registers.catalogue import serial
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.registers.references import Unknown, meant
from shenzhi.kernel.registers.showing import answers, doer_of, label_of, read_whole, referred, shown
from shenzhi.kernel.registers.writing import Refused, change, create, may_add
from shenzhi.kernel.words import Words
from shenzhi.web.api.callers import caller
from shenzhi.web.api.problems import NOT_FOUND, Problem, of_refusal
from shenzhi.web.api.shapes import (
    Told,
    changed_shape,
    move_shape,
    new_shape,
    page_shape,
    question_shape,
    record_shape,
)
from shenzhi.web.registers.asking import Question, question
from shenzhi.web.registers.paging import page
from shenzhi.web.registers.reading import noted
from shenzhi.web.registers.telling import events_for, is_inside, is_outside, may_compare, names_the_doer

MOST = 200
_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True)
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        max_length=80,
        description="同一请求重发时不会重复办理 A repeated request is carried out once.",
    ),
]
Version = Annotated[str, Header(alias="If-Match", description="读到的 ETag The ETag that was read.")]
Number = Annotated[str, Path(max_length=40, description="编号 Public number")]


def router_of(register: Register) -> Router:
    """The addresses of one register."""
    router = Router(tags=[register.slug])
    record_type = record_shape(register)
    model: type[Record] = register.model
    name = register.slug.replace("-", "_")

    def read(request: HttpRequest, number: str) -> tuple[Record, Reader]:
        reader, key = caller(request), serial(register, number)
        records: QuerySet[Any] = model.objects.visible_to(reader).select_related(*referred(model))
        record = records.filter(pk=key).first() if key is not None else None
        if record is None:
            raise Problem(404, NOT_FOUND)
        return record, reader

    asked_type = question_shape(register)

    @router.get(
        "/",
        response=page_shape(register, record_type),
        operation_id=f"{name}_list",
        summary=register.title.zh,
    )
    def records(
        request: HttpRequest,
        asked: Annotated[asked_type, Query()],  # type: ignore[valid-type]
        limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
        cursor: Annotated[
            str, Query(max_length=600, description="上一页 next 中的值 The value in `next`.")
        ] = "",
    ) -> HttpResponse:
        reader = caller(request)
        found = question(register, reader, request.GET)
        may_ask(found, asked.model_dump(exclude_unset=True))  # type: ignore[attr-defined]
        several = page(found.records.select_related(*referred(model)), found.order, cursor, limit)
        following = None
        if several.after:
            query = request.GET.copy()
            query["cursor"] = several.after
            following = f"{request.path}?{query.urlencode()}"
        noted(reader, register, several.rows, register.fields, "api")
        return _answer({"items": [as_data(one) for one in several.rows], "next": following}, request)

    @router.get(
        "/{number}",
        response=record_type,
        operation_id=f"{name}_read",
        summary=f"{register.title.zh}：一条记录",
    )
    def record(request: HttpRequest, number: Number) -> HttpResponse:
        found, reader = read(request, number)
        noted(reader, register, [found], register.fields, "api")
        return _answer(as_data(found), request, tag_of(found))

    @router.get("/{number}/history", response=Told, operation_id=f"{name}_history", summary="历史 History")
    def history(request: HttpRequest, number: Number) -> HttpResponse:
        found, reader = read(request, number)
        events = list(events_for(found))
        said = frozenset().union(*(read_whole(event, found.register, found.sight) for event in events))
        noted(reader, register, [found], register.fields, "api", said)
        items = [happened(found, event, reader, place) for place, event in enumerate(events, 1)]
        return _answer({"items": items}, request)

    if register.adds:
        new_type = new_shape(register)

        @router.post(
            "/", response={201: record_type}, operation_id=f"{name}_new", summary=f"{register.title.zh}：登记"
        )
        def new(request: HttpRequest, body: new_type, key: Key = "") -> HttpResponse:  # type: ignore[valid-type]
            reader = caller(request)
            if not may_add(register, reader):
                raise Problem(403, Words("您的角色不能在此登记。", "Your role may not enter records here."))
            values = given(register, body, reader)
            made = attempt(lambda: _entered(register, model(**values), reader, key))
            found = as_written(model, made.pk, reader)
            response = _answer(as_data(found), request, tag_of(found), status=201)
            response["Location"] = f"{request.path}{found.number}"
            if made.secret:
                response["Tracking-Secret"] = made.secret
            return response

    if register.changes:
        changed_type = changed_shape(register)

        @router.patch(
            "/{number}",
            response=record_type,
            operation_id=f"{name}_change",
            summary=f"{register.title.zh}：修改",
        )
        def changed(
            request: HttpRequest,
            number: Number,
            body: changed_type,  # type: ignore[valid-type]
            version: Version = "",
        ) -> HttpResponse:
            found, reader = read(request, number)
            expected(found, version)
            values = given(register, body, reader)
            attempt(lambda: change(found, by=reader, **values))
            again = as_written(model, found.pk, reader)
            return _answer(as_data(again), request, tag_of(again))

    for move in register.procedure.moves if register.procedure else ():
        if not all(role == "system" for role in move.by):
            _add_move(router, register, move, record_type, read)
    return router


def _add_move(router: Router, register: Register, move: Move, record_type: type[Schema], read: Any) -> None:
    asked = move_shape(register, move)

    @router.post(
        f"/{{number}}/moves/{move.code}",
        response=record_type,
        operation_id=f"{register.slug.replace('-', '_')}_do_{move.code}",
        summary=f"{register.title.zh}：{move.title.zh}",
    )
    def moved(
        request: HttpRequest,
        number: Number,
        body: asked,  # type: ignore[valid-type]
        version: Version = "",
        key: Key = "",
    ) -> HttpResponse:
        found, reader = read(request, number)
        expected(found, version)
        data = given(register, body, reader)
        attempt(lambda: fire(found, move.code, by=reader, data=data, key=key))
        again = as_written(type(found), found.pk, reader)
        return _answer(as_data(again), request, tag_of(again))


def as_written(model: type[Any], key: int, reader: Reader) -> Any:
    """The record after the reader has written it, as the reader now sees it. What somebody may hand in without being let
    read it, such as a letter of the public, is there but shows nothing beyond its number."""
    records = model.objects.select_related(*referred(model))
    return records.visible_to(reader).filter(pk=key).first() or records.get(pk=key)


def as_data(record: Record) -> dict[str, Any]:
    """A record as this reader may see it."""
    return {
        "number": record.number,
        "url": f"/registers/{record.register.slug}/{record.number}/",
        "label": label_of(record),
        "masked": sorted(record.sight.masked),
        **shown(record),
    }


def happened(record: Record, event: Any, reader: Reader, place: int) -> dict[str, Any]:
    """An event as this reader may see it: values of visible fields, to the public those that were public at the time;
    the doer's name for those to whom the page tells it. Its version is its place among those that the reader knows of."""
    sight, told = record.sight, event.told
    values = sight.whole if may_compare(record.register, told, event, sight) else frozenset()
    said = dict(told.get("said", {})) if is_inside(sight) and not sight.only_told else {}
    said |= {ask.code: answer for ask, answer in answers(event, record.register, sight)}
    return {
        "version": place,
        "at": str(timezone.localtime(event.moment).date()) if is_outside(sight) else event.at,
        "act": event.act,
        "state": event.state,
        "by": doer_of(event, sight) if names_the_doer(event, sight, reader) else None,
        "before": {name: value for name, value in told.get("before", {}).items() if name in values},
        "after": {name: value for name, value in told.get("after", {}).items() if name in values},
        "said": said,
        "hash": event.hash,
    }


def may_ask(found: Question, asked: Mapping[str, Any]) -> None:
    """Problem 422 for a filter that cannot be read, or that asks what this caller may not: a list that silently leaves
    a filter out would be taken for its answer."""
    faults = {
        name: [Words("不能按此项查询或者排序。", "you may not filter or sort by it.")]
        for name, value in asked.items()
        if value
        and name not in found.form.fields
        and not (name == "q" and found.text)
        and not (name == "sort" and found.sort)
    }
    for name, errors in found.form.errors.as_data().items():
        faults[name] = [words_of(error.message) for error in errors]
    if faults:
        raise Problem(
            422, Words("查询条件有误，详见 errors。", "The question cannot be answered; see errors."), faults
        )


def given(register: Register, body: Any, reader: Reader) -> dict[str, Any]:
    """The values of a body, references looked up; Problem 422 with every reference that names nothing."""
    values = body.model_dump(exclude_unset=True)
    faults: dict[str, list[Words]] = {}
    for name, value in values.items():
        field = register.fields.get(name)
        if field is None or field.kind != "reference" or value is None:
            continue
        other = register.model._meta.get_field(name).related_model
        if not isinstance(other, type) or not issubclass(other, Record):
            faults[name] = [Words("不能经接口填写。", "cannot be given through the API.")]
            continue
        try:
            values[name] = meant(other, value, reader)
        except Unknown as error:
            faults[name] = [error.why]
    if faults:
        raise Problem(422, next(iter(faults.values()))[0], faults)
    for name in [name for name, value in values.items() if value is None]:
        field = register.fields.get(name)
        if field is not None and not register.model._meta.get_field(name).null:
            del values[name]
    return values


def tag_of(record: Record) -> str:
    """The ETag: the version, and a print of which fields this reader sees (two readers never share an answer); to those from
    whom events are kept, a print of what they read, which does not change when something else does."""
    if is_outside(record.sight):
        return f'"{hashlib.sha256(_json.encode(as_data(record)).encode()).hexdigest()[:24]}"'
    sees = hashlib.sha256(",".join([*sorted(record.sight.whole), "|", *sorted(record.sight.masked)]).encode())
    return f'"{record.version}-{sees.hexdigest()[:12]}"'


def expected(record: Record, version: str) -> None:
    """Problem 428 without a version, 412 where the record is another by now."""
    if not version:
        raise Problem(
            428,
            Words(
                "请在 If-Match 中给出读到的 ETag，以免覆盖他人的修改。",
                "Send the ETag you read as If-Match, so that nobody's change is overwritten.",
            ),
        )
    if version != "*" and version.removeprefix("W/") != tag_of(record):
        raise Problem(
            412, Words("记录已被修改：请重新读取。", "The record has changed meanwhile: read it again.")
        )


def attempt(verb: Any) -> Any:
    """What the verb gives; its refusal as a problem."""
    try:
        return verb()
    except Refused as refused:
        raise of_refusal(refused) from refused


def _entered(register: Register, record: Any, reader: Reader, key: str) -> Any:
    return file(record, by=reader, key=key) if register.procedure else create(record, by=reader)


def _answer(body: dict[str, Any], request: HttpRequest, tag: str = "", status: int = 200) -> HttpResponse:
    if tag and request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        response = JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
    if tag:
        response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Authorization, Cookie, Accept-Language"
    return response
