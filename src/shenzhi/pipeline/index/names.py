"""What the steps of a method are called, in both languages, wherever a page or a report tells them (article 86)."""

from __future__ import annotations

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
# Scores of these come from comparing areas with each other: they are not a sum of parts.
INDIVISIBLE = ("copeland", "topsis")


def treatment(name: str) -> Words:
    """A treatment in words; the transforms that are not named above are logarithms."""
    return TREATMENTS.get(name, LOGARITHM)
