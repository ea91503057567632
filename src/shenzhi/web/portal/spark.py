"""Small drawings that stand inside a line of text or a table cell: a trend line and a bar. Charts proper, with
axes and sources, come from the reports' chart layer; these only echo figures printed beside them."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

WIDTH, HEIGHT, EDGE = 120, 32, 4


def spark_svg(
    points: Sequence[float | None], low: float | None = None, high: float | None = None
) -> SafeString:
    """A line through `points` in order of time, broken where a point is missing, with a dot on the last known one."""
    known = [value for value in points if value is not None]
    if not known:
        return SafeString("")
    bottom = min(known) if low is None else min(low, *known)
    top = max(known) if high is None else max(high, *known)
    span = (top - bottom) or 1.0
    middle = 0.5 if top == bottom else None
    step = (WIDTH - 2 * EDGE) / max(len(points) - 1, 1)

    def place(index: int, value: float) -> str:
        share = middle if middle is not None else (value - bottom) / span
        x = EDGE + (index * step if len(points) > 1 else (WIDTH - 2 * EDGE) / 2)
        return f"{x:.1f},{HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE):.1f}"

    lines: list[list[str]] = [[]]
    last = ""
    for index, value in enumerate(points):
        if value is None:
            lines.append([])
        else:
            last = place(index, value)
            lines[-1].append(last)
    drawn = "".join(f'<polyline points="{" ".join(line)}"/>' for line in lines if len(line) > 1)
    for line in lines:
        if len(line) == 1 and line[0] != last:  # a point between two gaps is no line, and must not vanish
            x, y = line[0].split(",")
            drawn += f'<circle cx="{x}" cy="{y}" r="2"/>'
    x, y = last.split(",")
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true" focusable="false">'
        '{}<circle cx="{}" cy="{}" r="3"/></svg>',
        WIDTH,
        HEIGHT,
        WIDTH,
        HEIGHT,
        SafeString(drawn),
        x,
        y,
    )


def strip_svg(values: Sequence[float], low: float, high: float) -> SafeString:
    """One dot for each value on a line from `low` to `high`."""
    span = (high - low) or 1.0
    dots = "".join(
        f'<circle cx="{EDGE + (value - low) / span * (WIDTH - 2 * EDGE):.1f}" cy="{HEIGHT / 2:g}" r="3"/>'
        for value in values
    )
    return format_html(
        '<svg class="spark strip" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true" focusable="false">'
        '<path d="M{} {}H{}"/>{}</svg>',
        WIDTH,
        HEIGHT,
        WIDTH,
        HEIGHT,
        EDGE,
        HEIGHT // 2,
        WIDTH - EDGE,
        SafeString(dots),
    )


def bar_svg(value: float | None, top: float = 100.0) -> SafeString:
    """A bar from zero, `value` of `top` long; nothing for a missing value."""
    if value is None or top <= 0:
        return SafeString("")
    share = min(max(value / top, 0.0), 1.0)
    return format_html(
        '<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="track" width="100" height="6"/><rect width="{}" height="6"/></svg>',
        f"{share * 100:.1f}",
    )
