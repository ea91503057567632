"""What the steps of a method are called, in both languages, wherever a page or a report tells them (article 86)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shenzhi.calc.composite.aggregate import COMPARISONS, WHOLE
from shenzhi.kernel.words import Words

NORMALISATIONS = {
    "minmax": Words("极差标准化", "min-max"),
    "zscore": Words("标准分数", "z-score"),
    "goalposts": Words("目标界值", "goalposts"),
    "efficacy": Words("功效系数", "efficacy score"),
    "efficacy_exponential": Words("指数型功效系数", "exponential efficacy score"),
    "scaled": Words("固定尺度", "fixed scale"),
    "rank": Words("名次", "rank"),
    "prank": Words("百分位名次", "percentile rank"),
    "borda": Words("波达计分", "Borda points"),
    "dist2max": Words("与最好值的距离", "distance to the best"),
    "dist2ref": Words("与参照区域的距离", "distance to a reference area"),
    "dist2targ": Words("与目标的距离", "distance to a target"),
    "fracmax": Words("占最好值的比例", "fraction of the best"),
    "ampi": Words("马齐奥塔-帕雷托尺度", "Mazziotta-Pareto scale"),
    "realisation": Words("目标实现程度", "degree of realisation of a target"),
    "interval": Words("区间型指标", "best within an interval"),
}
AGGREGATIONS = {
    "arithmetic": Words("加权算术平均", "weighted arithmetic mean"),
    "geometric": Words("加权几何平均", "weighted geometric mean"),
    "harmonic": Words("加权调和平均", "weighted harmonic mean"),
    "generalised": Words("加权幂平均", "weighted generalised mean"),
    "median": Words("加权中位数", "weighted median"),
    "owa": Words("有序加权平均", "ordered weighted average"),
    "mazziotta_pareto": Words("马齐奥塔-帕雷托平均", "Mazziotta-Pareto mean"),
    "copeland": Words("科普兰两两比较", "Copeland's pairwise comparison"),
    "topsis": Words("逼近理想解法（TOPSIS）", "TOPSIS, nearness to the ideal"),
    "grey_relational": Words("灰色关联度", "grey relational grade"),
    "coupling": Words("耦合协调度", "coupling coordination degree"),
    "product": Words("各项相乘", "product"),
    "ratio": Words("前项与后项之比", "ratio of the first to the second"),
    "shortfall": Words("前项比后项少的比例", "shortfall of the first against the second"),
}
IMPUTATIONS = {
    "none": Words("不插补", "no estimate"),
    "mean": Words("各区域的平均值", "the mean of the areas"),
    "median": Words("各区域的中位数", "the median of the areas"),
    "row_mean": Words("本区域其他指标的平均水平", "the area's mean on the other indicators"),
    "row_median": Words("本区域其他指标的中位水平", "the area's median on the other indicators"),
    "latest": Words("沿用最近一期", "the latest earlier period"),
    "constant": Words("取最近的已知值", "the nearest known period"),
    "between": Words("已知两期之间内插", "the line between two known periods"),
    "linear": Words("线性内插，两端取最近值", "the line between known periods, the nearest beyond them"),
    "linear_constant": Words(
        "线性内插，只有一期时沿用", "the line between known periods, or the only one known"
    ),
}
TREATMENTS = {
    "none": Words("不处理", "left as it is"),
    "winsorise": Words("缩尾", "winsorising"),
    "limits": Words("取值限定", "limits set by the method"),
    "boxcox": Words("Box-Cox 变换", "Box-Cox transform"),
}
LOGARITHM = Words("对数变换", "logarithmic transform")
WEIGHTINGS = {
    "equal": Words("等权", "equal weights"),
    "given": Words("给定权重", "given weights"),
    "pca": Words("主成分法", "principal components"),
    "entropy": Words("熵权法", "entropy weights"),
    "critic": Words("CRITIC 法", "CRITIC"),
    "ahp": Words("层次分析法", "analytic hierarchy process"),
    "budget": Words("预算分配法", "budget allocation"),
}
ROUNDINGS = {
    "half_up": Words("四舍五入", "half up"),
    "half_even": Words("四舍六入五成双", "half to even"),
    "down": Words("舍去", "down"),
}
PARAMETERS = {"mean": Words("平均", "mean"), "sd": Words("标准差", "sd"), "p": Words("指数", "p")}
# How a page tells the errors of figures that were drawn.
OF_EACH, OF_THE_OTHERS = Words("各项", "each figure"), Words("其余各项", "each of the others")
ERRORS = {
    "relative": Words("标准误占数值的比例", "standard error as a share of the figure"),
    "unit": Words("标准误（按数值的单位）", "standard error in the unit of the figure"),
}
GAPS = {
    "hot_deck": Words(
        "缺的数值取自同期有数值的其他区域", "missing figures taken from other areas of the period"
    )
}
SHAPES = {"normal": Words("正态", "normal"), "lognormal": Words("对数正态", "lognormal")}
# The questions that `robustness` asks of a method, by the names that its factors have.
FACTORS = {
    "normalise": Words("怎样换成分数", "how figures become scores"),
    "impute": Words("怎样补缺", "how gaps are estimated"),
    "treat": Words("怎样处理离群值", "how outliers are treated"),
    "aggregate": Words("怎样合成", "how scores are combined"),
    "weigh": Words("各项的权重", "the weights"),
    "leave_out": Words("去掉其中一项", "leaving one part out"),
    "data": Words("数据本身的误差", "errors of the figures"),
}
# What a score moves by, in the order in which a bill shows it; the last is not of the engine: see `changes`.
INGREDIENTS = {
    "raw": Words("指标数值", "Figures"),
    "imputation": Words("插补的数值", "Estimated figures"),
    "treatment": Words("离群值处理", "Outliers"),
    "denomination": Words("分母", "Denominators"),
    "frame": Words("计分尺度", "Scale"),
    "normalisation": Words("计分方法", "Scoring rule"),
    "coverage": Words("指标增减", "Indicators that came or went"),
    "weights": Words("权重", "Weights"),
    "aggregation": Words("合成方法", "Way of combining"),
    "items": Words("加减分项", "Bonus and deduction items"),
    "rounding": Words("修约", "Rounding"),
    "program": Words("计算程序", "Program"),
}
INGREDIENT_MEANINGS = {
    "raw": Words("前后都有的指标，数值变了", "indicators known on both sides whose figures changed"),
    "imputation": Words(
        "前后至少有一边是插补的数值，或者插补的办法不同",
        "figures that are an estimate on one side or both, or another way of estimating",
    ),
    "treatment": Words(
        "前后至少有一边因离群而被调整，或者处理的办法不同",
        "figures held as outliers on one side or both, or another way of treating them",
    ),
    "denomination": Words("指标除以另一个数", "indicators are divided by something else"),
    "frame": Words(
        "换算分数的最高值、最低值等变了；多半是其他地区的数值变了",
        "the best and worst values by which scores are given moved, mostly with the figures of other areas",
    ),
    "normalisation": Words("数值换算成分数的办法不同", "figures become scores by another rule"),
    "coverage": Words(
        "只有一边有数的指标，以及因此达到或达不到发布门槛的一组",
        "indicators known on one side only, and groups that so reach or miss the least coverage",
    ),
    "weights": Words("指标或领域的权重不同", "indicators or groups count for more or less"),
    "aggregation": Words("各部分合成的办法不同", "parts are put together by another mean"),
    "items": Words(
        "加分项、扣分项计的分变了，或者计分的办法不同",
        "bonus and deduction items counted other points, or count by other rules",
    ),
    "rounding": Words("公布时取舍的小数", "decimals dropped or raised when figures are published"),
    "program": Words(
        "公布那一版的程序与现在的程序算得不同",
        "the program that published an edition gave other figures than today's",
    ),
}
AS_PUBLISHED = Words("按公布的方法", "as published")
THE_INDEX = Words("总指数", "the index itself")
NOTHING_LEFT_OUT = Words("全部保留", "nothing left out")
# Scores of these come from comparing areas with each other, or parts with each other: they are not a sum of parts.
INDIVISIBLE = (*COMPARISONS, *WHOLE)


def treatment(name: str) -> Words:
    """A treatment in words; the transforms that are not named above are logarithms."""
    return TREATMENTS.get(name, LOGARITHM)


def step(known: Mapping[str, Words], name: str, parameters: Mapping[str, Any]) -> Words:
    """A step with the parameters that were written for it: 极差标准化（60–100）, z-score (mean 80, sd 10)."""
    title = known.get(name) or treatment(name)
    ends = [parameters.get(end) for end in ("lower", "upper")]
    told = [Words(*[f"{ends[0]:g}–{ends[1]:g}"] * 2)] if None not in ends else []
    for key, value in parameters.items():
        if told and key in ("lower", "upper"):
            continue
        called = PARAMETERS.get(key, Words(f"{key} ", key))
        said = f"{value:g}" if isinstance(value, float | int) and not isinstance(value, bool) else str(value)
        told.append(Words(f"{called.zh}{said}", f"{called.en} {said}"))
    if not told:
        return title
    zh, en = "，".join(one.zh for one in told), ", ".join(one.en for one in told)
    return Words(f"{title.zh}（{zh}）", f"{title.en} ({en})")
