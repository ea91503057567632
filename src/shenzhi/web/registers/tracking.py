"""`/track/`: where a matter stands, for whoever has its number and secret; no account is needed (article 90)."""

from __future__ import annotations

import uuid

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from shenzhi.kernel.access.roles import PUBLIC
from shenzhi.kernel.attachments.attaching import attach, may_attach
from shenzhi.kernel.attachments.kinds import LARGEST, TAKEN
from shenzhi.kernel.cases.case import Case
from shenzhi.kernel.cases.firing import fire
from shenzhi.kernel.cases.tracking import filer, left_to_filer, messages, tracked
from shenzhi.kernel.history.seals import ERASED
from shenzhi.kernel.labels import label
from shenzhi.kernel.registers.writing import Invalid, Refused
from shenzhi.kernel.words import Words
from shenzhi.web.registers.cells import Cell, cell_of
from shenzhi.web.registers.entries import Fact
from shenzhi.web.registers.files import ENDINGS, too_large
from shenzhi.web.registers.forms import to_move
from shenzhi.web.registers.found import way_in
from shenzhi.web.registers.standing import standing
from shenzhi.web.registers.telling import GONE


class TrackForm(forms.Form):
    """Number and secret, as somebody types them from paper."""

    number = forms.CharField(max_length=24, label=label("编号", "Number"))
    secret = forms.CharField(
        max_length=40,
        label=label("查询码", "Secret"),
        help_text=label(
            "提交后页面上的 16 位字母和数字；大小写和连字符不限。",
            "The 16 letters and digits of the page that confirmed it; case and hyphens do not matter.",
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    case: Case | None = None

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        if not self.errors:
            self.case = tracked(given["number"], given["secret"])
            if self.case is None:
                # the same words whichever is wrong, and for a number that does not exist
                raise forms.ValidationError(
                    label(
                        "编号和查询码不相符：请对照提交后的页面逐位核对；查询码遗失的，请联系受理部门。",
                        "Number and secret do not belong together: compare both with the page that confirmed it. "
                        "If the secret is lost, ask the department.",
                    )
                )
        return given


@csrf_exempt  # looked at first, as files are
def track(request: HttpRequest) -> HttpResponse:
    """The secret travels in the body of a POST alone, so that no address, log or referrer holds it."""
    if why := too_large(request):
        context = {"crumbs": [way_in()], "form": TrackForm(), "why": why}
        return render(request, "registers/track.html", context, status=413)
    return _track(request)


@csrf_protect
def _track(request: HttpRequest) -> HttpResponse:
    form = TrackForm(request.POST or None, initial={"number": request.GET.get("number", "")[:24]})
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "registers/track.html", {"crumbs": [way_in()], "form": form}, status=status)
    case = form.case
    assert case is not None  # a form without faults has found it
    if request.POST.get("step") == "attach":
        return _attach(request, form, case)
    if wanted := request.POST.get("move", ""):
        return _move(request, form, case, wanted)
    return _tracked(request, form, case)


def _tracked(
    request: HttpRequest, form: TrackForm, case: Case, said: Words | None = None, status: int = 200
) -> HttpResponse:
    return render(
        request,
        "registers/tracked.html",
        {
            "crumbs": [way_in()],
            "register": case.register,
            "record": case,
            "standing": standing(case, PUBLIC, inside=False),
            "facts": _outcome(case),
            "messages": [
                (one.on.isoformat(), one.act, [(ask.title, _told(ask, value)) for ask, value in one.said])
                for one in messages(case)
            ],
            "moves": left_to_filer(case),
            "may_attach": may_attach(case, filer(case)),
            "taken": TAKEN,
            "endings": ENDINGS,
            "megabytes": LARGEST >> 20,
            "form": form,
            "said": said,
        },
        status=status,
    )


def _attach(request: HttpRequest, form: TrackForm, case: Case) -> HttpResponse:
    """A photograph or another file of whoever has number and secret: the office alone sees it."""
    file = request.FILES.get("file")
    if file is None:
        return _tracked(request, form, case, Words("请选择一个文件。", "Choose a file."), 422)
    try:
        attach(case, file, by=filer(case))
    except Refused as why:
        return _tracked(request, form, case, why.why, why.status)
    taken = Words(
        "已收到文件，只有承办人员能看到。", "The file is here; only those who handle the matter see it."
    )
    return _tracked(request, form, case, taken)


def _move(request: HttpRequest, form: TrackForm, case: Case, wanted: str) -> HttpResponse:
    """A move that the procedure leaves to the applicant, made by whoever has number and secret: asked first, then sent."""
    move = case.procedure.move.get(wanted)
    if move is None or "applicant" not in move.by:
        raise Http404(wanted)
    sent = request.POST.get("step") == "send"
    given = request.POST.copy()
    for name in ("number", "secret", "move"):
        given.pop(name, None)
    asked = to_move(case, move, filer(case), given if sent else None)
    key = request.POST.get("key", "") if sent else uuid.uuid4().hex
    if sent and asked.is_valid():
        try:
            case = fire(case, wanted, by=filer(case), data=asked.cleaned_data, key=key[:80])
        except Invalid as why:
            asked.refuse(why.faults, case.register)
        except Refused as why:
            return _tracked(request, form, case, why.why, why.status)
        else:
            done = Words(f"已提交：{move.title.zh}。", f"Done: {move.title.en}.")
            return _tracked(request, form, case, done)
    elif not sent and move not in left_to_filer(case):
        gone = Words(
            "这一步现在不能办理；目前的情况如下。", "This step cannot be made now; here is how it stands."
        )
        return _tracked(request, form, case, gone, 409)
    context = {
        "crumbs": [way_in()],
        "track": form,
        "record": case,
        "register": case.register,
        "move": move,
        "form": asked,
        "key": key,
    }
    return render(request, "registers/track_move.html", context, status=422 if sent else 200)


def _outcome(case: Case) -> list[Fact]:
    """The fields that the register names for this page, as far as anything stands in them."""
    found = [
        Fact(name, case.register.fields[name].title, _cell(case, name))
        for name in case.register.tracked or ()
    ]
    return [one for one in found if one.cell.text]


def _cell(case: Case, name: str) -> Cell:
    return cell_of(case.register, name, getattr(case, name))


def _told(ask: object, value: object) -> object:
    """An answer in words: the title of what was chosen."""
    chosen = next((one.title for one in getattr(ask, "choices", ()) if one.code == value), None)
    return GONE if value == ERASED else chosen or str(value)
