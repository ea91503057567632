"""What a person reads on a page, and the table on it, for the tests of the registers."""

from __future__ import annotations

import html
import re
from typing import Any

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")


def text_of(response: Any) -> str:
    """The words of a page, one space between them."""
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def main_of(response: Any) -> str:
    """The words within <main>: without navigation, languages and foot."""
    page = response.content.decode()
    part = page[page.index("<main") : page.index("</main>")]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", part)).split())


def rows_of(response: Any) -> list[list[str]]:
    """The rows of the first table, cell by cell."""
    page = response.content.decode()
    if "<tbody>" not in page:
        return []
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    return [
        [
            " ".join(html.unescape(re.sub(r"<[^>]*>", " ", cell)).split())
            for cell in re.findall(r"<t[hd]\b.*?</t[hd]>", row, re.S)
        ]
        for row in re.findall(r"<tr\b.*?</tr>", body, re.S)
    ]


def hidden_of(response: Any) -> dict[str, str]:
    """The hidden fields of the form on the page, as a browser would send them again."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", response.content.decode()):
        given = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if given.get("type") == "hidden" and given.get("name") not in (None, "csrfmiddlewaretoken"):
            found[given["name"]] = html.unescape(given.get("value", ""))
    return found
