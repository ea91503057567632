"""The files of a record: shown, attached and downloaded, each only by those who may (articles 71, 90)."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from shenzhi.kernel.access.reads import note_read
from shenzhi.kernel.access.requests import reader_for
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.attachments.attaching import MOST, attach, attached, may_attach, may_decide, set_reach
from shenzhi.kernel.attachments.kinds import KINDS, LARGEST, TAKEN
from shenzhi.kernel.attachments.models import Attachment
from shenzhi.kernel.attachments.store import checked
from shenzhi.kernel.labels import words_of
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.registers.writing import Invalid, Refused
from shenzhi.kernel.words import Words
from shenzhi.web.registers.found import crumb, record_or_404, register_or_404, way_in

ENDINGS = ",".join(f".{ending}" for kind in KINDS.values() for ending in kind.endings)
REACHES = tuple((code, words_of(title)) for code, title in Attachment.REACHES)
# A file is shown as nothing and run as nothing, whatever a browser may take it for.
AS_A_FILE = "default-src 'none'; sandbox"


@dataclass(frozen=True)
class Shown:
    """A file as a page lists it."""

    file: Attachment
    href: str
    reach: Words


def shown(record: Record, reader: Reader) -> list[Shown]:
    """The files of a record that the reader may read, for a page."""
    where = [record.register.slug, record.number]
    return [
        Shown(one, reverse("registers:file", args=[*where, one.sha256, one.name]), dict(REACHES)[one.reach])
        for one in attached(record, reader)
    ]


@csrf_exempt  # looked at first: nobody should have to take in a whole large file to learn that it is too large
def files(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """`/registers/<slug>/<number>/files/`: the files of a record, and a form for those who may attach one."""
    if why := too_large(request):
        return _page(request, slug, number, Refused(why, field="file"), status=413)
    return _files(request, slug, number)


def too_large(request: HttpRequest) -> Words | None:
    """Why what is sent is not even taken in; None where it may be."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if request.method != "POST" or (length.isdigit() and int(length) <= LARGEST + (1 << 20)):
        return None
    return Words(
        f"文件超过 {LARGEST >> 20} MB：请压缩图片或者分成几个文件。",
        f"The file is larger than {LARGEST >> 20} MB: make its pictures smaller or hand it in as several files.",
    )


@csrf_protect
def _files(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    if request.method != "POST":
        return _page(request, slug, number)
    reader = reader_for(request)
    record = record_or_404(register_or_404(slug), number, reader)
    try:
        if name := request.POST.get("of"):
            known = {str(one.pk): one for one in attached(record, reader)}
            if name not in known:
                raise Http404(name)
            set_reach(known[name], record, request.POST.get("reach", ""), by=reader)
        elif (file := request.FILES.get("file")) is None:
            raise Invalid({"file": [Words("请选择一个文件。", "Choose a file.")]})
        else:
            attach(record, file, by=reader, reach=request.POST.get("reach") or "closed")
    except Refused as why:
        return _page(request, slug, number, why, status=why.status)
    return HttpResponseRedirect(reverse("registers:files", args=[slug, record.number]))


def _page(
    request: HttpRequest, slug: str, number: str, why: Refused | None = None, status: int = 200
) -> HttpResponse:
    register, reader = register_or_404(slug), reader_for(request)
    record = record_or_404(register, number, reader)
    context = {
        "crumbs": [
            way_in(),
            crumb(register),
            {
                "title": Words(record.number, record.number),
                "href": reverse("registers:entry", args=[slug, record.number]),
            },
        ],
        "register": register,
        "record": record,
        "files": shown(record, reader),
        "may_attach": may_attach(record, reader),
        "may_decide": may_decide(record, reader),
        "reaches": REACHES,
        "taken": TAKEN,
        "endings": ENDINGS,
        "megabytes": LARGEST >> 20,
        "most": MOST,
        "why": why.why if why else None,
        "wrong": why.field if why else "",
    }
    return render(request, "registers/files.html", context, status=status)


def file(request: HttpRequest, slug: str, number: str, sha256: str, name: str) -> FileResponse:
    """`/registers/<slug>/<number>/files/<hash>/<name>`: one file, always as a download; 404 for all who may not read it."""
    register, reader = register_or_404(slug), reader_for(request)
    record = record_or_404(register, number, reader)
    for one in attached(record, reader):
        if one.sha256 == sha256 and one.name == name:
            if one.reach != "open":
                note_read(reader, register.code, [record.pk], [f"file {sha256[:12]}"], "file")
            path = checked(one.sha256)
            answer = FileResponse(
                path.open("rb"),
                as_attachment=True,
                filename=one.name,
                content_type=KINDS[one.kind].media_type,
            )
            answer["Content-Security-Policy"] = AS_A_FILE
            answer["X-Content-Type-Options"] = "nosniff"
            answer["Cross-Origin-Resource-Policy"] = "same-origin"
            return answer
    raise Http404(name)
