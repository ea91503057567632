"""Open311 GeoReport v2 over the register of problems: fetch, translate, answer (article 62).

A request is handed in without an account: it goes through the same verb, the same checks and the same clocks as a form.
Nobody is known here by a cookie, so that no other site can report in a reader's name."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from urllib.parse import parse_qs

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt

from shenzhi.apps.complaints import queries, questions
from shenzhi.apps.complaints.models import Category, Problem
from shenzhi.apps.complaints.wire import hearing, open311
from shenzhi.apps.complaints.wire.open311 import Refusal
from shenzhi.kernel.access.keys import reader_by_key
from shenzhi.kernel.access.requests import reader_with_key
from shenzhi.kernel.access.roles import PLATFORM, PUBLIC, Reader
from shenzhi.kernel.attachments.attaching import Checked, attach, looked_at
from shenzhi.kernel.attachments.kinds import KINDS, LARGEST
from shenzhi.kernel.cases.firing import file
from shenzhi.kernel.office import office
from shenzhi.kernel.registers.writing import NotAllowed, Refused
from shenzhi.kernel.words import Words

FORMS = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
CHANGESET = "2026-11-22T00:00:00+08:00"
"""When what this server offers last changed."""
MEDIA = 5
"""Photographs of one request at most."""
LARGEST_BODY = 2 * LARGEST
READS = ("GET", "HEAD")
NAMES = {
    "name": "last_name",
    "facts": "description",
    "place": "address_string",
    "latitude": "lat",
    "longitude": "long",
    "category": "service_code",
    "answers": "attribute",
    "file": "media",
}
"""What the standard calls the fields of a problem."""

View = Callable[..., HttpResponse]


def answered(*methods: str) -> Callable[[View], View]:
    """Answer these methods, faults too, in the form of the address."""

    def wrapped(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def within(request: HttpRequest, form: str, **named: str) -> HttpResponse:
            try:
                if form not in FORMS:
                    form = "xml"
                    raise Refusal(404, Words("格式只有 xml 和 json", "the formats are xml and json"))
                if request.method not in methods:
                    raise _other_method(methods)
                _large(request)
                _jurisdiction(request)
                response = view(request, form, **named)
            except (Refusal, *_BROKEN) as error:
                refused = error if isinstance(error, Refusal) else _broken(error)
                response = _refused(form, refused)
                if refused.status == 405:
                    response["Allow"] = ", ".join(methods)
            except Exception:  # whoever calls is told in the form that it reads
                logging.getLogger("django.request").exception("Open311 %s", request.path)
                response = _refused(form, Refusal(500, FAILED))
            response["Access-Control-Allow-Origin"] = "*"  # what is said here is said to everybody
            return response

        return within

    return wrapped


_BROKEN = (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError)
FAILED = Words(
    "平台出错，未能办理：请稍后再试。", "The platform failed and nothing was done: try again later."
)


def _broken(error: Exception) -> Refusal:
    """What Django refuses to read: a body that is too large, has too many fields, or is cut short."""
    if isinstance(error, RequestDataTooBig):
        return _too_large()
    return Refusal(
        400, Words("请求无法读取：请检查表单的格式。", "the request cannot be read: check its form")
    )


def _large(request: HttpRequest) -> None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > LARGEST_BODY:
        raise _too_large()


def _too_large() -> Refusal:
    most = LARGEST_BODY >> 20
    return Refusal(
        413,
        Words(
            f"请求过大：连同照片不超过 {most} MB，不含照片不超过 2 MB。",
            f"the request is too large: at most {most} MB with photographs, 2 MB without",
        ),
    )


def _other_method(methods: Sequence[str]) -> Refusal:
    known = ", ".join(methods)
    return Refusal(405, Words(f"此地址只接受 {known}", f"this address answers {known}"))


def refuses(request: HttpRequest, status: int, why: Words) -> HttpResponse:
    """A refusal by what stands before this interface, in the form of the address."""
    return _refused("json" if request.path.endswith(".json") else "xml", Refusal(status, why))


def _refused(form: str, refused: Refusal) -> HttpResponse:
    faults = refused.faults(get_language() or "")
    return _answer(form, open311.say_list(form, open311.Fault, faults), refused.status)


def _answer(form: str, text: str, status: int = 200) -> HttpResponse:
    response = HttpResponse(text, FORMS[form], status)
    response["Cache-Control"] = "no-cache" if status == 200 else "no-store"
    return response


def _jurisdiction(request: HttpRequest) -> None:
    """One server is one city: its own host is taken for its name, and nothing at all too."""
    given = request.GET.get("jurisdiction_id") or request.POST.get("jurisdiction_id")
    if given and given.removeprefix("www.") != _own():
        raise Refusal(
            404,
            Words(
                f"没有 jurisdiction_id {given[:80]}；本服务为 {_own()}",
                f"jurisdiction_id {given[:80]} was not found; this server is {_own()}",
            ),
        )


def _own() -> str:
    host = str(settings.PUBLIC_ADDRESS).split("://")[-1].split("/")[0].split(":")[0]
    return host.removeprefix("www.")


def front(request: HttpRequest) -> HttpResponse:
    """Whoever comes with a browser is shown where the service begins."""
    return redirect("open311:discovery", form="xml")


@csrf_exempt
def unknown(request: HttpRequest, path: str) -> HttpResponse:
    """Any other address below the service."""
    return refuses(request, 404, Words(f"没有地址 {path[:80]}", f"there is no address {path[:80]}"))


@answered(*READS)
def discovery(request: HttpRequest, form: str) -> HttpResponse:
    base = request.build_absolute_uri(reverse("open311:front")).rstrip("/")
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": base,
        "changeset": CHANGESET,
        "type": "test" if office().fictional else "production",
        "formats": ["text/xml", "application/json"],
    }
    told = {
        "changeset": CHANGESET,
        "contact": request.build_absolute_uri("/"),
        "key_service": "查询和报告均无需密钥。No key is needed to read or to report.",
        "endpoints": [endpoint],
    }
    return _answer(form, open311.say_discovery(form, told))


@answered(*READS)
def services(request: HttpRequest, form: str) -> HttpResponse:
    return _answer(form, open311.say_list(form, open311.Service, queries.services(timezone.localdate())))


@answered(*READS)
def service(request: HttpRequest, form: str, code: str) -> HttpResponse:
    known = queries.offer(timezone.localdate())
    category = _category(known, code)
    asked = queries.attributes(known.asked(category))
    return _answer(form, open311.say_definition(form, category.code, asked))


@answered(*READS, "POST")
def requests(request: HttpRequest, form: str) -> HttpResponse:
    if request.method == "POST":
        return _take(request, form)
    asked = hearing.hear_asked(dict(request.GET.lists()), timezone.now())
    found = queries.as_requests(queries.requested(asked), request.build_absolute_uri("/"))
    return _answer(form, open311.say_list(form, open311.Request, found))


@answered(*READS)
def request(request: HttpRequest, form: str, number: str) -> HttpResponse:
    found = queries.requested(hearing.Asked(ids=(number,)))
    if not found:
        raise _not_found("service_request_id", number)
    said = queries.as_requests(found, request.build_absolute_uri("/"))
    return _answer(form, open311.say_list(form, open311.Request, said))


@answered(*READS)
def token(request: HttpRequest, form: str, token: str) -> HttpResponse:
    """A request gets its number at once here, so that the number is its own token."""
    found = queries.requested(hearing.Asked(ids=(token,)))
    if not found:
        raise _not_found("token", token)
    return _answer(form, open311.say_token(form, found[0].number, token))


@answered(*READS)
def updates(request: HttpRequest, form: str) -> HttpResponse:
    """Of the requests named, or of all in a span of time."""
    given = dict(request.GET.lists())
    if not any(any(given.get(name, ())) for name in ("service_request_id", "start_date", "updated_after")):
        raise Refusal(400, hearing.missing("service_request_id, start_date or updated_after"))
    asked = hearing.hear_asked(given, timezone.now())
    return _answer(form, open311.say_list(form, open311.Update, queries.updates_of(asked)))


def _category(known: queries.Offer, code: str) -> Category:
    if code not in known.categories:
        raise _not_found("service_code", code)
    return known.categories[code]


def _not_found(name: str, given: str) -> Refusal:
    return Refusal(404, Words(f"没有 {name} {given[:60]}", f"{name} {given[:60]} was not found"))


# -- handing in ------------------------------------------------------------------------------------------------------


def _take(request: HttpRequest, form: str) -> HttpResponse:
    given = _form(request)
    by = _sender(request, given)
    posted = hearing.hear_request(given)
    known = queries.offer(timezone.localdate())
    category = _category(known, posted.service_code)
    asked = known.asked(category)
    answers = hearing.hear_answers(category.code, queries.attributes(asked), posted.attributes)
    try:
        pictures = _pictures(request)
        problem = _problem(posted, category)
        problem.answers = _kept(asked, {one.code: said for one, said in answers}, posted.media_url)
        made = _filed(problem, pictures, by, request.headers.get("Idempotency-Key", "")[:64])
    except Refused as refused:
        raise Refusal(403 if isinstance(refused, NotAllowed) else 400, *_said(refused)) from refused
    new = made is problem  # else the same request had been carried out before
    due = queries.first_due(made) if new else queries.due([made]).get(made.pk)
    notice = Words("已收到。", "Received.")
    if due is not None:
        notice = Words(f"{due} 前派单。", f"To be dispatched by {due}.")
    taken = open311.Taken(made.number, notice.say(get_language() or ""))
    response = _answer(form, open311.say_list(form, open311.Taken, [taken]))
    response["Cache-Control"] = "no-store"
    if made.secret:
        response["Tracking-Secret"] = made.secret
    return response


def _filed(problem: Problem, pictures: Sequence[Checked], by: Reader, key: str) -> Problem:
    if not pictures:
        return file(problem, by=by, key=key)
    with transaction.atomic():  # the request with its photographs, or neither
        made = file(problem, by=by, key=key)
        for picture in pictures:
            attach(made, picture, by=PLATFORM)  # who told of it has no account that could be named
    return made


def _form(request: HttpRequest) -> dict[str, list[str]]:
    """The fields as they were sent; some clients forget to say how their form is written."""
    kind = request.content_type or ""
    if kind == "multipart/form-data":
        return {name: [str(one) for one in request.POST.getlist(name)] for name in request.POST}
    if kind in ("application/x-www-form-urlencoded", "", "text/plain", "application/octet-stream"):
        try:
            return parse_qs(request.body.decode("utf-8"), max_num_fields=1000)
        except UnicodeDecodeError as error:
            raise Refusal(400, Words("表单不是 UTF-8 文字", "the form is not UTF-8")) from error
        except ValueError as error:
            raise _broken(error) from error
    raise Refusal(
        400,
        Words(
            "请以 application/x-www-form-urlencoded 或 multipart/form-data 提交",
            "send it as application/x-www-form-urlencoded or multipart/form-data",
        ),
    )


def _problem(posted: hearing.Posted, category: Category) -> Problem:
    place = "，".join(filter(None, [posted.address_string, posted.address_id]))
    return Problem(
        category=category,
        place=place or f"{posted.lat}, {posted.long}",
        latitude=None if posted.lat is None else f"{posted.lat:.6f}",
        longitude=None if posted.long is None else f"{posted.long:.6f}",
        facts=posted.description or category.name,
        name=f"{posted.last_name} {posted.first_name}".strip(),
        phone=posted.phone,
        email=posted.email,
        channel="open311",
    )


def _kept(asked: Sequence[questions.Question], answers: Mapping[str, list[str]], media_url: str) -> str:
    return "\n".join(filter(None, [questions.kept(asked, answers), media_url and f"media_url: {media_url}"]))


def _pictures(request: HttpRequest) -> list[Checked]:
    """The photographs that came with the request, looked at before anything is written."""
    sent = [(name, one) for name, several in request.FILES.lists() for one in several]
    if wrong := sorted({name for name, _ in sent if name not in ("media", "media[]")}):
        raise Refusal(
            400,
            Words(f"{wrong[0][:40]}：照片请放在 media 中", f"{wrong[0][:40]}: photographs are sent as media"),
        )
    if len(sent) > MEDIA:
        raise Refusal(400, Words(f"media：最多 {MEDIA} 张照片", f"media: at most {MEDIA} photographs"))
    return [_picture(one) for _, one in sent]


def _picture(sent: UploadedFile) -> Checked:
    found = looked_at(sent)
    if not KINDS[found.kind].picture:
        known = ", ".join(code for code, kind in KINDS.items() if kind.picture)
        raise Refusal(400, Words(f"media 只接受照片：{known}", f"media takes photographs: {known}"))
    return found


def _sender(request: HttpRequest, given: Mapping[str, Sequence[str]]) -> Reader:
    """Nobody needs a key; one that is given, in the form or in the header Authorization, must be valid."""
    key = (given.get("api_key") or [""])[0].strip()
    if not key and not request.headers.get("Authorization"):
        return PUBLIC
    found = reader_by_key(f"Bearer {key}") if key else reader_with_key(request)
    if found is None:
        raise Refusal(
            403,
            Words(
                "api_key 无效、已撤销或者已过期：请去掉，或者重新生成。",
                "api_key is unknown, revoked or expired; leave it out or make a new one",
            ),
        )
    return found


def _said(refused: Refused) -> list[Words]:
    faults: Mapping[str, Sequence[Words]] = getattr(refused, "faults", {})
    if not faults:
        return [refused.why]
    return [
        Words(f"{NAMES.get(name, name)}：{one.zh}", f"{NAMES.get(name, name)}: {one.en}")
        for name, several in faults.items()
        for one in several
    ]
