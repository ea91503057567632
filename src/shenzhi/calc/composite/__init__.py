"""Composite indicators: from figures in different units to one score in which every part can be seen (article 86).

    screening    which units have enough values
    normalise    figures in different units onto one scale, by one method for each indicator
    tree         which node lies under which, with what weight
    aggregate    means of scores that add up exactly from their parts
    compose      the means of a whole tree: scores, weights in force, contributions, coverage
    ranks        1 is the best; ties, missing scores, rounding
    labels       names for positions, so that a fault names the indicator and the unit

NumPy only. Data are arrays (..., units, indicators) with NaN where a value is missing; a panel is one more axis in front.
A whole index is four calls:

    >>> import numpy as np
    >>> from shenzhi.calc.composite.compose import compose
    >>> from shenzhi.calc.composite.normalise import Scaling, normalise
    >>> from shenzhi.calc.composite.ranks import ranks
    >>> from shenzhi.calc.composite.tree import Tree
    >>> tree = Tree.of([("index", ""), ("gdp", "index"), ("pm25", "index")], weights=[1, 2, 1])
    >>> figures = np.array([[50.0, 35.0], [100.0, 60.0]])  # two areas
    >>> plan = [Scaling("efficacy", 1, {"posts": (0, 100)}), Scaling("efficacy", -1, {"posts": (10, 60)})]
    >>> result = compose(tree, normalise(figures, plan).score, ["arithmetic"] * 3)
    >>> result.score[:, 0].round(9).tolist(), ranks(result.score[:, 0]).tolist()
    ([80.0, 86.666666667], [2.0, 1.0])
"""
