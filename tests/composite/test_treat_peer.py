"""Treatment of outliers against COINr's answers, and what is done otherwise on purpose."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from shenzhi.calc.composite.labels import CompositeError, Labels
from shenzhi.calc.composite.screening import screen
from shenzhi.calc.composite.treat import Treating, treat

NAN = math.nan
BOXCOX = Treating("boxcox", {"lam": 0.5})


def winsorise(**given: object) -> Treating:
    return Treating("winsorise", given)


Rows = list[dict[str, str]]


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def number(cell: str) -> float:
    return NAN if cell in ("", "NA") else float(cell)


def matrix(rows: Rows, names: list[str]) -> np.ndarray:
    return np.array([[number(row[name]) for name in names] for row in rows])


@pytest.fixture(scope="module")
def coinr(shared) -> Path:
    return shared / "data" / "index" / "coinr"


@pytest.fixture(scope="module")
def screened(coinr) -> tuple[np.ndarray, list[str]]:
    rows = read(coinr / "pipeline" / "4_Screened.csv")
    names = [name for name in rows[0] if name != "uCode"]
    return matrix(rows, names), names


@pytest.mark.parametrize(
    ("file", "method"),
    [
        *((f"treat/winmax{most}", winsorise(most=most)) for most in range(6)),
        ("treat/winmax1_f2_log_CT", winsorise(most=1, then="log_ct")),
        ("treat/winmax1_f2_log_CT_plus", winsorise(most=1, then="log_ct_plus")),
        ("treat/winmax1_f2_log_CT_orig", winsorise(most=1, then="log_ct_orig")),
        ("treat/winmax1_f2_boxcox05", winsorise(most=1, then=BOXCOX)),
        ("treat/winmax2_combine", winsorise(most=2, combined=True)),
        ("treat/qTreat_winmax3_sk1.5_kt3", winsorise(most=3, skew=1.5, kurt=3)),
        ("treat/all_log_CT", Treating("log_ct")),
        ("treat/all_log_CT_plus", Treating("log_ct_plus")),
        ("treat/all_boxcox03", Treating("boxcox", {"lam": 0.3})),
        ("pipeline/5_Treated", winsorise()),
    ],
)
def test_treatment_agrees_with_coinr(coinr, screened, file, method):
    x, names = screened
    treated = treat(x, method)
    expected = matrix(read(coinr / f"{file}.csv"), names)
    # Box-Cox subtracts 1 from powers near 1: the last bit of those is 1e-15 of the result's scale.
    np.testing.assert_allclose(treated.values, expected, rtol=1e-12, atol=1e-15)
    chosen = ~((expected == x) | np.isnan(x))
    assert (treated.changed >= chosen).all()
    if method.method == "winsorise" and not method.parameters.get("combined"):
        held = treated.transform[0] == ""
        np.testing.assert_array_equal(treated.changed[:, held], chosen[:, held])


@pytest.mark.parametrize(
    ("file", "method"),
    [
        *((f"treat/winmax{most}_details", winsorise(most=most)) for most in range(6)),
        ("treat/qTreat_winmax3_details", winsorise(most=3, skew=1.5, kurt=3)),
        ("pipeline/treat_details", winsorise()),
    ],
)
def test_the_record_of_a_treatment_agrees_with_coinr(coinr, screened, file, method):
    x, names = screened
    treated = treat(x, method)
    rows = read(coinr / f"{file}.csv")
    assert [row["iCode"] for row in rows] == names
    for stage, test in enumerate((treated.before, treated.winsorised, treated.after)):
        for at, row in enumerate(rows):
            passed = row.get(f"check_SkewKurt{stage}.Pass", "")
            if passed not in ("", "NA"):
                assert test.passed[0, at] == (passed == "TRUE"), (names[at], stage)
                for one, figure in (("Skew", test.skew), ("Kurt", test.kurt)):
                    told_ = number(row[f"check_SkewKurt{stage}.{one}"])
                    assert figure[0, at] == pytest.approx(told_, rel=1e-12, abs=1e-12), names[at]
    tried = [
        int(number(row["winsorise.nwin"]) if row["winsorise.nwin"] not in ("", "NA") else 0) for row in rows
    ]
    assert treated.tried[0].tolist() == tried
    bent = [row.get("check_SkewKurt2.Pass", "") not in ("", "NA") for row in rows]
    assert (treated.transform[0] != "").tolist() == bent


def test_the_points_marked_are_those_coinr_marks(coinr, screened):
    x, names = screened
    treated = treat(x, winsorise())
    marked = [[row[name] != "" for name in names] for row in read(coinr / "pipeline" / "treated_points.csv")]
    np.testing.assert_array_equal(treated.changed, marked)


def test_the_gii_logarithm_bends_what_the_peer_leaves_as_it_is(coinr, screened):
    """COINr's log_GII computes the logarithm and gives back its argument, so its file holds the figures unchanged."""
    x, names = screened
    expected = matrix(read(coinr / "treat" / "winmax1_f2_log_GII.csv"), names)
    # the peer's formula, which stands in its documentation: only some of the failing indicators exceed 1 at all
    failing = np.flatnonzero(treat(x, winsorise(most=1)).transform[0] != "")
    able = [at for at in failing if np.nanmax(x[:, at]) > 1]
    assert able
    np.testing.assert_array_equal(expected[:, able], x[:, able])
    treated = treat(x[:, able], winsorise(most=1, then="log_gii"))
    least, most = np.nanmin(x[:, able], axis=0), np.nanmax(x[:, able], axis=0)
    documented = np.log((most - 1) * (x[:, able] - least) / (most - least) + 1)
    np.testing.assert_allclose(treated.values, documented, rtol=1e-12, atol=1e-15)
    with pytest.raises(CompositeError) as caught:
        treat(x, winsorise(most=1, then="log_gii"), labels=Labels(names))
    assert {fault.split(":")[0] for fault in caught.value.faults} == {
        names[at] for at in failing if at not in able
    }


def test_a_panel_is_screened_and_treated_year_by_year_as_coinr_does(coinr):
    raw = read(coinr / "panel" / "Raw.csv")
    screened_, treated_ = (
        {(row["Time"], row["uCode"]): row for row in read(coinr / "panel" / f"{file}.csv")}
        for file in ("Screened", "Treated")
    )
    names = [name for name in raw[0] if name not in ("Time", "uCode")]
    years, units = (list(dict.fromkeys(row[name] for row in raw)) for name in ("Time", "uCode"))
    by = {(row["Time"], row["uCode"]): row for row in raw}
    empty = dict.fromkeys(names, "")

    def panel(rows: dict[tuple[str, str], dict[str, str]]) -> np.ndarray:
        return np.array([matrix([rows.get((year, unit), empty) for unit in units], names) for year in years])

    x = panel(by)
    kept = [[(year, unit) in screened_ for unit in units] for year in years]
    thresholds = [at for at in np.unique(screen(x).share) if screen(x, at).kept.tolist() == kept]
    assert thresholds, "some threshold on availability keeps the units the peer kept"
    treated = treat(screen(x, thresholds[0]).values, winsorise())
    np.testing.assert_allclose(treated.values, panel(treated_), rtol=1e-12)
    assert treated.high.shape == (len(years), 1, len(names))
    assert treated.changed.any()
