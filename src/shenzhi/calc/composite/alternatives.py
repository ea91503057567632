"""What else could reasonably have been decided in an index: alternatives for any of its steps (article 86).

A `Factor` is one question ("how are outliers treated?") with its possible answers, each an `Alternative`: what it changes
in the recipe. An alternative may bring in a step that the base recipe does without. `Weightings` is a factor whose
answers are rows of weights, many at once. Factors apply in the order in which they are listed.

    >>> from shenzhi.calc.composite.normalise import Scaling
    >>> from shenzhi.calc.composite.tree import Tree
    >>> tree = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 1, 1])
    >>> base = Recipe(tree, [Scaling("minmax")] * 2)
    >>> mean = Factor("mean", [Alternative(name, {"aggregations": name}) for name in ("arithmetic", "geometric")])
    >>> one_out = leaving_out(base, ["a", "b"])
    >>> [(one.name, one.names) for one in (mean, one_out)]
    [('mean', ('arithmetic', 'geometric')), ('left out', ('nothing', 'a', 'b'))]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, listed
from shenzhi.calc.composite.recipe import STEPS, Built, Given, Recipe, composed, resume, without
from shenzhi.calc.composite.tree import Tree
from shenzhi.calc.composite.weightings import Weighed, weigh

Change = Mapping[str, Any] | Callable[[Recipe], Recipe]
FIELDS = tuple(one.name for one in fields(Recipe))
# How ranks are told of scores: one rule for all combinations, or their ranks could not be counted together.
RANKING = ("ties", "decimals")


@dataclass(frozen=True)
class Alternative:
    """One answer. `change`: fields of the recipe with their new values, or a function from recipe to recipe; nothing
    for "as it is". A recipe that comes out may have fewer leaves than the base, but no others."""

    name: str
    change: Change = field(default_factory=dict)
    title: Any = None


@dataclass(frozen=True)
class Factor:
    """One question with its answers. `probabilities`: one for each answer; all alike when not given."""

    name: str
    alternatives: Sequence[Alternative]
    probabilities: Sequence[float] | None = None
    title: Any = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.alternatives)

    def __len__(self) -> int:
        return len(self.alternatives)


@dataclass(frozen=True, eq=False)
class Weightings:
    """Rows of weights (weightings, codes), each above 0, for the nodes named by `codes`; others keep the recipe's."""

    name: str
    codes: tuple[str, ...]
    weights: Floats
    names: tuple[str, ...] = ()
    probabilities: Sequence[float] | None = None
    title: Any = None

    def __len__(self) -> int:
        return len(self.weights)


Question = Factor | Weightings


def leaving_out(recipe: Recipe, codes: Sequence[str], name: str = "left out") -> Factor:
    """The question whether one of the nodes `codes` should be left out, with "nothing" as its first answer."""

    def out(code: str) -> Callable[[Recipe], Recipe]:
        return lambda given: without(given, code)

    for code in codes:
        without(recipe, code)  # what cannot be left out is told here, not for every combination
    return Factor(name, [Alternative("nothing"), *(Alternative(code, out(code)) for code in codes)])


def around(
    tree: Tree, spread: float, count: int, *, seed: int, codes: Sequence[str] = (), name: str = "weights"
) -> Weightings:
    """`count` rows of weights, each weight drawn evenly from its own times 1 - `spread` to 1 + `spread` (0..1).

    For the nodes `codes`; without them for all but the root."""
    if not 0 <= spread < 1:
        raise CompositeError([f"spread: {spread:g} is not a share from 0 up to 1; weights must stay above 0"])
    chosen = tuple(codes) or tree.codes[1:]
    at = [tree.codes.index(code) for code in chosen]
    drawn = np.random.default_rng(seed).uniform(1 - spread, 1 + spread, (count, len(at)))
    return Weightings(name, chosen, tree.weight[at] * drawn)


def chances(question: Question) -> Floats:
    """The probability of each answer."""
    if question.probabilities is None:
        return np.full(len(question), 1 / len(question))
    return as_floats(question.probabilities)


def refuse_questions(recipe: Recipe, questions: Sequence[Question]) -> None:
    """CompositeError with everything that is wrong about the questions themselves."""
    faults = [] if len(questions) else ["no factor is declared: there is nothing to try"]
    names = [one.name for one in questions]
    faults += [
        f"{name}: more than one factor has this name"
        for name in sorted({n for n in names if names.count(n) > 1})
    ]
    decided: dict[str, str] = {}
    for question in questions:
        told = question.name
        if not len(question):
            faults.append(f"{told}: a factor needs at least one alternative")
            continue
        if question.probabilities is not None:
            given = as_floats(question.probabilities)
            if given.shape != (len(question),) or not (given > 0).all() or abs(given.sum() - 1) > 1e-9:
                faults.append(f"{told}: give one probability above 0 for each alternative, 1 in all")
        if isinstance(question, Weightings):
            faults += _faults_of_weights(recipe, question)
            continue
        doubled = sorted({name for name in question.names if question.names.count(name) > 1})
        faults += [f"{told}: two alternatives are named {name}" for name in doubled]
        changed = {
            key for one in question.alternatives if isinstance(one.change, Mapping) for key in one.change
        }
        unknown = sorted(changed - set(FIELDS))
        if unknown:
            faults.append(f"{told}: a recipe has no field {listed(unknown)}; it has {', '.join(FIELDS)}")
        if changed & set(RANKING):
            faults.append(
                f"{told}: {' and '.join(RANKING)} say how ranks are told; set them in the base recipe"
            )
        for key in sorted(changed & set(FIELDS)):
            if key in decided:  # the later would silently overrule the earlier
                faults.append(f"{told}: {key} is already decided by {decided[key]}; make them one factor")
            decided[key] = told
    if faults:
        raise CompositeError(faults)


def _faults_of_weights(recipe: Recipe, question: Weightings) -> list[str]:
    unknown = [code for code in question.codes if code not in recipe.tree.codes]
    if unknown:
        return [f"{question.name}: the tree has no node {listed(unknown)}"]
    if question.weights.ndim != 2 or question.weights.shape[1] != len(question.codes):
        return [
            f"{question.name}: weights have the shape {question.weights.shape}; give one column for each code"
        ]
    if not (np.isfinite(question.weights) & (question.weights > 0)).all():
        return [
            f"{question.name}: weights must be above 0; to leave a node out, use a factor that leaves it out"
        ]
    return []


@dataclass(frozen=True)
class Prepared:
    """A recipe with its normalised scores (..., units, leaves), ready for the means of the tree."""

    recipe: Recipe
    scores: Floats

    def weighed(self, questions: Sequence[Weightings], choices: Sequence[ArrayLike]) -> Weighed:
        """The index under the weightings chosen: for each question a row number for each weighting."""
        recipe = self.recipe
        return weigh(
            recipe.tree,
            self.scores,
            recipe.node_aggregations,
            recipe.node_thresholds,
            weights=self.weights(questions, choices),
            child_thresholds=recipe.child_thresholds,
            rounding=recipe.node_roundings,
        )

    def weights(self, questions: Sequence[Weightings], choices: Sequence[ArrayLike]) -> Floats:
        """(weightings, nodes), one row of the recipe's own weights when there are no questions."""
        tree = self.recipe.tree
        count = len(np.asarray(choices[0])) if len(choices) else 1
        weights = np.tile(tree.weight, (count, 1))
        for question, chosen in zip(questions, choices, strict=True):
            # a node that the recipe leaves out needs no weight
            there = [at for at, code in enumerate(question.codes) if code in tree.codes]
            nodes = [tree.codes.index(question.codes[at]) for at in there]
            weights[:, nodes] = question.weights[np.asarray(chosen)][:, there]
        return weights

    def reason(self, weights: Floats, labels: Labels) -> tuple[str, ...]:
        """Why the means cannot be taken with these weights (nodes)."""
        tree = Tree(self.recipe.tree.codes, self.recipe.tree.parent, weights)
        try:
            composed(replace(self.recipe, tree=tree), self.scores, labels, self.recipe.node_roundings)
        except CompositeError as error:
            return tuple(error.faults)
        return ()


class Preparing:
    """Recipes for combinations of answers, each step done once for all combinations that have it in common."""

    def __init__(self, base: Recipe, given: Given, questions: Sequence[Factor]) -> None:
        self.base, self.given, self.questions = base, given, list(questions)
        self._recipes: dict[tuple[int, ...], Recipe | CompositeError] = {(): base}
        self._steps: dict[Any, Built | CompositeError] = {}

    def prepared(self, choice: tuple[int, ...]) -> Prepared | CompositeError:
        """The combination `choice` (one answer for each question) after normalisation, or why it cannot be had."""
        recipe = self._recipe(choice)
        if isinstance(recipe, CompositeError):
            return recipe
        built = self._after("normalise", recipe)
        if isinstance(built, CompositeError):
            return built
        assert built.normalised is not None
        return Prepared(recipe, built.normalised.score)

    def _recipe(self, choice: tuple[int, ...]) -> Recipe | CompositeError:
        if choice not in self._recipes:
            before = self._recipe(choice[:-1])
            change = self.questions[len(choice) - 1].alternatives[choice[-1]].change
            if isinstance(before, Recipe):
                try:
                    before = replace(before, **change) if isinstance(change, Mapping) else change(before)
                    before = self._accepted(before)
                except CompositeError as error:
                    before = error
            self._recipes[choice] = before
        return self._recipes[choice]

    def _accepted(self, recipe: Recipe) -> Recipe | CompositeError:
        """What a function made of a recipe, or why it cannot stand beside the base."""
        lost = [code for code in recipe.leaves if code not in self.base.leaves]
        if lost:
            return CompositeError([f"there are no figures for {listed(lost)}"])
        if any(getattr(recipe, key) != getattr(self.base, key) for key in RANKING):
            return CompositeError(
                [f"{' and '.join(RANKING)} say how ranks are told; set them in the base recipe"]
            )
        return recipe

    def _after(self, step: str, recipe: Recipe) -> Built | CompositeError:
        names = list(STEPS)
        at = names.index(step)
        key = tuple(recipe.asked(name) for name in names[: at + 1])
        if key not in self._steps:
            before = self._after(names[at - 1], recipe) if at else Built(recipe, self._given(recipe))
            if isinstance(before, Built):
                try:
                    before = resume(before, recipe, upto=step, after=names[at - 1] if at else None)
                except CompositeError as error:
                    before = error
            self._steps[key] = before
        return self._steps[key]

    def _given(self, recipe: Recipe) -> Given:
        """The figures of the recipe's own leaves."""
        if recipe.leaves == self.base.leaves:
            return self.given
        place = {code: at for at, code in enumerate(self.base.leaves)}
        columns = [place[code] for code in recipe.leaves]
        labels = self.given.labels
        names = [labels.indicator(at) for at in columns]
        return replace(
            self.given, x=self.given.x[..., columns], labels=Labels(names, labels.units, labels.frames)
        )


@dataclass(frozen=True)
class Failure:
    """`count` combinations that fail for these reasons; `choice`: the answers of one of them."""

    reasons: tuple[str, ...]
    count: int
    choice: tuple[int, ...]


@dataclass(frozen=True)
class Impossible:
    """Combinations that fail for the same reasons; `example`: the first of them, by the names of its alternatives."""

    reasons: tuple[str, ...]
    combinations: int
    example: dict[str, str]


def told_apart(failures: Sequence[Failure], questions: Sequence[Question]) -> tuple[Impossible, ...]:
    """Failures gathered by their reasons."""
    found: dict[tuple[str, ...], list[Failure]] = {}
    for one in failures:
        found.setdefault(one.reasons, []).append(one)
    return tuple(
        Impossible(
            reasons,
            sum(one.count for one in alike),
            {
                question.name: answers(question)[answer]
                for question, answer in zip(questions, alike[0].choice, strict=True)
            },
        )
        for reasons, alike in found.items()
    )


def answers(question: Question) -> tuple[str, ...]:
    """The names of the answers; rows of weights without names are numbered from 1."""
    if question.names or not isinstance(question, Weightings):
        return question.names
    return tuple(str(at + 1) for at in range(len(question)))
