"""From the alternatives and errors that a method names to what the engine tries in all combinations (article 86)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from shenzhi.calc.composite.alternatives import Alternative, Factor, Question, Weightings, around, leaving_out
from shenzhi.calc.composite.labels import Floats
from shenzhi.calc.composite.normalise import parameters
from shenzhi.calc.composite.recipe import Built, Recipe
from shenzhi.calc.composite.uncertain import draws, hot_deck
from shenzhi.kernel.words import Words
from shenzhi.pipeline.index import names, steps
from shenzhi.pipeline.index.method import Method, Node
from shenzhi.pipeline.index.recipe import recipe_of
from shenzhi.pipeline.index.rules import OBSERVED, PAIRS
from shenzhi.pipeline.index.scope import IndexFault, Scope
from shenzhi.pipeline.index.trials import DATA, DEFAULT, Trials, Uncertain

# What a scaling needs in the unit of the indicator, and takes from the method where the alternative does not say.
OF_THE_UNIT = ("posts", "target", "reference", "optimum", "limits")


def questions_of(method: Method, scope: Scope, recipe: Recipe) -> list[Question]:
    """What the method's trials ask of the engine; the method's own choice is the first answer to each.

    IndexFault where an alternative is what the method does already, or names what is not scored."""
    trials = method.trials
    assert trials is not None
    faults: list[str] = []
    questions: list[Question] = []

    def ask(kind: str, name: str, field: str, varied: Sequence[tuple[Words, Method]], about: Words) -> None:
        alternatives = [Alternative("as published", {}, names.AS_PUBLISHED)]
        for title, other in varied:
            value = getattr(_recipe(other, scope, kind), field)
            if replace(recipe, **{field: value}) == recipe:
                faults.append(f"robustness > {kind}: {title.en} is what the method does already; remove it")
            alternatives.append(
                Alternative(_unique(title.en, alternatives), _put(field, recipe, value), title)
            )
        if varied:
            questions.append(Factor(name, alternatives, title=about))

    ask(
        "normalise",
        "normalise",
        "scalings",
        [_scaled(method, one) for one in trials.normalise],
        _about("normalise"),
    )
    ask("impute", "impute", "imputing", [_estimated(method, one) for one in trials.impute], _about("impute"))
    ask("treat", "treat", "treating", [_treated(method, one) for one in trials.treat], _about("treat"))
    for code, given in trials.aggregate.items():
        title = names.THE_INDEX if code == method.root.code else method.nodes[code].title if code else None
        about = _about("aggregate")
        if title:
            about = Words(f"{about.zh}（{title.zh}）", f"{about.en} ({title.en})")
        ask(
            "aggregate",
            f"aggregate {code}".strip(),
            "aggregations",
            [_combined(method, code, one) for one in given],
            about,
        )
    if trials.equal or trials.spread is not None:
        questions.append(_weights(recipe, trials))
    if faults:
        raise IndexFault(faults)
    if trials.leave_out:
        left = leaving_out(recipe, trials.leave_out, "leave_out")
        titled = [
            replace(one, title=method.nodes[one.name].title if at else names.NOTHING_LEFT_OUT)
            for at, one in enumerate(left.alternatives)
        ]
        questions.append(Factor(left.name, titled, title=_about("leave_out")))
    return questions


def _put(field: str, recipe: Recipe, value: Any) -> Mapping[str, Any] | Callable[[Recipe], Recipe]:
    """What an answer changes. Means of different groups are separate questions: each puts in its own alone."""
    if field != "aggregations":
        return {field: value}
    own = recipe.node_aggregations
    changed = {at: new for at, new in enumerate(value) if new != own[at]}

    def combine(given: Recipe) -> Recipe:
        return replace(
            given, aggregations=tuple(changed.get(at, one) for at, one in enumerate(given.node_aggregations))
        )

    return combine


def _recipe(method: Method, scope: Scope, kind: str) -> Recipe:
    try:
        return recipe_of(method, scope)
    except IndexFault as error:
        raise IndexFault([f"robustness > {kind}: {fault}" for fault in error.faults]) from error


def _about(kind: str) -> Words:
    return names.FACTORS[kind]


def _unique(name: str, taken: Sequence[Alternative]) -> str:
    return f"{name} [{len(taken)}]" if any(one.name == name for one in taken) else name


def _varied(method: Method, change: Callable[[Node], Node]) -> Method:
    """The method with every node changed."""

    def again(node: Node) -> Node:
        return replace(change(node), children=tuple(again(child) for child in node.children))

    return replace(method, root=again(method.root))


def _scaled(method: Method, given: Mapping[str, Any]) -> tuple[Words, Method]:
    name = given["method"]
    written = {key: value for key, value in given.items() if key != "method"}
    for pair in PAIRS:
        if pair in written:
            written[pair] = None if written[pair] == OBSERVED else tuple(map(float, written[pair]))
    takes = parameters(name)

    def change(node: Node) -> Node:
        if not node.is_leaf:
            return node
        kept = {key: node.parameters[key] for key in OF_THE_UNIT if key in takes and key in node.parameters}
        return replace(node, method=name, parameters={**takes, **kept, **written})

    return names.step(names.NORMALISATIONS, name, written), _varied(method, change)


def _estimated(method: Method, given: Any) -> tuple[Words, Method]:
    plan = steps.imputing(given)
    none = plan.method == "none"
    title = names.step(names.IMPUTATIONS, plan.method, plan.parameters)
    return title, _varied(
        method, lambda node: replace(node, impute=None if none else plan) if node.is_leaf else node
    )


def _treated(method: Method, given: Any) -> tuple[Words, Method]:
    plan = steps.treating(given)
    none = plan.method == "none"
    title = names.step(names.TREATMENTS, plan.method, plan.parameters)
    return title, _varied(
        method, lambda node: replace(node, treat=None if none else plan) if node.is_leaf else node
    )


def _combined(method: Method, code: str, given: Any) -> tuple[Words, Method]:
    mean = steps.aggregating(given)

    def change(node: Node) -> Node:
        if node.is_leaf or (code and node.code != code):
            return node
        return replace(node, aggregate=mean.name, aggregate_parameters=mean.parameters)

    return names.step(names.AGGREGATIONS, mean.name, mean.parameters), _varied(method, change)


def _weights(recipe: Recipe, trials: Trials) -> Weightings:
    """The method's own weights, then equal ones, then those drawn around its own."""
    tree = recipe.tree
    rows = [tree.weight[None, 1:]]
    called = ["as published"]
    if trials.equal:
        rows.append(np.ones((1, len(tree.codes) - 1)))
        called.append("equal")
    if trials.spread is not None:
        rows.append(around(tree, trials.spread, trials.draws, seed=trials.seed).weights)
        called += [f"draw {at + 1}" for at in range(trials.draws)]
    return Weightings("weigh", tree.codes[1:], np.concatenate(rows), tuple(called), title=_about("weigh"))


def sets_of(method: Method, built: Built) -> Floats:
    """Sets of figures (1 + draws, periods, areas, indicators) that might as well have been given, those given first.

    CompositeError where a figure cannot be drawn. Indicators that are scored by the same figure share its error."""
    assert method.trials is not None
    data = method.trials.data
    assert data is not None
    leaves, figures = method.leaves, method.figures
    column = [next(at for at, leaf in enumerate(leaves) if leaf.reads == figure) for figure in figures]
    given = built.raw[..., column]
    of_each = np.array([data.error(figure) for figure in figures])
    labels = replace(built.given.labels, indicators=figures)
    drawn = draws(
        given,
        data.draws,
        errors=np.abs(given) * of_each if data.relative else np.broadcast_to(of_each, given.shape),
        # another seed than that of the errors: the same would draw both from the same numbers
        imputations=hot_deck(given, data.draws, seed=data.seed + 1, labels=labels) if data.gaps else None,
        seed=data.seed,
        shape=data.shape,
        labels=labels,
    )
    sets = np.repeat(built.raw[None], 1 + data.draws, axis=0)
    for at, leaf in enumerate(leaves):
        if leaf.reads:  # a constant is known
            sets[1:, ..., at] = drawn[..., figures.index(leaf.reads)]
    return sets


def described_data(method: Method, data: Uncertain) -> dict[str, Any]:
    """What was drawn of the figures, as `described` tells a question."""
    titles = {leaf.reads: leaf.title for leaf in reversed(method.leaves)}
    named = [code for code in data.errors if code != DEFAULT]

    def said(code: str) -> Words:
        error = data.error(code)
        about = titles.get(code, names.OF_THE_OTHERS if named else names.OF_EACH)
        wide = f"{error * 100:g}%" if data.relative else f"{error:g}"
        return Words(f"{about.zh}{wide}", f"{about.en} {wide}")

    parts = []
    errors = [said(code) for code in (*named, *({DEFAULT} & set(data.errors)))]
    if any(data.errors.values()):
        shape, unit = names.SHAPES[data.shape], names.ERRORS["relative" if data.relative else "unit"]
        parts.append(
            Words(
                f"{unit.zh}（{shape.zh}分布）：{'，'.join(one.zh for one in errors)}",
                f"{unit.en} ({shape.en}): {', '.join(one.en for one in errors)}",
            )
        )
    if data.gaps:
        parts.append(names.GAPS[data.gaps])
    times = Words(f"{data.draws}组（种子{data.seed}）", f"{data.draws} times (seed {data.seed})")
    told = [
        ("as published", names.AS_PUBLISHED),
        (
            "draws",
            Words(
                f"随机抽取{times.zh}；{'；'.join(one.zh for one in parts)}",
                f"drawn at random {times.en}; {'; '.join(one.en for one in parts)}",
            ),
        ),
    ]
    return _told(DATA, 1 + data.draws, _about(DATA), told)


def described(question: Question, trials: Trials) -> dict[str, Any]:
    """A question as plain data; weights that were drawn stand together."""
    if isinstance(question, Factor):
        told = [(one.name, one.title) for one in question.alternatives]
    else:
        told = [("as published", names.AS_PUBLISHED)]
        if trials.equal:
            told.append(("equal", names.WEIGHTINGS["equal"]))
        if trials.spread is not None:
            wide = f"{trials.spread * 100:g}%"
            told.append(
                (
                    "draws",
                    Words(
                        f"每个权重在±{wide}以内随机变动，共{trials.draws}组（种子{trials.seed}）",
                        f"each weight moved at random within ±{wide}, {trials.draws} times (seed {trials.seed})",
                    ),
                )
            )
    return _told(question.name, len(question), question.title, told)


def _told(name: str, answers: int, title: Words, told: Sequence[tuple[str, Words]]) -> dict[str, Any]:
    return {
        "name": name,
        "answers": answers,
        "title": {"zh": title.zh, "en": title.en},
        "alternatives": [{"name": one, "title": {"zh": words.zh, "en": words.en}} for one, words in told],
    }
