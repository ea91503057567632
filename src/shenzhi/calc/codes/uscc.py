"""The unified social credit code of organisations, 18 characters (GB 32100-2015), under which standard, quality, brand and
credit meet (articles 3 and 88).

    9 1   4403 00   27922011 4   3
    | |   |         |        |   the 18th: check on the 17 before it, modulo 31 (GB 32100, after GB/T 17710)
    | |   |         |        the 17th: check on the 8 before it, modulo 11 (GB 11714)
    | |   |         organisation code
    | |   region of the registering authority (GB/T 2260)
    | kind of organisation, within the department
    department that registers it
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import getitem

from shenzhi.calc.codes.typed import ALPHABET, CodeError, instead_of, plain

DEPARTMENTS: dict[str, tuple[str, str]] = {
    "1": ("机构编制", "Public sector establishment"),
    "2": ("外交", "Foreign affairs"),
    "3": ("司法行政", "Justice"),
    "4": ("文化", "Culture"),
    "5": ("民政", "Civil affairs"),
    "6": ("旅游", "Tourism"),
    "7": ("宗教", "Religious affairs"),
    "8": ("工会", "Trade unions"),
    "9": ("工商", "Market regulation"),
    "A": ("中央军委改革和编制办公室", "Central Military Commission, reform and establishment"),
    "N": ("农业", "Agriculture"),
    "Y": ("其他", "Other"),
}
"""Who registers (first character), as GB 32100 names the departments; in Chinese and English."""

KINDS: dict[str, tuple[str, str]] = {
    "11": ("机关", "State organ"),
    "12": ("事业单位", "Public institution"),
    "13": ("编办直接管理机构编制的群众团体", "People's organisation on the public establishment"),
    "19": ("其他（机构编制）", "Other, public sector establishment"),
    "51": ("社会团体", "Social association"),
    "52": ("民办非企业单位", "Private non-enterprise unit"),
    "53": ("基金会", "Foundation"),
    "59": ("其他（民政）", "Other, civil affairs"),
    "91": ("企业", "Enterprise"),
    "92": ("个体工商户", "Individual business"),
    "93": ("农民专业合作社", "Farmers' cooperative"),
    "N1": ("组级集体经济组织", "Collective economic organisation of a group"),
    "N2": ("村级集体经济组织", "Collective economic organisation of a village"),
    "N3": ("乡镇级集体经济组织", "Collective economic organisation of a township"),
    "Y1": ("其他", "Other"),
}
"""Names of the kinds that a city meets often. Departments add kinds, so one that is not named here is no error."""

LENGTH = 18
_DIGITS = "0123456789"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714
_ORGANISATION_VALUES = {character: int(character, 36) for character in ALPHABET}  # A is 10, ..., Z is 35
_ORGANISATION_CHECKS = "0123456789X"
_ALLOWED = ("".join(DEPARTMENTS), ALPHABET, *[_DIGITS] * 6, *[ALPHABET] * 8, _ORGANISATION_CHECKS, ALPHABET)


@dataclass(frozen=True)
class Uscc:
    """A code whose form and both check characters are right; whether such an organisation exists only its register knows."""

    code: str

    @property
    def department(self) -> str:
        """The first character, a key of `DEPARTMENTS`."""
        return self.code[0]

    @property
    def kind(self) -> str:
        """The first two characters, such as 91; `KINDS` names the frequent ones."""
        return self.code[:2]

    @property
    def region(self) -> str:
        """The region of the authority that first registered it (GB/T 2260), not where it is now."""
        return self.code[2:8]

    @property
    def organisation(self) -> str:
        """The organisation code with its check character, nine characters, as it stood alone before 2015."""
        return self.code[8:17]

    def __str__(self) -> str:
        return self.code


def check_character(values: Iterable[int]) -> str:
    """The check character of GB 32100 for values from the left: their sum weighted 1, 3, 9, ... made up to a multiple of 31."""
    total, weight = 0, 1
    for value in values:
        total += value * weight
        weight = weight * 3 % 31
    return ALPHABET[-total % 31]


def organisation_check(code: str) -> str:
    """The check character of the eight characters of an organisation code (GB 11714): a digit, or X for ten."""
    total = sum(
        _ORGANISATION_VALUES[one] * weight for one, weight in zip(code, _ORGANISATION_WEIGHTS, strict=True)
    )
    return _ORGANISATION_CHECKS[-total % 11]


def make(prefix: str, organisation: str) -> str:
    """The code of `prefix` (department, kind, region: 8 characters) and `organisation` (8) with both check characters.

    >>> make("91440300", "27922011")
    '914403002792201143'
    """
    body = plain(prefix) + plain(organisation)
    if len(plain(prefix)) != 8 or len(body) != 16:
        raise CodeError(
            "统一社会信用代码由前 8 位（登记管理部门、机构类别、行政区划）和 8 位组织机构代码组成，再加两位校验码",
            "a unified social credit code is made of 8 characters (department, kind, region) and 8 of the organisation code",
        )
    _refuse_characters(body)
    body += organisation_check(body[8:])
    return body + check_character(map(ALPHABET.index, body))


def parse(text: str) -> Uscc:
    """The code that somebody typed, in any width and case, with spaces or hyphens.

    CodeError says how many characters are missing, or which character is wrong, or which check character does not fit
    and what it would have to be.
    """
    if is_valid(text):  # most are, in an import
        return Uscc(text)
    code = plain(text)
    if len(code) != LENGTH:
        zh = "缺" if len(code) < LENGTH else "多"
        en = "missing" if len(code) < LENGTH else "too many"
        off = abs(LENGTH - len(code))
        raise CodeError(
            f"统一社会信用代码应为 {LENGTH} 位，现为 {len(code)} 位，{zh} {off} 位：请对照证照核对",
            f"a unified social credit code has {LENGTH} characters, this has {len(code)} ({off} {en}): compare it with the certificate",
        )
    _refuse_characters(code)
    organisation, last = organisation_check(code[8:16]), check_character(map(ALPHABET.index, code[:17]))
    if code[16] != organisation:
        raise CodeError(
            f"统一社会信用代码第 17 位（组织机构代码校验码）是 {code[16]}，按第 9 至 16 位 {code[8:16]} 应为 {organisation}：请对照证照核对第 9 至 17 位",
            f"character 17 (check of the organisation code) is {code[16]}, but {code[8:16]} asks for {organisation}: compare characters 9 to 17 with the certificate",
            17,
        )
    if code[17] != last:
        raise CodeError(
            f"统一社会信用代码第 18 位（校验码）是 {code[17]}，按前 17 位应为 {last}：请对照证照核对前 8 位和末位",
            f"character 18 (check) is {code[17]}, but the 17 before it ask for {last}: compare the first 8 and the last with the certificate",
            18,
        )
    return Uscc(code)


def is_valid(code: str) -> bool:
    """Whether the text is a code in its plain form (18 characters, capitals, nothing between); made for bulk import."""
    if len(code) != LENGTH:
        return False
    try:
        total = sum(map(getitem, _SHARES, code))
    except KeyError:
        return False
    return not (total % 1024 % 31 or total // 1024 % 11)


def _shares() -> tuple[dict[str, int], ...]:
    """For each place, what each allowed character adds to both check sums: modulo 31, plus 1024 times modulo 11.

    One look-up per character then tests characters and both checks; 18 * 30 stays below 1024, so the sums keep apart.
    Each check character has weight 1 in its own sum, which must come out as 0.
    """
    found = []
    for place, allowed in enumerate(_ALLOWED):
        weight = pow(3, place, 31) if place < 17 else 1
        of_organisation = (*[0] * 8, *_ORGANISATION_WEIGHTS, 1, 0)[place]
        values = (
            {one: _ORGANISATION_CHECKS.index(one) for one in allowed} if place == 16 else _ORGANISATION_VALUES
        )
        found.append(
            {
                one: ALPHABET.index(one) * weight % 31 + 1024 * (values[one] * of_organisation % 11)
                for one in allowed
            }
        )
    return tuple(found)


_SHARES = _shares()


def _refuse_characters(code: str) -> None:
    """CodeError for the first character that cannot stand in its place; `code` may end before its check characters."""
    for position, (character, allowed) in enumerate(zip(code, _ALLOWED, strict=False), start=1):
        if character in allowed:
            continue
        if character not in ALPHABET:
            zh, en = (
                "代码只用数字和大写字母（不用 I、O、S、V、Z）",
                "codes use digits and capitals without I, O, S, V, Z",
            )
            meant_zh, meant_en = instead_of(character)
        elif position == 1:
            zh, en = "登记管理部门应为 1 至 9、A、N 或 Y", "the registering department is 1 to 9, A, N or Y"
            meant_zh = meant_en = ""
        elif position == 17:
            zh, en = "组织机构代码校验码应为数字或 X", "the check of the organisation code is a digit or X"
            meant_zh = meant_en = ""
        else:
            zh, en = "行政区划（第 3 至 8 位）只用数字", "the region (characters 3 to 8) has digits only"
            meant_zh = meant_en = ""
        raise CodeError(
            f"统一社会信用代码第 {position} 位“{character}”有误：{zh}{meant_zh}",
            f"character {position} of the unified social credit code, {character!r}, is wrong: {en}{meant_en}",
            position,
        )
