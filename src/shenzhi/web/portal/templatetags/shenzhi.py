"""Tags and filters of every page: both languages side by side, figures as people write them, and the page's frame.

{% say "指标" "Indicators" %}              the text of the language in use
{% say "共{}项" "{} in all" count %}       with values put in, escaped
{{ words|say }}                            a Words in the language in use
{{ value|number:1 }} {{ change|signed:1 }} {{ share|percent }}
    {% figure score 1 %} {% observed value unit decimals %}
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.template.base import Node, NodeList, Parser, Token
from django.template.context import Context
from django.urls import NoReverseMatch, reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from shenzhi.kernel.files.reasons import Note
from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake.wording import reading_words
from shenzhi.pipeline.reports import charts
from shenzhi.pipeline.reports.charts import Chart
from shenzhi.web.portal import frame as frames
from shenzhi.web.portal import numbers, plots, rows
from shenzhi.web.portal.spark import bar_svg, spark_svg, strip_svg

register = template.Library()


def language() -> str:
    """The language of the page: "zh-hans" or "en"."""
    return get_language() or "zh-hans"


@register.simple_tag(name="say")
def say_tag(zh: str, en: str, *args: Any, **kwargs: Any) -> SafeString:
    """The text of the language in use; `{}` and `{name}` take the values given after it, escaped."""
    text = en if language().startswith("en") else zh
    if not args and not kwargs:
        return conditional_escape(text)
    return format_html(text, *args, **kwargs)


@register.filter(name="say")
def say_filter(words: Any) -> str:
    """A Words in the language in use; a plain text stands as it is, nothing gives nothing."""
    if isinstance(words, Words):
        return words.say(language())
    return "" if words is None else str(words)


@register.filter
def prose(words: Words | None) -> str:
    """A longer text of a declaration, which its file may hold on several lines, as one."""
    return numbers.joined(words.say(language())) if words else ""


@register.filter
def opening(words: Words) -> str:
    """The first sentence of a longer text, for a place that has room for no more."""
    return numbers.opening(prose(words), 12)[0]


@register.filter
def number(value: float | None, decimals: int | None = None) -> str:
    return numbers.plain(value, decimals)


@register.filter
def given(value: float | None, decimals: int | None = None) -> str:
    return numbers.given(value, decimals)


@register.filter
def signed(value: float | None, decimals: int = 1) -> str:
    return numbers.signed(value, decimals)


@register.filter
def lack(value: float | None, decimals: int = 1) -> str:
    """How far below zero, written without the sign: for "down by"."""
    return numbers.given(None if value is None else -value, decimals)


@register.filter
def reading(note: Any) -> str:
    """How some cells of a file were read, in words."""
    return reading_words(Note(**note)).say(language())


@register.filter
def percent(share: float | None, decimals: int = 0) -> str:
    return numbers.percent(share, decimals)


@register.filter
def period(code: str) -> str:
    return numbers.period(code, language())


@register.filter
def day(given: str | None) -> str:
    return numbers.day(given, language())


@register.filter
def status(code: str) -> str:
    return numbers.status(code, language())


@register.filter
def hander(name: str) -> str:
    return numbers.hander(name, language())


@register.filter
def filesize(count: int) -> str:
    return numbers.size(count, language())


@register.filter
def short(sha: str) -> str:
    """The first twelve signs of a hash: enough to tell two apart by eye."""
    return sha[:12]


@register.simple_tag
def figure(value: float | None, decimals: int | None = None) -> SafeString:
    """A computed figure to so many places; the exact value stays with it for hover and for copying programs."""
    if value is None:
        return SafeString(f'<span class="none">{numbers.NONE}</span>')
    return format_html('<data value="{}">{}</data>', f"{value:.15g}", numbers.plain(value, decimals))


@register.simple_tag
def observed(value: float | None, unit: Words | None = None, decimals: int | None = None) -> SafeString:
    """An observed figure with its unit, as it was given or rounded to so many places."""
    if value is None:
        return SafeString(f'<span class="none">{numbers.NONE}</span>')
    said = unit.say(language()) if unit else ""
    if said.startswith(("%", "‰")):
        return format_html(
            '<data value="{}">{}</data>{}', f"{value:.15g}", numbers.given(value, decimals), said
        )
    return format_html(
        '<data value="{}">{}</data>{}<span class="unit">{}</span>',
        f"{value:.15g}",
        numbers.given(value, decimals),
        numbers.gap(said),
        said,
    )


@register.simple_tag
def strip(values: Any, low: float, high: float) -> SafeString:
    """Dots on a line, one for each area, for a range that is printed beside it."""
    return strip_svg(values, low, high)


@register.simple_tag
def spark(points: Any, low: float | None = None, high: float | None = None) -> SafeString:
    """A small line without axes, for a trend that the text or the table beside it tells in full."""
    return spark_svg(points, low, high)


@register.simple_tag(takes_context=True)
def portal_frame(context: Context) -> frames.Frame:
    """What stands around every page: navigation, languages, the city and whether it is fictional."""
    return frames.frame(context.get("request"), context.get("city"), language())


class _Caught(Node):
    """Keeps what it encloses under a name, so that a title is written once and shown twice."""

    child_nodelists = ("nodelist",)

    def __init__(self, nodelist: NodeList, name: str) -> None:
        self.nodelist = nodelist
        self.name = name

    def render(self, context: Context) -> str:
        context[self.name] = SafeString(self.nodelist.render(context).strip())
        return ""


@register.tag
def catch(parser: Parser, token: Token) -> _Caught:
    """`{% catch title %}...{% endcatch %}` keeps the rendered text in the variable `title`."""
    bits = token.split_contents()
    if len(bits) != 2:
        raise template.TemplateSyntaxError("catch needs one name: {% catch title %}...{% endcatch %}")
    nodelist = parser.parse(("endcatch",))
    parser.delete_first_token()
    return _Caught(nodelist, bits[1])


@register.simple_tag
def bar(value: float | None, top: float = 100.0) -> SafeString:
    """A bar from zero for the figure printed beside it."""
    return bar_svg(value, top)


@register.simple_tag(takes_context=True)
def plot(context: Context, chart: Chart | None, table: bool = False) -> SafeString:
    """A chart of the chart layer with its title, note, source and files to take away, and its table where the page has
    none; nothing where there is no chart."""
    if chart is None:
        return SafeString("")
    said = language()
    return format_html(
        '<figure class="plot"><p class="plot-title">{}</p>{}<figcaption>{}</figcaption>{}{}</figure>',
        chart.heading(said),
        SafeString(plots.drawn(context.get("request"), chart, said)),
        format_html_join(SafeString("<br>"), "{}", ((foot,) for foot in chart.feet(said))),
        plots.files(context.get("edition"), chart, said),
        SafeString(charts.table(chart, said) if table else ""),
    )


@register.simple_tag
def article(number: int | str) -> SafeString:
    """The name of an article of the regulation, or of several, "6, 89"; links where the register of articles is installed."""
    between = ", " if language().startswith("en") else "、"
    return format_html_join(between, "{}", ((_article(one.strip()),) for one in str(number).split(",")))


def _article(number: str) -> SafeString:
    said = f"Article {number}" if language().startswith("en") else f"条例第{number}条"
    try:
        href = reverse("law:article", args=[number])
    except NoReverseMatch:
        return conditional_escape(said)
    return format_html('<a href="{}">{}</a>', href, said)


@register.simple_tag
def indicator_rows(slug: str, entries: Sequence[Any]) -> SafeString:
    """The body of a list of indicators."""
    return rows.indicators(reverse("portal:city", args=[slug]), entries, language(), article)


@register.simple_tag
def latest_rows(slug: str, figures: Sequence[Any]) -> SafeString:
    """The body of an area's latest figures."""
    return rows.latest(reverse("portal:city", args=[slug]), figures, language(), observed)


@register.filter
def lookup(mapping: Any, key: Any) -> Any:
    """A value of a mapping, None where there is none."""
    return mapping.get(key) if hasattr(mapping, "get") else None
