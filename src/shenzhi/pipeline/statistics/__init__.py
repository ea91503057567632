"""What is measured: indicators over tables, their series by area and period, and the rows behind each value.

Importing this package fills INDICATORS with every declared indicator (articles 9-90 of the regulation).
"""

from shenzhi.pipeline.statistics import (
    complaints,
    culture,
    ecology,
    economy,
    government,
    society,
    standards,
    urban,
)
from shenzhi.pipeline.statistics.indicator import DOMAINS, INDICATORS, Indicator, indicator

__all__ = [
    "DOMAINS",
    "INDICATORS",
    "Indicator",
    "complaints",
    "culture",
    "ecology",
    "economy",
    "government",
    "indicator",
    "society",
    "standards",
    "urban",
]
