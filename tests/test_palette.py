"""Colours that everybody tells apart: measured by CIE76, as the colour-blind see them too."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from degradation.plots.style import (
    DARK,
    DARK_SERIES,
    MARKERS,
    PLAIN,
    SERIES,
    SHORTCUT,
    dark_depth_colours,
    depth_colours,
)

# Machado, Oliveira and Fernandes 2009, Table 1 at severity 1.0; they act on linear RGB.
SIGHTS = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = np.array(  # of linear sRGB, D65
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def lab(colour: str, sight: str) -> np.ndarray:
    """L*, a*, b* of a colour as it is seen."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(SIGHTS[sight]) @ linear, 0, 1)
    part = XYZ @ seen / XYZ.sum(axis=1)
    x, y, z = np.where(part > (6 / 29) ** 3, np.cbrt(part), part / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one: str, other: str, sight: str) -> float:
    return float(np.linalg.norm(lab(one, sight) - lab(other, sight)))


def test_the_measure_knows_white_black_and_red() -> None:
    assert lab("white", "normal") == pytest.approx([100, 0, 0], abs=0.01)
    assert lab("black", "normal") == pytest.approx([0, 0, 0], abs=0.01)
    assert lab("red", "normal") == pytest.approx([53.24, 80.09, 67.20], abs=0.02)
    assert distance("red", "#806000", "protanopia") < 0.5 * distance("red", "#806000", "normal")


@pytest.mark.parametrize(
    ("sight", "least"), [("normal", 20), ("protanopia", 15), ("deuteranopia", 15), ("tritanopia", 15)]
)
def test_any_two_colours_are_told_apart(sight: str, least: float) -> None:
    for series in (SERIES, DARK_SERIES):
        assert len(set(series)) == len(series) == 9
        found = {pair: distance(*pair, sight) for pair in combinations(series, 2)}
        assert {pair: apart for pair, apart in found.items() if apart < least} == {}


def test_on_a_dark_page_every_colour_is_seen() -> None:
    """WCAG's contrast, 3 at least for what is drawn."""
    shades = (shade for depths in range(1, 7) for shade in dark_depth_colours(range(depths)).values())
    found = {colour: contrast(colour, DARK) for colour in (*DARK_SERIES, *shades)}
    assert contrast("white", "black") == pytest.approx(21)
    assert {colour: seen for colour, seen in found.items() if seen < 3} == {}


def contrast(one: str, other: str) -> float:
    dark, light = sorted(luminance(colour) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    lightness = lab(colour, "normal")[0]  # its L* is a function of the luminance alone
    part = (lightness + 16) / 116
    return float(part**3 if part > 6 / 29 else 3 * (6 / 29) ** 2 * (part - 4 / 29))


def test_plain_and_residual_are_the_furthest_apart() -> None:
    found = {pair: min(distance(*pair, sight) for sight in SIGHTS) for pair in combinations(SERIES, 2)}
    assert max(found, key=found.__getitem__) == (SERIES[PLAIN], SERIES[SHORTCUT])


def test_every_colour_is_seen_on_white_and_has_a_marker_of_its_own() -> None:
    assert all(25 < lab(colour, "normal")[0] < 78 for colour in SERIES)
    assert len(set(MARKERS)) == len(MARKERS) == len(SERIES)


@pytest.mark.parametrize("sight", SIGHTS)
def test_the_depths_of_one_scale_are_told_apart(sight: str) -> None:
    """As many as a picture of curves draws on one scale."""
    for colours in (depth_colours, dark_depth_colours):
        shades = list(colours(range(6)).values())
        least = min(distance(*pair, sight) for pair in combinations(shades, 2))
        assert least >= (20 if sight == "normal" else 15), least
