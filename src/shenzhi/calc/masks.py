"""Masks: how much of a name, a telephone or an address may be shown to those who need not know it (Personal Information
Protection Law 6 and 51: no more than the purpose asks, and de-identified; Shenzhen Data Regulation 26).

A rule is a list of forms. A text of one of these forms is shown as far as the form's groups reach, with a star for every
other character; a text of no such form is hidden wholly, whatever it is, and so is its length. A mask may therefore show
less than the rule promises, but never more. Masked is not anonymous: a rare name or a small street still tells.

>>> mask("name", "欧阳小明"), mask("phone", "13812345678"), mask("phone", "call me")
('欧阳**', '138****5678', '***')
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from shenzhi.calc.errors import BilingualError
from shenzhi.calc.figures import fold

HIDDEN = "***"
"""What is shown of a text in a form that its rule does not know; an empty text stays empty."""

_HAN = "[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"  # with the rare characters of names
_LATIN = "[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]"
_PROVINCES = (
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 "
    "青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门"
)
_PLATE_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_COMPOUND = (
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 "
    "钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 "
    "呼延 东郭 南门 羊舌 微生 左丘 东门 西门 第五 歐陽 司馬 東方 諸葛 鍾離 長孫 軒轅"
)


_CITY = f"(?:{_HAN}{{2,4}}?(?<![超夜菜])市|{_HAN}{{2,12}}?自治州|{_HAN}{{2,3}}?(?:地区|盟))"
_DISTRICT = f"(?:{_HAN}{{1,3}}?(?<![小社园苑校厂景片院库宅舍])[区县]|{_HAN}{{2,12}}?自治县|{_HAN}{{1,9}}?旗)"
_STREET = f"(?:{_HAN}{{1,4}}?(?:街道|(?<!小)镇|乡)(?![路街巷道口])|{_HAN}{{1,8}}?族乡)"


def _either(words: str) -> str:
    return "|".join(words.split())


def _forms(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in patterns)


RULES: Mapping[str, tuple[re.Pattern[str], ...]] = {
    # nothing: free text, and whatever has no rule of its own
    "all": (),
    # the surname: 张*, 张**, 欧阳** (two characters are a surname and a name, 欧*); the first character of a name with a
    # dot, 阿****·***; initials in Latin script, where every word must have a second letter to hide: J*** S****
    "name": _forms(
        f"((?:{_either(_COMPOUND)}) *){_HAN}{{1,3}}",
        f"({_HAN} *){_HAN}{{1,3}}",
        f"({_HAN}){_HAN}{{0,11}}(?:(·){_HAN}{{1,12}})(?:(·){_HAN}{{1,12}})?",
        f"({_LATIN})(?:{_LATIN}|['’-]){{1,30}}" + f"(?:([ ]{_LATIN})(?:{_LATIN}|['’-]){{1,30}})?" * 4,
    ),
    # resident identity number, 18 or the former 15 characters: region to the prefecture, and the last four (three)
    "identity": _forms("([1-9][0-9]{3})[0-9]{10}([0-9]{3}[0-9Xx])", "([1-9][0-9]{3})[0-9]{8}([0-9]{3})"),
    # mobile: three and four; fixed: area code and the last four, without the extension; nothing of 110 or 95588
    "phone": _forms(
        "((?:[+]?86[ -]?)?1[3-9][0-9][ -]?)[0-9]{4}([ -]?[0-9]{4})",
        "((?:[+]?86[ -]?)?[(]?(?:010|02[0-9]|0[3-9][0-9]{2})[)]?[ -]?)[0-9]{3,4}([0-9]{4})(?:-[0-9]{1,6})?",
        "([+]?86[ -]?(?:10|2[0-9]|[3-9][0-9]{2})[ -])[0-9]{3,4}([0-9]{4})(?:-[0-9]{1,6})?",
        "[0-9]{3,4}([0-9]{4})",
    ),
    # first letter and domain; of a single letter the domain
    "email": _forms(
        r"([A-Za-z0-9])[A-Za-z0-9._%+-]{1,63}(@(?:[A-Za-z0-9-]{1,63}[.]){1,5}[A-Za-z]{2,24})",
        r"[A-Za-z0-9](@(?:[A-Za-z0-9-]{1,63}[.]){1,5}[A-Za-z]{2,24})",
    ),
    # down to the subdistrict or town (街道、镇、乡), else to the district or city; road, estate, house and room are hidden.
    # Without a table of places a long word could be a person's name or a shop, so only short ones count as places
    "address": _forms(
        f"((?:{_either(_PROVINCES)})(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)?{_CITY}?{_DISTRICT}?{_STREET}?).*",
        f"({_HAN}{{2,3}}(?<![超夜菜])市(?:{_DISTRICT}{_STREET}?|{_STREET}|$)).*",
        f"({_DISTRICT}{_STREET}?).*",
    ),
    # province and the authority's letter, and the last two: 粤B·***12, with green plates 粤B·****12
    "plate": _forms(
        f"([{_PLATE_PROVINCES}][A-Za-z][·• -]?)[A-Za-z0-9]{{3,4}}([A-Za-z0-9]{{2}})",
        f"([{_PLATE_PROVINCES}][A-Za-z][·• -]?)[A-Za-z0-9]{{3}}([A-Za-z0-9][警学挂港澳领])",
    ),
    # bank account or card, 12 to 30 digits: the last four
    "account": _forms("(?:[0-9][ -]?){8,26}((?:[0-9] ?){3}[0-9])"),
}
"""The rules by name; a register names one for each of its personal fields."""


class MaskError(BilingualError):
    """A rule for masking that nobody has written."""


def mask(rule: str, text: str) -> str:
    """The text as far as the rule shows it; HIDDEN when it has none of the rule's forms; MaskError for an unknown rule."""
    if rule not in RULES:
        known = ", ".join(RULES)
        raise MaskError(
            f"没有名为“{rule}”的脱敏规则：现有 {known.replace(', ', '、')}",
            f"no rule for masking is called {rule!r}: known are {known}",
        )
    plain = fold(text)
    if not plain:
        return ""
    for form in RULES[rule]:
        if found := form.fullmatch(plain):
            shown = {place for group in range(1, form.groups + 1) for place in range(*found.span(group))}
            return "".join(one if place in shown else "*" for place, one in enumerate(plain))
    return HIDDEN
