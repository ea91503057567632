"""Codes of administrative divisions, six digits (GB/T 2260): two for the province, two for the prefecture, two for the county.

440000 is Guangdong, 440300 Shenzhen, 440305 its district Nanshan. Which codes exist, and what they are called, are rows
elsewhere; here is only what the digits say. 100000 stands for the nation, where a national authority registers.
"""

from __future__ import annotations

import re
from typing import Literal

from shenzhi.calc.codes.typed import CodeError, plain

Level = Literal["nation", "province", "prefecture", "county"]

NATION = "100000"
_FORM = re.compile(r"[1-8][0-9](?:0000|(?!00)[0-9]{4})")


def parse(text: str) -> str:
    """The six digits of a code that somebody typed; CodeError says why the text is none.

    A county outside any prefecture has 90 in the middle (469021, Ding'an), so digits after 00 there name nothing.
    """
    code = plain(text)
    if not re.fullmatch("[0-9]{6}", code):
        raise CodeError(
            f"行政区划代码应为 6 位数字，现为“{code}”：请按 GB/T 2260 填写，如 440305",
            f"a code of an administrative division has 6 digits, this is {code!r}: write it as in GB/T 2260, such as 440305",
        )
    if not _FORM.fullmatch(code):
        raise CodeError(
            f"行政区划代码 {code} 不合 GB/T 2260 的结构：首位为 1 至 8，第 3、4 位为 00 时后两位也应为 00",
            f"{code} has not the structure of GB/T 2260: it begins with 1 to 8, and after 00 in the middle the last two are 00",
        )
    return code


def level(code: str) -> Level:
    """Whether the code names a province, a prefecture (地级), a county (县级) or the nation."""
    code = parse(code)
    if code == NATION:
        return "nation"
    return "province" if code[2:] == "0000" else "prefecture" if code[4:] == "00" else "county"


def parents(code: str) -> tuple[str, ...]:
    """The divisions that the code lies in, the largest first; none for a province.

    >>> parents("440305"), parents("440300"), parents("440000")
    (('440000', '440300'), ('440000',), ())
    """
    code = parse(code)
    return tuple(larger for larger in (f"{code[:2]}0000", f"{code[:4]}00") if larger != code)
