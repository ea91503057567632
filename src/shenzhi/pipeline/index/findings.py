"""What an audit found, in words: what it is, why it matters, and what could be done (article 86).

A finding is a question to those who keep the index, not a fault: two indicators may run against each other because the
world does. So each says what it rests on, and none is acted on by itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.audit import ENOUGH, Audit, Counts


@dataclass(frozen=True)
class Limits:
    """From where on something is told. `alike`: correlation of two of a group; `certain`: the chance (p) up to which a
    connection counts as one; `apart`: difference between a share of weight and of importance, and `times`, their
    ratio; `consistent`: Cronbach's alpha; `moved`: mean change of rank, as a share of the areas; `of_size`:
    correlation with a denominator."""

    alike: float = 0.9
    certain: float = 0.05
    apart: float = 0.05
    times: float = 2.0
    consistent: float = 0.6
    moved: float = 0.1
    of_size: float = 0.7


@dataclass(frozen=True)
class Item:
    """One case: the nodes it is about, and its figures in words. `size` orders them, the largest first."""

    codes: tuple[str, ...]
    told: Words
    size: float


@dataclass(frozen=True)
class Finding:
    """`kind` is a name in KINDS, which says `what` with their number, `why` and what `could` be done."""

    kind: str
    items: tuple[Item, ...]

    def named(self, item: Item, titles: Mapping[str, Words]) -> Words:
        """The nodes of a case by their names: one, one in its group, or a pair."""
        found = [titles.get(code, Words(code, code)) for code in item.codes]
        if len(found) == 1:
            return found[0]
        one, other = found
        if KINDS[self.kind].within:
            return Words(f"{one.zh}（属{other.zh}）", f"{one.en} (in {other.en})")
        return Words(f"{one.zh}与{other.zh}", f"{one.en} and {other.en}")

    @property
    def what(self) -> Words:
        pattern = KINDS[self.kind].what
        return Words(pattern.zh.format(len(self.items)), pattern.en.format(len(self.items)))

    @property
    def why(self) -> Words:
        return KINDS[self.kind].why

    @property
    def could(self) -> Words:
        return KINDS[self.kind].could


def findings(audit: Audit, limits: Limits | None = None) -> tuple[Finding, ...]:
    """What is worth a second look, the gravest kind first; within a kind the largest case first."""
    limits = limits or Limits()
    found = []
    for name, kind in KINDS.items():
        items = sorted(kind.look(audit, limits), key=lambda item: -item.size)
        if items:
            found.append(Finding(name, tuple(items)))
    return tuple(found)


def flagged_pairs(found: tuple[Finding, ...]) -> set[tuple[str, str]]:
    """Pairs of siblings that a finding names: those that say nearly the same, or the opposite."""
    return {
        (item.codes[0], item.codes[1])
        for finding in found
        if finding.kind in ("opposed", "alike")
        for item in finding.items
    }


def _silent(audit: Audit, limits: Limits) -> Iterator[Item]:
    periods = dict(zip(audit.leaves, audit.known_periods, strict=True))
    for code in audit.silent:
        count = periods[code]
        told = (
            Words("任何时期都没有数", "no figure in any period")
            if not count
            else Words(f"其他{count}个时期有数", f"has figures in {count} other period{'s'[: count != 1]}")
        )
        yield Item((code,), told, 1.0 / (1 + count))


def _constant(audit: Audit, limits: Limits) -> Iterator[Item]:
    for column, code in enumerate(audit.leaves):
        count = int(audit.described.available[column])
        if audit.enough and count > 1 and audit.described.unique[column] == 1:
            value = _plain(float(audit.described.least[column]))
            yield Item((code,), Words(f"{count}个区域都是{value}", f"{value} in all {count} areas"), count)


def _flag(what: str, told: Callable[[float], Words]) -> Callable[[Audit, Limits], Iterator[Item]]:
    def look(audit: Audit, limits: Limits) -> Iterator[Item]:
        for flag in audit.flags:
            code = audit.leaves[flag.column]
            constant = audit.described.unique[flag.column] == 1
            if flag.what == what and code not in audit.silent and not (constant and what != "few values"):
                more = 1 - flag.figure if flag.limit < 1 else abs(flag.figure)
                text = told(flag.figure)
                if what == "outliers" and code in audit.treated:
                    text = Words(text.zh + "；计分前已处理", text.en + "; treated before scoring")
                yield Item((code,), text, more)

    return look


def _against(audit: Audit, limits: Limits) -> Iterator[Item]:
    for one in audit.counts:
        if one.r < 0:
            yield Item(_in_group(audit, one), _correlation(one.r, one.p), -one.r)


def _siblings(chosen: Callable[[float, Limits], bool]) -> Callable[[Audit, Limits], Iterator[Item]]:
    def look(audit: Audit, limits: Limits) -> Iterator[Item]:
        if audit.compared is None:
            return
        tree = audit.tree
        for group in tree.groups[::-1]:
            children = tree.children[group]
            for at, one in enumerate(children):
                for other in children[at + 1 :]:
                    r, p = float(audit.compared.r[one, other]), float(audit.compared.p[one, other])
                    if (
                        audit.compared.units[one, other] >= ENOUGH
                        and p <= limits.certain
                        and chosen(r, limits)
                    ):
                        yield Item((tree.codes[one], tree.codes[other]), _correlation(r, p), abs(r))

    return look


def _importance(audit: Audit, limits: Limits) -> Iterator[Item]:
    for one in audit.counts:
        gap = abs(one.importance - one.weight)
        if math.isnan(one.importance) or one.r < 0 or gap < limits.apart:
            continue
        low, high = sorted((one.weight, one.importance))
        if high >= limits.times * low:
            weight, counts = _percent(one.weight), _percent(one.importance)
            yield Item(
                _in_group(audit, one),
                Words(f"权重{weight}，实际影响{counts}", f"weight {weight}, counts for {counts}"),
                gap,
            )


def _leaning(audit: Audit, limits: Limits) -> Iterator[Item]:
    for left in audit.without:
        for at, code in enumerate(left.codes):
            moved = float(left.mean_rank_change[at])
            if moved >= max(1.0, limits.moved * len(audit.areas)):
                told = Words(
                    f"去掉它，名次平均变动{moved:.1f}位",
                    f"without it ranks move by {moved:.1f} places on average",
                )
                yield Item((code,), told, moved)


def _consistency(audit: Audit, limits: Limits) -> Iterator[Item]:
    for group in audit.groups:
        if len(group.children) > 2 and group.alpha < limits.consistent:
            value = _figure(group.alpha)
            yield Item(
                (group.code,), Words(f"克朗巴赫α为{value}", f"Cronbach's alpha {value}"), 1 - group.alpha
            )


def _dimensions(audit: Audit, limits: Limits) -> Iterator[Item]:
    for group in audit.groups:
        if len(group.children) > 2 and group.dimensions > 1:
            first = _percent(group.explained[0])
            told = Words(
                f"{group.dimensions}个主要成分，第一个解释{first}",
                f"{group.dimensions} components matter; the first explains {first}",
            )
            yield Item((group.code,), told, group.dimensions)


def _size(audit: Audit, limits: Limits) -> Iterator[Item]:
    for leaf, by, r, p in audit.sizes:
        if abs(r) >= limits.of_size and p <= limits.certain:
            yield Item((leaf, by), _correlation(r, p), abs(r))


@dataclass(frozen=True)
class Kind:
    """One kind of finding: how it is looked for, and its words; `what` takes the number of cases. `within`: a case is a
    node and the group that it belongs to."""

    look: Callable[[Audit, Limits], Iterator[Item]]
    what: Words
    why: Words
    could: Words
    within: bool = False


KINDS: dict[str, Kind] = {
    "silent": Kind(
        _silent,
        Words("这一期没有任何数字的指标：{}项", "Indicators without a single figure in this period: {}"),
        Words("它的权重实际由同组的其他指标分担，写在方法里的权重没有落实。", "Its weight is in fact carried by the others of its group; the weight in the method is not what is applied."),
        Words("查清由谁提供、何时提供；长期没有的，换一项有数的指标，或从方法中去掉。", "Find out who is to supply it and by when; if it stays silent, replace it or take it out of the method."),
    ),
    "constant": Kind(
        _constant,
        Words("所有区域数值相同的指标：{}项", "Indicators with the same value everywhere: {}"),
        Words("人人相同，就分不出先后，却照样占用权重。", "Where all are alike it tells nobody apart, and still takes up weight."),
        Words("换用还能分出差别的指标；若因达标而相同，可改作一票否决或基本要求。", "Use one that still differs; if all have reached the target, make it a basic requirement instead."),
    ),
    "against": Kind(
        _against,
        Words("与所在组方向相反的项目：{}项", "Parts that run against their own group: {}"),
        Words("这一项越好的区域，组的得分反而越低：它在抵消其余各项。", "Areas that do better on it do worse on the group: it works against what the group is meant to say."),
        Words("先核对方向（越高越好还是越低越好）；方向无误的，考虑单独成组，或在说明中写明这种取舍。", "Check its direction first; if that is right, give it a group of its own, or say in the notes that the two trade off."),
        within=True,
    ),
    "opposed": Kind(
        _siblings(lambda r, limits: r < 0),
        Words("同组内明显反向的成对项目：{}对", "Pairs within a group that clearly run against each other: {}"),
        Words("一项上升时另一项往往下降，平均之后两边的信息都变弱。", "Where one rises the other tends to fall, and their mean says less than either."),
        Words("核对方向；确属此消彼长的，分开列示，或改用不许相互弥补的合成方法（如几何平均）。", "Check the directions; where it is a true trade-off show them apart, or use a mean that lets one make up less for the other (geometric)."),
    ),
    "alike": Kind(
        _siblings(lambda r, limits: r >= limits.alike),
        Words("同组内几乎重复的成对项目：{}对", "Pairs within a group that say nearly the same: {}"),
        Words("同一件事计了两次，它的实际权重加倍。", "One thing is counted twice, so it weighs twice."),
        Words("保留其中一项，或把两项的权重合在一起。", "Keep one of the two, or let them share one weight."),
    ),
    "importance": Kind(
        _importance,
        Words("实际影响与权重相差很大的项目：{}项", "Parts that count for far more or far less than their weight: {}"),
        Words("权重不等于影响：随大家一起变动的项目决定名次，自成一格的项目几乎不起作用。", "A weight is not an influence: a part that moves with all others decides the order, one that goes its own way hardly counts."),
        Words("若权重表示重要程度，就调整权重，使实际影响与之相符；若不表示，就在方法说明中写清楚。", "If weights are to say how much matters, change them until the influence fits; if not, say so in the method."),
        within=True,
    ),
    "leaning": Kind(
        _leaning,
        Words("去掉后名次大变的项目：{}项", "Parts without which ranks change much: {}"),
        Words("排名在很大程度上取决于它，它的数据质量就是排名的质量。", "The ranking leans on it, so the quality of its figures is the quality of the ranking."),
        Words("优先核实它的数据来源；公布名次时同时说明。", "Check its figures first, and say so where ranks are published."),
    ),
    "few": Kind(
        _flag("few values", lambda share: Words(f"{_percent(share)}的区域有数", f"known for {_percent(share)} of the areas")),
        Words("有数的区域太少的指标：{}项", "Indicators known for too few areas: {}"),
        Words("缺数的区域按其余指标计分，与有数的区域并不在同一把尺子上。", "Areas without it are scored on the rest, so they are not measured with the same yardstick."),
        Words("补齐数据；补不齐的，写明缺数区域，或改用覆盖更全的指标。", "Fill the gaps at the source; else name the areas that lack it, or use one that covers more."),
    ),
    "outliers": Kind(
        _flag("outliers", lambda skew: Words(f"偏度{_figure(skew)}", f"skewness {_figure(skew)}")),
        Words("分布极不对称、有离群值的指标：{}项", "Indicators with outliers: {}"),
        Words("少数极端值占满尺度，其余区域挤在一端，几乎分不出来。", "A few extreme values take up the scale, and the other areas crowd at one end of it."),
        Words("先核对极端值；属实的，在方法中加缩尾或对数处理，或用界值固定尺度。", "Check the extreme values; if they are right, let the method winsorise or take logarithms, or fix the scale with posts."),
    ),
    "zeros": Kind(
        _flag("many zeros", lambda share: Words(f"只有{_percent(share)}的数不是0", f"only {_percent(share)} of the values are not 0")),
        Words("多半为零的指标：{}项", "Indicators that are mostly zero: {}"),
        Words("多数区域得分相同，差别只来自少数几个。", "Most areas score the same; all difference comes from a few."),
        Words("核对零是真的为零还是没有填报；换用更细的计量。", "Make sure that a zero is a zero and not a gap; measure more finely."),
    ),
    "steps": Kind(
        _flag("few different values", lambda share: Words(f"不同的数值只占{_percent(share)}", f"only {_percent(share)} of the values differ")),
        Words("不同数值很少的指标：{}项", "Indicators with few different values: {}"),
        Words("许多区域并列，微小的差别会跳成整级的差别。", "Many areas tie, and a small difference may jump a whole step."),
        Words("用未经取整或分档的原始数。", "Use the figures before they were rounded or put into classes."),
    ),
    "consistency": Kind(
        _consistency,
        Words("内部一致性低的组：{}个", "Groups whose parts hardly hang together: {}"),
        Words("各项说的不是同一件事，平均数难以代表这个组。", "Their parts do not say one thing, so the mean stands for little."),
        Words("若本来就是几件不同的事，分成几组；否则逐项检查反向的和不相关的。", "If they are different things by intent, split the group; else look at those that run against it or go their own way."),
    ),
    "dimensions": Kind(
        _dimensions,
        Words("包含不止一个方面的组：{}个", "Groups that hold more than one dimension: {}"),
        Words("一个平均数把几个方面压成一个，读者看不出是哪一面好。", "One mean presses several sides into one; a reader cannot see which is good."),
        Words("按主成分的方向分组，或同时公布各方面的得分。", "Group them along the components, or publish the sides as well."),
    ),
    "size": Kind(
        _size,
        Words("随规模而变的指标：{}项", "Indicators that follow the size of an area: {}"),
        Words("大的区域自然大，比的是规模而不是质量。", "A large area is large: it compares size, not quality."),
        Words("除以人口、面积或产值（方法文件中的 per）。", "Divide it by population, area or output (`per` in the method file)."),
    ),
}  # fmt: skip


def _in_group(audit: Audit, one: Counts) -> tuple[str, ...]:
    """The node and its group; the node alone where its group is the index itself, which goes without saying."""
    return (one.code,) if one.parent == audit.tree.codes[0] else (one.code, one.parent)


def _correlation(r: float, p: float) -> Words:
    chance = "" if math.isnan(p) else ("p<0.001" if p < 0.001 else f"p={p:.3f}")
    value = _figure(r)
    return Words(
        f"相关{value}" + (f"（{chance}）" if chance else ""),
        f"correlation {value}" + (f" ({chance})" if chance else ""),
    )


def _figure(value: float) -> str:
    return "—" if np.isnan(value) else f"{value:.2f}".replace("-", "\u2212")


def _percent(share: float) -> str:
    return f"{share * 100:.0f}%"


def _plain(value: float) -> str:
    return f"{value:,.10g}".replace("-", "\u2212")
