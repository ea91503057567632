"""The method in words, the edition, and its files to download (article 86)."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language

from shenzhi.kernel.words import LANGUAGES, Words
from shenzhi.pipeline.index import names
from shenzhi.pipeline.index.folder import certificate_of
from shenzhi.pipeline.index.method import Method, Node
from shenzhi.web.portal import audits, downloads, numbers
from shenzhi.web.portal import rows as written
from shenzhi.web.portal.editions import Edition, NotPublished, edition_of
from shenzhi.web.portal.serve import not_published, of_edition, page, unknown
from shenzhi.web.portal.told import told
from shenzhi.web.portal.views.indicators import facts

METHOD = Words("方法", "Method")
TABLES = {
    "series": Words(
        "数列：每个指标、区域、时期的每个已知值",
        "Series: every known value of every indicator, area and period",
    ),
    "scores": Words(
        "得分：树上每个节点的得分、名次和覆盖率", "Scores: score, rank and coverage of every node of the tree"
    ),
    "parts": Words("推导：每个得分由哪些部分组成", "Parts: what each score is made of"),
}


@of_edition
def method(request: HttpRequest, edition: Edition) -> HttpResponse:
    """`/<slug>/method/`: how the index is made, in words, and how to make it again."""
    given = edition.method
    english = (get_language() or "").startswith("en")
    context = {
        "method": given,
        "steps": told(edition),
        "note": numbers.opening(numbers.joined(given.note.say(get_language() or "")), 160 if english else 60),
        "branches": written.branches(
            reverse("portal:city", args=[edition.city.slug]), branches(edition), get_language() or ""
        ),
        "framework": audits.framework(edition),
        "manifest": edition.publication.manifest,
        "certificate": certificate_of(edition.publication.manifest),
        "vintage": edition.vintage,
        "tables": list(TABLES.items()),
        "means": means(given),
        "year_named": ENDS if given.practice.year and given.practice.year.named_by == "end" else BEGINS,
    }
    return page(request, "method", edition, context)


SCALES = {
    "minmax": Words(
        "观测的最差值记{lower}分，最好值记{upper}分",
        "the worst observed value scores {lower}, the best {upper}",
    ),
    "zscore": Words(
        "按标准差计，平均值记{mean}分，一个标准差{sd}分",
        "in standard deviations: the mean scores {mean}, one deviation {sd}",
    ),
    "goalposts": Words(
        "{worst}记{lower}分，{best}记{upper}分，超出按端点计",
        "{worst} scores {lower}, {best} scores {upper}; values beyond are held there",
    ),
    "efficacy": Words(
        "功效系数：{worst}记{lower}分，{best}记{upper}分",
        "efficacy score: {worst} scores {lower}, {best} scores {upper}",
    ),
    "efficacy_exponential": Words(
        "指数型功效系数：{worst}记{lower}分，{best}记{upper}分",
        "exponential efficacy score: {worst} scores {lower}, {best} scores {upper}",
    ),
}
OBSERVED = (
    Words("观测的最差值", "the worst observed value"),
    Words("观测的最好值", "the best observed value"),
)


ENDS, BEGINS = Words("结束", "ends"), Words("开始", "begins")
LOGARITHM = Words("，取对数", ", in logarithms")


def means(method: Method) -> Words:
    """The means in use, in words."""
    used = sorted({node.aggregate for node in method.root.walk() if not node.is_leaf})
    found = [names.AGGREGATIONS[name] for name in used]
    return Words("；".join(one.zh for one in found), "; ".join(one.en for one in found))


def scale(edition: Edition, leaf: Node) -> Words:
    """How a leaf's value becomes points, in words."""
    pattern = SCALES.get(leaf.method)
    if pattern is None:
        return names.NORMALISATIONS[leaf.method]
    given = {
        key: numbers.plain(value) for key, value in leaf.parameters.items() if isinstance(value, int | float)
    }
    said = []
    for language in LANGUAGES:
        if leaf.posts:
            ends = [numbers.with_unit(post, edition.unit(leaf.code), language) for post in leaf.posts]
            worst, best = ends if leaf.direction >= 0 else ends[::-1]
        else:
            worst, best = (one.say(language) for one in OBSERVED)
        held = leaf.method != "goalposts" and leaf.parameters.get("cap")
        tail = Words("，超出按端点计" if held else "", "; values beyond are held there" if held else "").say(
            language
        )
        tail += LOGARITHM.say(language) if leaf.parameters.get("log") else ""
        end = Words("。", ".").say(language)
        said.append(pattern.say(language).format(worst=worst, best=best, **given) + tail + end)
    return Words(*said)


def branches(edition: Edition) -> Iterator[written.Branch]:
    """The tree, row by row, parents before their children."""
    depths = {"": -1}
    for node in edition.method.root.walk():
        depths[node.code] = depths[node.parent] + 1
        siblings = edition.nodes[node.parent].children if node.parent else (node,)
        yield written.Branch(
            node=node,
            depth=depths[node.code],
            share=node.weight / (sum(one.weight for one in siblings) or 1.0) if node.parent else 1.0,
            whole=edition.effective[node.code],
            domain=edition.domain_of(node.code),
            scale=scale(edition, node) if node.is_leaf else Words("", ""),
            mean=Words("", "")
            if node.is_leaf
            else Words(
                names.AGGREGATIONS[node.aggregate].zh + "。", names.AGGREGATIONS[node.aggregate].en + "."
            ),
        )


def method_file(request: HttpRequest, slug: str) -> HttpResponseBase:
    """`/<slug>/method/method.yml`: the method file, byte for byte."""
    try:
        edition = edition_of(slug)
    except NotPublished as missing:
        return not_published(request, missing)
    response = HttpResponse(edition.method.source, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{downloads.name(edition, "method", "yml")}"'
    return response


def table(request: HttpRequest, slug: str, name: str, form: str) -> HttpResponseBase:
    """`/<slug>/method/<table>.csv` and `.parquet`: series, scores or parts of the edition, whole."""
    try:
        edition = edition_of(slug)
    except NotPublished as missing:
        return not_published(request, missing)
    if name not in TABLES or form not in downloads.FORMS:
        raise unknown(
            Words(f"没有文件“{name}.{form}”", f"There is no file “{name}.{form}”"),
            edition,
            reverse("portal:method", args=[slug]),
            METHOD,
        )
    return downloads.whole(edition, name, form)


def series(request: HttpRequest, slug: str, code: str, form: str) -> HttpResponseBase:
    """`/<slug>/indicators/<code>.csv` and `.parquet`: every value of one indicator, revisions included."""
    try:
        edition = edition_of(slug)
    except NotPublished as missing:
        return not_published(request, missing)
    facts(edition, code)
    return downloads.indicator(edition, code, form)
