"""The procedure of a register as a drawing and as BPMN 2.0, to take away (article 71: who may do what is for all to see)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language

from shenzhi.kernel.procedures.bpmn import bpmn
from shenzhi.kernel.procedures.declaration import Procedure
from shenzhi.kernel.procedures.diagram import svg
from shenzhi.kernel.registers.declaration import Register
from shenzhi.web.registers.found import register_or_404


def drawing(request: HttpRequest, slug: str) -> HttpResponse:
    """The drawing by itself."""
    _, procedure = _procedure(slug)
    return HttpResponse(svg(procedure, get_language() or "zh-hans"), content_type="image/svg+xml")


def model(request: HttpRequest, slug: str) -> HttpResponse:
    """The procedure for modellers and engines that read BPMN."""
    register, procedure = _procedure(slug)
    answer = HttpResponse(
        bpmn(procedure, get_language() or "zh-hans", register.adds),
        content_type="application/xml; charset=utf-8",
    )
    answer["Content-Disposition"] = f'attachment; filename="{register.slug}.bpmn"'
    return answer


def _procedure(slug: str) -> tuple[Register, Procedure]:
    register = register_or_404(slug)
    if register.procedure is None:
        raise Http404(slug)
    return register, register.procedure
