"""The register and the record that an address names; what a reader may not see is missing, like what never was."""

from __future__ import annotations

from django.http import Http404
from django.urls import reverse

from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.registers.catalogue import register_named, serial
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.registers.showing import referred
from shenzhi.kernel.words import Words

Crumb = dict[str, object]


def way_in() -> Crumb:
    """The first step of the way to any page of a register."""
    return {"title": Words("登记簿", "Registers"), "href": reverse("registers:all")}


def crumb(register: Register) -> Crumb:
    return {"title": register.title, "href": reverse("registers:list", args=[register.slug])}


def register_or_404(slug: str) -> Register:
    register = register_named(slug)
    if register is None:
        raise Http404(slug)
    return register


def record_or_404(register: Register, number: str, reader: Reader) -> Record:
    """The record with this number, for this reader; 404 for none, for a hidden one, and for a number of another register."""
    key = serial(register, number)
    model: type[Record] = register.model
    records = model.objects.visible_to(reader).select_related(*referred(model))
    record = records.filter(pk=key).first() if key is not None else None
    if record is None:
        raise Http404(number)
    return record
