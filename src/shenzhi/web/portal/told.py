"""The steps of a method between the figures and the grades, told in words: only those that the method has (article 86)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from shenzhi.calc.composite.impute import Imputing
from shenzhi.calc.composite.rounding import Rounding
from shenzhi.kernel.words import Words
from shenzhi.pipeline.index import names
from shenzhi.pipeline.index.method import Node
from shenzhi.web.portal import numbers
from shenzhi.web.portal.editions import Edition

K = TypeVar("K", bound=Hashable)
NAMED = 3  # nodes that are named one by one; more are counted
# Ways of weighing whose weights are written down beforehand, and are not worked out from the figures.
WRITTEN = ("equal", "given")
OF_JUDGEMENT = ("ahp", "budget")


@dataclass(frozen=True)
class Told:
    """One sentence for each step that a method may have; None where it has not."""

    denominators: Words | None
    imputation: Words | None
    treatment: Words | None
    frame: Words
    weights: Words | None
    rounding: Words | None
    grades: Words | None


def told(edition: Edition) -> Told:
    """The steps of the edition's method in words."""
    return Told(
        denominators=_denominators(edition),
        imputation=_imputation(edition),
        treatment=_treatment(edition),
        frame=_frame(edition),
        weights=_weights(edition),
        rounding=_rounding(edition),
        grades=_grades(edition),
    )


def _denominators(edition: Edition) -> Words | None:
    found = _gathered((leaf.per.by, leaf) for leaf in edition.method.leaves if leaf.per and leaf.per.by)
    if not found:
        return None
    said = _listed(
        Words(
            f"{_nodes(edition, leaves).zh}除以“{edition.title(by).zh}”",
            f"{_nodes(edition, leaves).en} by “{edition.title(by).en}”",
        )
        for by, leaves in found.items()
    )
    refused = edition.method.unusable == "refuse"
    return Words(
        f"除以分母：{said.zh}。" + ("" if refused else "分母缺失或为零的，按缺数计。"),
        f"Dividing: {said.en}."
        + ("" if refused else " Where the denominator is missing or zero, the figure counts as missing."),
    )


def _imputation(edition: Edition) -> Words | None:
    found = _gathered(
        (_plan(leaf.impute), leaf)
        for leaf in edition.method.leaves
        if leaf.impute and _plan(leaf.impute) != ("none",)
    )
    if not found:
        return None
    said = []
    for plan, leaves in found.items():
        ways = [names.IMPUTATIONS[one] for one in plan if one != "none"]
        about = _nodes(edition, leaves)
        said.append(
            Words(
                f"{about.zh}，{'；仍缺的，'.join(one.zh for one in ways)}",
                f"{about.en}, {'; failing that, '.join(one.en for one in ways)}",
            )
        )
    listed = _listed(said)
    return Words(
        f"补缺：缺的数用估计值补上，凡补的都注明“插补”。{listed.zh}。",
        f"Gaps: missing figures are estimated, and every estimate is marked. {_capital(listed.en)}.",
    )


def _plan(impute: Imputing | None) -> tuple[str, ...]:
    """The ways of estimating, one after the other."""
    return (impute.method, *(_plan(impute.otherwise) if impute.otherwise else ())) if impute else ()


def _treatment(edition: Edition) -> Words | None:
    found = _gathered(
        (leaf.treat.method, leaf)
        for leaf in edition.method.leaves
        if leaf.treat and leaf.treat.method != "none"
    )
    if not found:
        return None
    said = _listed(
        Words(
            f"{_nodes(edition, leaves).zh}，{names.treatment(name).zh}",
            f"{_nodes(edition, leaves).en}, {names.treatment(name).en}",
        )
        for name, leaves in found.items()
    )
    return Words(
        f"极端值：先作处理再计分，凡改动的都注明。{said.zh}。",
        f"Extreme figures are treated before they are scored, and every change is marked. {_capital(said.en)}.",
    )


def _frame(edition: Edition) -> Words:
    method = edition.method
    if method.frame == "period":
        return Words(
            "尺度按每期各区域的数值确定，因此不同时期的得分不能直接比较。",
            "Scales follow the values of each period, so scores of different periods do not compare.",
        )
    if method.frame == "base":
        zh, en = ([numbers.period(one, language) for one in method.base] for language in ("zh", "en"))
        return Words(
            f"所有时期用{'、'.join(zh)}的尺度，因此各期可以比较。",
            f"All periods are scored on the scale of {', '.join(en)}, so periods compare.",
        )
    return Words("所有时期用同一尺度，因此各期可以比较。", "All periods share one scale, so periods compare.")


def _weights(edition: Edition) -> Words | None:
    found = _gathered(
        (node.weigh.name, node)
        for node in edition.method.nodes.values()
        if node.weigh and node.weigh.name not in WRITTEN
    )
    if not found:
        return None
    said = _listed(
        Words(
            f"{_nodes(edition, groups, WITHIN).zh}，{_grounds(name).zh}（{names.WEIGHTINGS[name].zh}）",
            f"{_nodes(edition, groups, WITHIN).en}, {_grounds(name).en} ({names.WEIGHTINGS[name].en})",
        )
        for name, groups in found.items()
    )
    return Words(f"权重：{said.zh}。", f"Weights: {said.en}.")


def _grounds(name: str) -> Words:
    if name in OF_JUDGEMENT:
        return Words("按专家的判断算出", "worked out from experts' judgements")
    return Words("由数据算出", "worked out from the figures")


def _rounding(edition: Edition) -> Words | None:
    found = _gathered(
        (node.rounding, node) for node in edition.method.nodes.values() if node.rounding is not None
    )
    if not found:
        return None
    said = _listed(
        Words(
            f"{_nodes(edition, nodes, SCORES).zh}{_rule(rule, nodes).zh}",
            f"{_nodes(edition, nodes, SCORES).en} {_rule(rule, nodes).en}",
        )
        for rule, nodes in found.items()
    )
    return Words(f"修约：{said.zh}。", f"Rounding: {said.en}.")


def _rule(rule: Rounding, nodes: list[Node]) -> Words:
    """How a score is rounded, and whether the level above, where there is one, goes on with the rounded one."""
    name, passed = names.ROUNDINGS[rule.rule], rule.passed == "rounded"
    if rule.decimals < 0:
        kept = Words(f"取到{10**-rule.decimals}的整数倍", f"to multiples of {10**-rule.decimals}")
    elif rule.decimals == 0:
        kept = Words("取整数", "to whole points")
    else:
        places = "place" if rule.decimals == 1 else "places"
        kept = Words(f"保留{rule.decimals}位小数", f"to {rule.decimals} decimal {places}")
    if not any(node.parent for node in nodes):
        return Words(f"{kept.zh}（{name.zh}）", f"{kept.en} ({name.en})")
    return Words(
        f"{kept.zh}（{name.zh}），上一层用修约{'后' if passed else '前'}的数",
        f"{kept.en} ({name.en}), and the level above takes the {'rounded' if passed else 'unrounded'} score",
    )


def _grades(edition: Edition) -> Words | None:
    practice = edition.method.practice
    zh, en = [], []
    if practice.items:
        zh.append("加上加分、减去扣分")
        en.append("bonus and deduction items are added")
    if practice.grades:
        zh.append(f"按公布的得分定为{len(practice.grades)}等之一")
        en.append(f"the published score decides which of {len(practice.grades)} grades is given")
    if practice.vetoes:
        zh.append("有一票否决情形的，降到所列等级")
        en.append("a veto holds the grade down")
    title = Words("定级", "Grades") if practice.grades else Words("加分、扣分", "Bonus and deductions")
    return Words(f"{title.zh}：{'；'.join(zh)}。", f"{title.en}: {'; '.join(en)}.") if zh else None


def _gathered(pairs: Iterable[tuple[K, Node]]) -> dict[K, list[Node]]:
    """Nodes by what is done to them, in the order of the method file."""
    found: dict[K, list[Node]] = {}
    for key, node in pairs:
        found.setdefault(key, []).append(node)
    return found


PLAIN = Words("{0}", "{0}"), Words("{0}项指标", "{0} indicators")
WITHIN = Words("{0}之内的", "within {0}"), Words("{0}组之内的", "within {0} groups")
SCORES = Words("{0}的得分", "the score of {0}"), Words("{0}项的得分", "the scores of {0} nodes")


def _nodes(edition: Edition, nodes: list[Node], pattern: tuple[Words, Words] = PLAIN) -> Words:
    """Nodes by name while they are few, else their number."""
    few, many = pattern
    if len(nodes) > NAMED:
        return Words(many.zh.format(len(nodes)), many.en.format(len(nodes)))
    titles = dict.fromkeys(edition.title(node.code) for node in nodes)
    return Words(
        few.zh.format("、".join(f"“{one.zh}”" for one in titles)),
        few.en.format(" and ".join(f"“{one.en}”" for one in titles)),
    )


def _listed(said: Iterable[Words]) -> Words:
    found = list(said)
    return Words("；".join(one.zh for one in found), "; ".join(one.en for one in found))


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
