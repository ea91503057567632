"""Colours that can be told apart, and one set of them for charts, pages and reports."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

import shenzhi
from shenzhi.pipeline.reports import theme

DOMAINS = [token for name, token in theme.TOKENS.items() if name.startswith("domain-")]
# How colours look without one kind of cone: Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
SIGHT = {
    "full": np.eye(3),
    "no red": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no green": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "no blue": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]
    ),
}


def linear(colour: str) -> np.ndarray:
    given = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(given <= 0.04045, given / 12.92, ((given + 0.055) / 1.055) ** 2.4)


def oklab(rgb: np.ndarray) -> np.ndarray:
    """Björn Ottosson's OKLab, in which a distance of 0.02 is just seen."""
    first = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    second = np.array(
        [
            [0.2104542553, 0.793617785, -0.0040720468],
            [1.9779984951, -2.428592205, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.808675766],
        ]
    )
    return second @ np.cbrt(first @ rgb)


def contrast(one: str, other: str) -> float:
    lights = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def test_black_on_white_has_the_contrast_that_the_standard_gives():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_domain_colours_stand_out_from_their_paper(mode):
    paper = getattr(theme.TOKENS["paper"], mode)
    for token in [*DOMAINS, theme.TOKENS["accent"]]:
        assert contrast(getattr(token, mode), paper) >= 3, token.name
    for name in ("ink", "ink-soft"):
        assert contrast(getattr(theme.TOKENS[name], mode), paper) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("sight", SIGHT)
def test_domain_colours_can_be_told_apart_by_every_eye(sight, mode):
    seen = {
        token.name: oklab(np.clip(SIGHT[sight] @ linear(getattr(token, mode)), 0, 1)) for token in DOMAINS
    }
    for (one, a), (other, b) in itertools.combinations(seen.items(), 2):
        assert np.linalg.norm(a - b) >= 0.08, (one, other)


def test_the_portals_stylesheet_has_the_same_colours():
    sheet = Path(shenzhi.__file__).parent / "web/portal/static/portal/shenzhi.css"
    text = sheet.read_text(encoding="utf-8")
    for token in theme.TOKENS.values():
        found = re.findall(rf"--{token.name}:\s*(#[0-9a-fA-F]{{6}})", text)
        assert found, f"--{token.name} is not in the stylesheet"
        assert set(found) == {token.light, token.dark}, token.name


def test_the_variables_are_given_for_light_dark_and_print():
    text = theme.css_variables()
    assert text.count("--domain-ecology: #4ca177;") == 2
    assert text.count("--domain-ecology: #a4e09e;") == 2
    assert "@media print" in text
