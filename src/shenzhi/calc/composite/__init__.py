"""Composite indicators: from figures in different units to one score in which every part can be seen (article 86).

The steps, in the order in which they are taken:

    denominate   figures of large and small areas made comparable: per head, per square kilometre
    screening    which units have enough values
    impute       estimates for what is missing, each marked (impute_panel: along time)
    treat        outliers held or bent, each recorded (transforms, moments)
    normalise    figures in different units onto one scale, by one method for each indicator (scales, places, targets, frames)
    aggregate    one score from several: means whose parts add up (means), comparisons of units (outrank, relations),
                 parts multiplied or divided (products)
    tree         which node lies under which, with what weight
    compose      the whole tree: scores, weights in force, contributions, coverage
    rounding     decimals and rules as part of a method
    ranks        1 is the best; ties, missing scores, rounding
    recipe       all of it as one piece of data, and what every step gave
    lean         the same in little memory, for very many units (workers: work shared by the processors)

Weights and judgement:

    weights      given, equal, principal components, entropy, CRITIC, comparisons in pairs, experts' points
    optimise     weights by which each part matters as much as it should
    envelope     the weights that are best for each unit (benefit of the doubt)
    practice     grades with a veto, bonus and deduction, assessment years: rules of Chinese practice

Looking at it:

    audit        statistics, availability, correlations among parts (correlation), reliability
    outcomes     tables of results, strengths and weaknesses, two versions compared, elements left out
    trends       growth and change over chosen periods
    change       why a score moved, to the last digit (split, mixture); overtaking: why a rank did
    whatif       another weight, another figure: the new scores and ranks at once (regroup, nearest)
    robust       every combination of reasonable choices (alternatives, weightings); acceptability: where a unit may stand;
                 sobol: which choice decides; sampling: where there are too many; montecarlo: very many weightings
    certificates best and worst rank over all weights, without sampling
    uncertain    errors of the figures themselves

    labels       names for positions, so that a fault names the indicator and the unit

NumPy and SciPy only. Data are arrays (..., units, indicators) with NaN where a value is missing; a panel is one more axis in
front. A whole index is three lines:

    >>> from shenzhi.calc.composite.normalise import Scaling
    >>> from shenzhi.calc.composite.recipe import Recipe, build
    >>> from shenzhi.calc.composite.tree import Tree
    >>> tree = Tree.of([("index", ""), ("gdp", "index"), ("pm25", "index")], weights=[1, 2, 1])
    >>> plan = [Scaling("efficacy", 1, {"posts": (0, 100)}), Scaling("efficacy", -1, {"posts": (10, 60)})]
    >>> built = build(Recipe(tree, plan), [[50.0, 35.0], [100.0, 60.0]])  # two areas
    >>> built.score.round(9).tolist(), built.ranks.tolist()
    ([80.0, 86.666666667], [2.0, 1.0])
"""
