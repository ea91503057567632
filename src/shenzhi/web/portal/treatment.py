"""What a method did to a figure before it was scored, in words: divided, estimated, held (article 86)."""

from __future__ import annotations

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.published import Part
from shenzhi.web.portal import numbers
from shenzhi.web.portal.editions import Edition

ESTIMATES = {
    "mean": Words("插补：各区域的平均值", "estimated: the mean of the areas"),
    "median": Words("插补：各区域的中位数", "estimated: the median of the areas"),
    "row_mean": Words(
        "插补：按本区域其他指标的平均水平", "estimated: from the area's mean on the other indicators"
    ),
    "row_median": Words(
        "插补：按本区域其他指标的中位水平", "estimated: from the area's median on the other indicators"
    ),
    "latest": Words("插补：沿用{0}的数值", "estimated: carried on from {0}"),
    "constant": Words("插补：取最近的{0}的数值", "estimated: as in {0}, the nearest known"),
    "between": Words("插补：由{0}内插", "estimated: between {0}"),
    "linear": Words("插补：由{0}推算", "estimated: along the line through {0}"),
    "linear_constant": Words("插补：由{0}推算", "estimated: along the line through {0}"),
}
TREATMENTS = {
    "winsorise": Words("离群值，按相邻的数值计", "an outlier, held at the next value"),
    "limits": Words("超出方法规定的取值范围", "beyond the limits that the method sets"),
    "boxcox": Words("为压低离群值作了幂变换", "bent by a power so that outliers weigh less"),
}
BENT = Words("为压低离群值取了对数", "taken in logarithms so that outliers weigh less")


def steps_of(edition: Edition, part: Part) -> Words:
    """The steps between the figure given and the one scored; empty when it entered as it was given."""
    said = [_step(edition, *one.partition(":")[::2]) for one in part.how.split()]
    if said and part.raw is not None and part.entered is not None and part.entered != part.raw:
        entered = numbers.given(part.entered, 4)
        said.append(Words(f"按{entered}计分", f"scored as {entered}"))
    return Words("；".join(one.zh for one in said), "; ".join(one.en for one in said))


def _step(edition: Edition, name: str, about: str) -> Words:
    if name == "per":
        divisor = edition.title(about)
        return Words(f"除以{divisor.zh}", f"divided by {divisor.en}")
    if name == "months":
        return Words(f"由{about}个月的数据合成", f"made of {about} months")
    if name in ESTIMATES:
        zh, en = ([numbers.period(one, language) for one in about.split(",")] for language in ("zh", "en"))
        told = ESTIMATES[name]
        return Words(told.zh.format("、".join(zh)), told.en.format(" and ".join(en)))
    return TREATMENTS.get(name, BENT)
