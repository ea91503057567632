"""What is asked of the city full of letters, and what is looked for in its answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from django.test import Client
from every_address import OPEN311, RECORDS, paths
from letters_city import WHO, Letters
from test_matrix import said

from shenzhi.kernel.registers.catalogue import registers

OURS = ("complaints", "reports", "problems", "organisations")


ABOUT = (
    "history/", "history/heads.json", "history/chain.csv?lane=1", "complaints/", "complaints/statistics/",
    *(f"complaints/statistics.{form}?kind={kind}" for form in ("csv", "json") for kind in ("complaint", "report", "problem")),
    "open311/v2/requests.json?status=open,closed", "open311/v2/requests.xml", "open311/v2/requests.json?service_code=cover",
    "open311/v2/services.json", "api/v1/openapi.json", "sitemap.xml", "robots.txt", "search/?q=%E7%94%B5%E7%83%AD%E6%B0%B4%E5%A3%B6",
)  # fmt: skip


TOKEN = re.compile(
    r'name="csrfmiddlewaretoken" value="\w+"|"(?:key|nonce)" value="[\w-]+"|"counted_at": "[^"]+"'
)


def told(city: Letters, text: str) -> set[str]:
    """The secrets in a text, however a telephone is written."""
    found = {one for one in city.secrets if one in text}
    return found | ({WHO["phone"]} if re.search(r"010[ -]?0000[ -]?7391", text) else set())


def every_path(city: Letters, curious: Any) -> list[str]:
    """Every address of the registers of letters and those that belong to none; other registers are asked in test_matrix.py.

    A program's key opens the API alone: of all other addresses it is the public."""
    of_others = re.compile(
        rf"/(?:registers|desk|api/v1)/(?:{'|'.join(one.slug for one in registers() if one.slug not in OURS)})/"
    )
    asked = [path for path, _ in paths(city.city, RECORDS | OPEN311) if not of_others.match(path)]
    asked += [f"/{one}" for one in ABOUT]
    return [path for path in asked if not curious.key or path.startswith("/api/")]


def leaks(city: Letters, browser: Client, asked: Iterable[str]) -> dict[str, set[str]]:
    """Which of these addresses tell the browser which secret."""
    return {path: found for path in asked if (found := told(city, said(browser.get(path))))}


def differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The addresses that answer otherwise than before."""
    return [path for path in before if before[path] != after[path]]


def plain(answer: Any, *words: str) -> tuple[int, str]:
    """Status, body and what else an answer says of its content, without what was asked and what is new in every answer."""
    whole = said(answer)
    text = TOKEN.sub("", whole)
    # it is a print of the body: of what was asked, and of what is new in every answer, as well
    etag = answer.get("ETag", "") if text == whole and not words else ""
    for word in words:
        text = text.replace(word, "?").replace(json.dumps(word)[1:-1], "?")
    named = () if words else ("Last-Modified", "Content-Disposition", "Link")
    heads = [re.sub(r"\d+", "", answer.get(name, "")) for name in named]  # a file is named by the moment
    return answer.status_code, "\n".join([re.sub(r"%[0-9A-F]{2}", "", text), etag, *heads])


def counts(city: Letters, browser: Client, only: tuple[str, ...] = ()) -> dict[str, tuple[int, str]]:
    """All that a reader can count: lists whole and by pages, the dossier, filters, exports, what stands at the API; of
    registers that are not of letters, the lists alone."""
    asked = ["/registers/", f"/id/org/{city.office.firm.code}.json", f"/id/org/{city.office.firm.code}/", "/inbox/",
             "/complaints/", "/complaints/statistics.json?kind=complaint", "/complaints/statistics.json?kind=problem",
             "/open311/v2/requests.json", "/api/v1/", "/search/?q=%E7%94%B5"]  # fmt: skip
    for one in registers():
        if one.slug in OURS:
            asked += [f"/api/v1/{one.slug}/?limit=2", f"/registers/{one.slug}/export.csv"]
        if one.slug in (only or [one.slug]):
            asked += [f"/registers/{one.slug}/", f"/api/v1/{one.slug}/"]
    for record in city.city.in_register("complaints"):
        asked += [f"/registers/complaints/{record.number}/", f"/api/v1/complaints/{record.number}/history",
                  f"/api/v1/complaints/{record.number}"]  # fmt: skip
    return {path: plain(browser.get(path)) for path in asked}
