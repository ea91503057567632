"""Every address of the box, as the resolver knows it, by who it is for; and the paths that stand for each of them.

An address that is not listed here makes the tests fail until somebody has said what it shows: nobody adds one unseen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from marked_city import City

from shenzhi.kernel.registers.catalogue import registers

NOWHERE = "0" * 64
RECORDS = {  # what registers say: asked by everybody, and compared field by field
    "registers/",
    "registers/{register}/",
    "registers/{register}/about/",
    "track/",  # shows a matter to whoever has its number and secret: tests/registers/test_tracking.py
    "registers/{register}/procedure.svg",
    "registers/{register}/procedure.bpmn",
    "registers/{register}/add/",
    "registers/{register}/done/{key}/",
    "registers/{register}/export.{form}",
    "registers/{register}/import/",
    "registers/{register}/import/template.xlsx",
    "registers/{register}/import/{digest}/",
    "registers/{register}/import/{digest}/done/",
    "registers/{register}/import/{digest}/faults.csv",
    "registers/{register}/{number}/",
    "registers/{register}/{number}/files/",
    "registers/{register}/{number}/files/{digest}/{name}",
    "registers/{register}/{number}/erase/",
    "registers/{register}/{number}/change/",
    "registers/{register}/{number}/do/{move}/",
    "id/org/{code}.json",
    "id/org/{code}/",
    "desk/",
    "desk/views/",
    "desk/views/{pk}/forget/",
    "desk/keys/",
    "desk/department/",
    "desk/together/",
    "desk/together/done/",
    "desk/{register}/{number}/",
    "desk/{register}/{number}/take/",
    "desk/{register}/{number}/do/{move}/",
    "desk/{register}/{number}/clock/{clock}/{act}/",
    "supervision/",
    "supervision/wall/",
    "supervision/lamps.json",
    "supervision/months.csv",
    "supervision/warnings/",
    "supervision/findings/",
    "inbox/",
    "inbox/{key}/",
    "inbox/chores/",
    "api/v1/",
    "api/v1/{register}/",
    "api/v1/{register}/{number}",
    "api/v1/{register}/{number}/history",
    "api/v1/{register}/{number}/moves/{move}",
}
ACCOUNTS = {  # a person's own account, and those of others for administrators: tests/access
    "account/",
    "account/details/",
    "account/keys/add/",
    "account/keys/{pk}/revoke/",
    "account/organisations/{pk}/",
    "account/people/",
    "account/people/add/",
    "account/people/{pk}/",
    "account/people/{pk}/{act}/",
    "account/reads/",
    "account/login/",
    "account/logout/",
    "account/signup/",
    "account/inactive/",
    "account/reauthenticate/",
    "account/confirm-email/",
    "account/confirm-email/{key}/",
    "account/password/change/",
    "account/password/set/",
    "account/password/reset/",
    "account/password/reset/done/",
    "account/password/reset/key/done/",
    "account/password/reset/key/{uidb36}-{key}/",
    "account/codes/",
    "account/codes/give/",
    "account/codes/give-again/",
    "account/codes/on/",
    "account/codes/off/",
    "account/codes/recovery/",
    "account/codes/recovery/new/",
    "account/sso/cancelled/",
    "account/sso/{provider_id}/",
    "account/sso/{provider_id}/callback/",
}
OPEN311 = {  # the problems in the street as the public sees them, the same for everybody
    "open311/v2/requests.{form}",
    "open311/v2/requests/{number}.{form}",
    "open311/v2/servicerequestupdates.{form}",
    "open311/v2/tokens/{token}.{form}",
}
PUBLIC = {  # the same for everybody: nothing of any record, tests/portal, tests/law, tests/history
    "alive",
    "api/v1/openapi.json",
    "",
    "search/",
    "law/",
    "law/articles.json",
    "law/{number}/",
    "history/",
    "history/heads.json",
    "history/heads/{day}.json",
    "history/chain.csv",
    "charts/{key}.svg",
    "charts/{key}.{form}",
    "{city}/",
    "{city}/index/",
    "{city}/index/{period}/",
    "{city}/robustness/",
    "{city}/robustness/{name}.{form}",
    "{city}/robustness/{period}/",
    "{city}/what-if/",
    "{city}/areas/",
    "{city}/areas/{code}/",
    "{city}/domains/{code}/",
    "{city}/indicators/",
    "{city}/indicators/{code}.{form}",
    "{city}/indicators/{code}/",
    "{city}/derivation/{area}/{period}/{node}/",
    "{city}/changes/{area}/{node}/{before}/{now}/",
    "{city}/versions/",
    "{city}/versions/{old}/{new}/{period}.csv",
    "{city}/versions/{old}/{new}/",
    "{city}/versions/{old}/{new}/{period}/",
    "{city}/versions/{old}/{new}/{period}/{area}/{node}/",
    "{city}/figures/{indicator}/{area}/{period}/",
    "{city}/files/{sha}/",
    "{city}/files/{sha}/bytes/",
    "{city}/method/",
    "{city}/method/method.yml",
    "{city}/method/workbook.xlsx",
    "{city}/method/{name}.{form}",
    "{city}/audit/",
    "{city}/audit/{name}.csv",
    "{city}/audit/{code}/",
    "{city}/report/",
    "{city}/report/report.{language}.pdf",
    "{city}/data/",
    "{city}/data/{name}/",
    "complaints/",
    "complaints/statistics/",
    "complaints/statistics.{form}",
    "open311/v2/",
    "open311/v2/discovery.{form}",
    "open311/v2/services.{form}",
    "open311/v2/services/{code}.{form}",
    "open311/v2/{path}",
} | OPEN311
ONCE = {  # what shows nothing of a record unless somebody had handed something in before: one path stands for all
    "registers/{register}/procedure.svg",
    "registers/{register}/procedure.bpmn",
    "registers/{register}/done/{key}/",
    "registers/{register}/import/template.xlsx",
    "registers/{register}/import/{digest}/",
    "registers/{register}/import/{digest}/done/",
    "registers/{register}/import/{digest}/faults.csv",
    "registers/{register}/{number}/files/{digest}/{name}",
    "desk/{register}/{number}/take/",
    "desk/{register}/{number}/do/{move}/",
    "desk/{register}/{number}/clock/{clock}/{act}/",
    "api/v1/{register}/{number}/moves/{move}",
}
GIVEN = {
    "key": NOWHERE,
    "digest": NOWHERE,
    "sha": NOWHERE,
    "name": "name",
    "pk": "1",
    "clock": "review",
    "act": "cause",
    "provider_id": "city",
    "uidb36": "1",
    "day": "2026-01-01",
    "form": "csv",
    "city": "model",
    "number": "7",
    "language": "zh",
}
"""What stands for a part of an address where nothing better is known."""


def routes() -> set[str]:
    """Every address that the resolver knows, in one form: `{name}` for each part that varies."""
    from django.urls import get_resolver
    from django.utils.translation import override

    with override("zh-hans"):  # a page of an earlier test may have left its own language
        walked = list(_walk(get_resolver().url_patterns, ""))
    slugs = {one.slug: one for one in registers()}
    found = set()
    for route in walked:
        plain = re.sub(r"\(\?P<(\w+)>(?:[^()\[\]]|\[[^\]]*\])+\)", r"{\1}", route)
        plain = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", plain).replace("^", "").replace("$", "")
        plain = plain.replace("\\.", ".").replace("{sha256}", "{digest}")
        parts = plain.split("/")
        if plain.startswith(("registers/{slug}", "desk/{slug}")):
            parts[1] = "{register}"
        elif parts[0] == "{slug}":
            parts[0] = "{city}"
        elif plain.startswith("api/v1/") and parts[2] in slugs:
            parts[2] = "{register}"
            if "moves" in parts:
                parts[-1] = "{move}"
        found.add("/".join(parts))
    return found


def _walk(patterns: Any, before: str) -> Iterator[str]:
    for one in patterns:
        path = before + str(one.pattern)
        if hasattr(one, "url_patterns"):
            yield from _walk(one.url_patterns, path)
        else:
            yield path


def filled(route: str, city: City) -> Iterator[tuple[str, Any]]:
    """The paths that stand for an address, each with the record that it names: one for each register or record."""
    code = city.firm.code
    if route in OPEN311:
        for record in city.in_register("problems"):
            for form in ("xml", "json"):
                path = (
                    route.replace("{form}", form)
                    .replace("{number}", record.number)
                    .replace("{token}", record.number)
                )
                yield (
                    f"/{path}" + (f"?service_request_id={record.number}" if "updates" in path else ""),
                    record,
                )
        return
    if "{register}" not in route:
        given = {**GIVEN, "code": code}
        yield "/" + re.sub(r"\{(\w+)\}", lambda part: given.get(part[1], "none"), route), None
        return
    for register in registers():
        forms = ("csv", "xlsx", "parquet", "json") if "{form}" in route else ("",)
        records = city.in_register(register.slug) if "{number}" in route else [None]
        for record in records:
            moves = ["none"]
            if register.procedure is not None and record is not None and "{move}" in route:
                moves = [move.code for move in register.procedure.moves_from(record.state)][:2] or ["none"]
            for form in forms:
                for move in moves:
                    given = {**GIVEN, "register": register.slug, "form": form, "move": move}
                    if record is not None:
                        given["number"] = record.number
                    yield "/" + re.sub(r"\{(\w+)\}", lambda part, g=given: g[part[1]], route), record  # type: ignore[misc]


def paths(city: City, routes: set[str]) -> list[tuple[str, Any]]:
    """The paths of all these addresses, each with the record that it names."""
    return [
        pair
        for route in sorted(routes)
        for pair in ([next(filled(route, city))] if route in ONCE else filled(route, city))
    ]
