"""A whole index as one piece of data: every step from raw figures to ranks, and what each step gave (article 86).

    denominate -> screen -> impute -> treat -> normalise -> compose -> round -> rank

A `Recipe` says what is done, `build` does it and keeps what every step gave. A step that is not asked for costs nothing
and hands on the array it was given. Recipes with the same content are equal, also when their arrays are different objects,
so a recipe can be a key, and two of them can be compared step by step.

    >>> tree = Tree.of([("index", ""), ("gdp", "index"), ("pm25", "index")], weights=[1, 2, 1])
    >>> posts = [Scaling("efficacy", 1, {"posts": (0, 100)}), Scaling("efficacy", -1, {"posts": (10, 60)})]
    >>> recipe = Recipe(tree, posts)
    >>> built = build(recipe, [[50.0, 35.0], [100.0, 60.0]])
    >>> built.score.round(9).tolist(), built.ranks.tolist()
    ([80.0, 86.666666667], [2.0, 1.0])
    >>> first_difference(recipe, replace(recipe, ties="average"))
    'rank'
    >>> without(recipe, "pm25").tree.codes
    ('index', 'gdp')
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.compose import Composite, compose
from shenzhi.calc.composite.denominate import Denominated, denominate
from shenzhi.calc.composite.impute import Imputed, impute
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, listed
from shenzhi.calc.composite.normalise import Axes, Normalised, Scaling, normalise
from shenzhi.calc.composite.practice import Adjusting
from shenzhi.calc.composite.ranks import ranks
from shenzhi.calc.composite.screening import Screening, screen
from shenzhi.calc.composite.treat import Treated, treat
from shenzhi.calc.composite.tree import Tree, pruned

Held = TypeVar("Held")


@dataclass(frozen=True, eq=False)
class Recipe:
    """Everything between raw figures and ranks. Columns of figures stand in the order of `tree.leaves`.

    `scalings` (leaves): how each is normalised. `aggregations` (one for all nodes, or one for each): a name in
    AGGREGATIONS, or an `Aggregating` with parameters. `thresholds`, `child_thresholds` (one or one for each node), and
    `rounding` (one, or one or None for each node): see `compose`. `unit_threshold`: least share of figures at which a
    unit is scored at all. `denominating`, `imputing`, `treating`: the plans of these steps, one for all leaves or one for
    each; None leaves the step out. `unusable`: see `denominate`. `axis`: the frame, -2 each period by itself, (-3, -2)
    all periods together; `base`: the periods that set the frame of normalisation. `ties`, `decimals`: see `ranks`.
    """

    tree: Tree
    scalings: Sequence[Scaling]
    aggregations: Any = "arithmetic"
    thresholds: Any = 0.0
    child_thresholds: Any = 0.0
    unit_threshold: float = 0.0
    denominating: Any = None
    unusable: str = "refuse"
    imputing: Any = None
    treating: Any = None
    axis: Axes = -2
    base: Any = None
    rounding: Any = None
    ties: str = "min"
    decimals: int | None = None

    def __post_init__(self) -> None:
        leaves, nodes = len(self.tree.leaves), len(self.tree.codes)
        faults = []
        if len(self.scalings) != leaves:
            faults.append(
                f"{leaves} leaves, but {len(self.scalings)} scalings; give one for each leaf, in its order"
            )
        if is_listed(self.aggregations) and len(self.aggregations) != nodes:
            faults.append(
                f"{nodes} nodes, but {len(self.aggregations)} aggregations; give one for each, or one for all"
            )
        for what in ("thresholds", "child_thresholds", "rounding"):
            given = getattr(self, what)
            if is_listed(given) and len(given) != nodes:
                faults.append(
                    f"{what}: {nodes} nodes, but {len(given)} given; give one for each, or one for all"
                )
        for what in ("denominating", "imputing", "treating"):
            given = getattr(self, what)
            if is_listed(given) and len(given) != leaves:
                faults.append(
                    f"{what}: {leaves} leaves, but {len(given)} plans; give one for each, or one for all"
                )
        if faults:
            raise CompositeError(faults)

    @cached_property
    def node_aggregations(self) -> tuple[Any, ...]:
        """One aggregation for each node."""
        if is_listed(self.aggregations):
            return tuple(self.aggregations)
        return (self.aggregations,) * len(self.tree.codes)

    @cached_property
    def node_thresholds(self) -> Floats:
        """One threshold for each node."""
        return np.broadcast_to(as_floats(self.thresholds), (len(self.tree.codes),))

    @cached_property
    def node_roundings(self) -> tuple[Any, ...]:
        """One rounding, or None, for each node."""
        if is_listed(self.rounding):
            return tuple(self.rounding)
        return (self.rounding,) * len(self.tree.codes)

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """Codes of the columns."""
        return tuple(self.tree.codes[leaf] for leaf in self.tree.leaves)

    @cached_property
    def directions(self) -> tuple[int, ...]:
        """+1 or -1 for each leaf."""
        return tuple(one.direction for one in self.scalings)

    @cached_property
    def families(self) -> dict[str, tuple[str, ...]]:
        """The group of each leaf, for imputation from the rest of a group: its "parent", or the node above it (or
        itself) at "depth 1", "depth 2" ... below the index."""
        tree, ways = self.tree, []
        for leaf in tree.leaves:
            way = [int(leaf)]
            while way[-1]:
                way.append(int(tree.parent[way[-1]]))
            ways.append([tree.codes[at] for at in way[::-1]])
        depths = range(1, max(map(len, ways)))
        return {
            "parent": tuple(way[-2] if len(way) > 1 else way[-1] for way in ways),
            **{f"depth {depth}": tuple(way[min(depth, len(way) - 1)] for way in ways) for depth in depths},
        }

    @property
    def imputed_beside(self) -> Any:
        """What an imputation looks at besides its plan; nothing when nothing is imputed."""
        return None if self.imputing is None else (self.axis, self.directions, self.families)

    def asked(self, step: str) -> Hashable:
        """What the recipe asks of one step, by content: equal for two recipes whose step does the same."""
        return self._asked[step]

    @cached_property
    def _asked(self) -> dict[str, Hashable]:
        return {
            name: tuple(self.leaves if of == "leaves" else content(getattr(self, of)) for of in step.reads)
            for name, step in STEPS.items()
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Recipe) and self._asked == other._asked

    def __hash__(self) -> int:
        return hash(tuple(self._asked.values()))


@dataclass(frozen=True)
class Given:
    """What a recipe is applied to: raw figures (..., units, leaves) and what some steps need beside them.

    `denominators`: figures to divide by, by name, each (..., units). `groups`: name -> the group of each unit, for
    imputation. `times` (periods): for imputation along time. `items`: by code of a node, what adds points to its score."""

    x: Floats
    labels: Labels = field(default_factory=Labels)
    denominators: Any = None
    groups: Any = None
    times: Any = None
    items: Mapping[str, Adjusting] = field(default_factory=dict)


@dataclass(frozen=True)
class Built:
    """What every step gave; None for a step after `upto`, and for the details of a step that was not asked for.

    Figures after each step, (..., units, leaves): `raw`, `denominated`, `screened`, `imputed`, `treated`; a step that
    does nothing hands on the same array. Details: `denomination`, `screening`, `imputation`, `treatment`, `normalised`, `composite`
    (without rounding), `rounded` (with it; the composite itself when nothing is rounded), `ranks` (..., units) of the
    index as published, i.e. rounded.
    """

    recipe: Recipe
    given: Given
    denominated: Floats | None = None
    denomination: Denominated | None = None
    screened: Floats | None = None
    screening: Screening | None = None
    imputed: Floats | None = None
    imputation: Imputed | None = None
    treated: Floats | None = None
    treatment: Treated | None = None
    normalised: Normalised | None = None
    composite: Composite | None = None
    rounded: Composite | None = None
    ranks: Floats | None = None

    @property
    def raw(self) -> Floats:
        return self.given.x

    @property
    def score(self) -> Floats:
        """Published scores of the index (..., units)."""
        return self.published.score[..., 0]

    @property
    def published(self) -> Composite:
        """The composite as rounded; where nothing is rounded, the composite."""
        composite = self.rounded if self.rounded is not None else self.composite
        if composite is None:
            raise CompositeError(["nothing was composed: build without `upto`, or up to a later step"])
        return composite

    @property
    def imputed_cells(self) -> NDArray[np.bool_]:
        """Which cells were imputed (..., units, leaves)."""
        if self.imputation is None:
            return np.zeros(self.raw.shape, dtype=bool)
        cells: NDArray[np.bool_] = self.imputation.imputed
        return cells

    @property
    def treated_cells(self) -> NDArray[np.bool_]:
        """Which cells the treatment of outliers changed (..., units, leaves)."""
        if self.treatment is None:
            return np.zeros(self.raw.shape, dtype=bool)
        cells: NDArray[np.bool_] = self.treatment.changed
        return cells


def build(
    recipe: Recipe,
    x: ArrayLike,
    *,
    labels: Labels | None = None,
    denominators: Any = None,
    groups: Any = None,
    times: Any = None,
    items: Mapping[str, Adjusting] | None = None,
    upto: str | None = None,
) -> Built:
    """The recipe applied to raw figures `x` (..., units, leaves; NaN where missing), up to and with the step `upto`.

    CompositeError: every fault of the first step that cannot be done, naming indicators and units (indicators by the
    codes of the leaves, unless `labels` says otherwise). For very many units see `lean`, which keeps less."""
    values = as_floats(x)
    if values.ndim < 2 or values.shape[-1] != len(recipe.leaves):
        raise CompositeError(
            [
                f"the recipe has {len(recipe.leaves)} leaves, but the figures have the shape {values.shape}; give (..., "
                "units, leaves) with columns in the order of the leaves"
            ]
        )
    named = labels or Labels()
    named = Labels(named.indicators if len(named.indicators) else recipe.leaves, named.units, named.frames)
    given = Given(values, named, denominators, groups, times, items or {})
    return resume(Built(recipe, given), recipe, upto=upto, after=None)


def resume(built: Built, recipe: Recipe, *, upto: str | None = None, after: str | None) -> Built:
    """`built` taken on by `recipe` from the step after `after` (None: from the first), with what was given to `built`."""
    names = list(STEPS)
    last = names.index(_known(upto)) if upto else len(names) - 1
    done = replace(built, recipe=recipe)
    for name in names[names.index(_known(after)) + 1 if after else 0 : last + 1]:
        done = replace(done, **STEPS[name].take(recipe, done))
    return done


def rebuild(built: Built, recipe: Recipe) -> Built:
    """`recipe` applied to the figures of `built`, taking over every step before the first in which the two differ."""
    if recipe.leaves != built.recipe.leaves:
        raise CompositeError(["the recipes have different leaves: build the second from figures of its own"])
    step = first_difference(built.recipe, recipe)
    if step is None:
        return replace(built, recipe=recipe)
    names = list(STEPS)
    at = names.index(step)
    return resume(built, recipe, after=names[at - 1] if at else None)


def first_difference(one: Recipe, other: Recipe) -> str | None:
    """The first step that the two recipes do differently; None where they do the same."""
    return next((name for name in STEPS if one.asked(name) != other.asked(name)), None)


def differences(one: Recipe, other: Recipe) -> tuple[str, ...]:
    """The steps that the two recipes do differently."""
    return tuple(name for name in STEPS if one.asked(name) != other.asked(name))


def without(recipe: Recipe, *codes: str) -> Recipe:
    """The recipe with nodes left out: with all that lies under them, and with groups that are left empty.

    Weights of the others count among the others. CompositeError for an unknown code, and when nothing would be left."""
    tree = recipe.tree
    unknown = [code for code in codes if code not in tree.codes]
    if unknown:
        raise CompositeError([f"no such node to leave out: {listed(unknown)}"])
    rest, kept, columns = pruned(tree, *map(tree.codes.index, codes))

    def of_nodes(given: Any) -> Any:
        return tuple(given[at] for at in kept) if is_listed(given) else given

    def of_leaves(given: Any) -> Any:
        return tuple(given[at] for at in columns) if is_listed(given) else given

    return replace(
        recipe,
        tree=rest,
        scalings=of_leaves(recipe.scalings),
        aggregations=of_nodes(recipe.aggregations),
        thresholds=of_nodes(recipe.thresholds),
        child_thresholds=of_nodes(recipe.child_thresholds),
        denominating=of_leaves(recipe.denominating),
        imputing=of_leaves(recipe.imputing),
        treating=of_leaves(recipe.treating),
        rounding=of_nodes(recipe.rounding),
    )


def with_weights(recipe: Recipe, weights: Mapping[str, float]) -> Recipe:
    """The recipe with other weights for the nodes named; the rest keep theirs."""
    tree = recipe.tree
    unknown = [code for code in weights if code not in tree.codes]
    if unknown:
        raise CompositeError([f"no such node to weigh: {listed(unknown)}"])
    weight = np.array([weights.get(code, tree.weight[at]) for at, code in enumerate(tree.codes)])
    return replace(recipe, tree=Tree(tree.codes, tree.parent, weight))


def content(given: Any) -> Hashable:
    """`given` as something that is equal and hashes alike when the content is the same."""
    if isinstance(given, np.ndarray):
        return ("array", given.shape, given.dtype.str, given.tobytes())
    if is_dataclass(given) and not isinstance(given, type):
        return (type(given).__name__, *(content(getattr(given, one.name)) for one in fields(given)))
    if isinstance(given, Mapping):
        return ("mapping", *sorted(((str(key), content(value)) for key, value in given.items()), key=repr))
    if isinstance(given, (set, frozenset)):
        return ("set", *sorted((content(one) for one in given), key=repr))
    if isinstance(given, Sequence) and not isinstance(given, (str, bytes)):
        return ("sequence", *(content(one) for one in given))
    if isinstance(given, float) and given != given:
        return ("missing",)  # NaN is not equal to itself, but two recipes with a missing post are
    if isinstance(given, np.generic):
        return content(given.item())
    hash(given)
    return given


@dataclass(frozen=True)
class Step:
    """One step: what it does, and the fields of a recipe that decide what comes out of it."""

    take: Callable[[Recipe, Built], dict[str, Any]]
    reads: tuple[str, ...]


def _denominate(recipe: Recipe, built: Built) -> dict[str, Any]:
    if recipe.denominating is None:
        return {"denominated": built.raw, "denomination": None}
    given = built.given
    done = denominate(
        built.raw,
        recipe.denominating,
        given.denominators or {},
        unusable=recipe.unusable,
        labels=given.labels,
    )
    return {"denominated": done.values, "denomination": done}


def _screen(recipe: Recipe, built: Built) -> dict[str, Any]:
    before = _there(built.denominated)
    if not recipe.unit_threshold:
        return {"screened": before, "screening": None}
    screening = screen(before, recipe.unit_threshold, labels=built.given.labels)
    return {"screened": screening.values, "screening": screening}


def _impute(recipe: Recipe, built: Built) -> dict[str, Any]:
    before = _there(built.screened)
    if recipe.imputing is None:
        return {"imputed": before, "imputation": None}
    given = built.given
    done = impute(
        before,
        recipe.imputing,
        axis=recipe.axis,
        directions=recipe.directions,
        groupings=given.groups,
        families=recipe.families,
        times=given.times,
        kept=None if built.screening is None else built.screening.kept,
        labels=given.labels,
    )
    return {"imputed": done.values, "imputation": done}


def _treat(recipe: Recipe, built: Built) -> dict[str, Any]:
    before = _there(built.imputed)
    if recipe.treating is None:
        return {"treated": before, "treatment": None}
    done = treat(before, recipe.treating, axis=recipe.axis, labels=built.given.labels)
    return {"treated": done.values, "treatment": done}


def _normalise(recipe: Recipe, built: Built) -> dict[str, Any]:
    before = _there(built.treated)
    done = normalise(before, recipe.scalings, axis=recipe.axis, base=recipe.base, labels=built.given.labels)
    return {"normalised": done}


def _compose(recipe: Recipe, built: Built) -> dict[str, Any]:
    given = built.given
    return {"composite": composed(recipe, _there(built.normalised).score, given.labels, items=given.items)}


def _round(recipe: Recipe, built: Built) -> dict[str, Any]:
    if all(one is None for one in recipe.node_roundings):
        return {"rounded": built.composite}
    # A parent may go on with the rounded scores of its children: rounding is done on the way up, not at the end.
    scores = _there(built.normalised).score
    given = built.given
    return {"rounded": composed(recipe, scores, given.labels, recipe.node_roundings, items=given.items)}


def composed(
    recipe: Recipe,
    scores: Floats | None,
    labels: Labels,
    rounding: Sequence[Any] | None = None,
    into: Floats | None = None,
    items: Mapping[str, Adjusting] | None = None,
) -> Composite:
    """The means of the recipe's tree over normalised `scores` (..., units, leaves), or over those `into` holds, with the
    items of its nodes."""
    codes = recipe.tree.codes

    def adding(rule: Adjusting) -> Callable[[Floats], Floats]:
        return lambda score: rule.of(score, Labels((), labels.units, labels.frames)).score

    return compose(
        recipe.tree,
        scores,
        recipe.node_aggregations,
        recipe.node_thresholds,
        labels,
        child_thresholds=recipe.child_thresholds,
        rounding=rounding,
        into=into,
        adjust={codes.index(code): adding(rule) for code, rule in (items or {}).items() if code in codes},
    )


def _rank(recipe: Recipe, built: Built) -> dict[str, Any]:
    return {"ranks": ranks(built.score, ties=recipe.ties, decimals=recipe.decimals)}


# In the order in which they are taken. A field stands with every step that reads it: the first step whose fields differ
# is the first that must be done again.
STEPS: dict[str, Step] = {
    "denominate": Step(_denominate, ("leaves", "denominating", "unusable")),
    "screen": Step(_screen, ("unit_threshold",)),
    "impute": Step(_impute, ("imputing", "imputed_beside")),
    "treat": Step(_treat, ("treating", "axis")),
    "normalise": Step(_normalise, ("scalings", "axis", "base")),
    "compose": Step(_compose, ("tree", "aggregations", "thresholds", "child_thresholds")),
    "round": Step(_round, ("rounding",)),
    "rank": Step(_rank, ("ties", "decimals")),
}


def _there(given: Held | None) -> Held:
    assert given is not None, "the step before was not done"
    return given


def is_listed(given: Any) -> bool:
    return isinstance(given, (list, tuple)) or (isinstance(given, np.ndarray) and given.ndim > 0)


def _known(step: str) -> str:
    if step not in STEPS:
        raise CompositeError([f"{step} is not a step; the steps are {', '.join(STEPS)}"])
    return step
