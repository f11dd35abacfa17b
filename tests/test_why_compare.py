"""From an analysis's table to differences with intervals: comparisons with known answers."""

import numpy as np
import pandas as pd
import pytest

from degradation.why import page
from degradation.why.numbers import compare, quantities


def numbers(**values: dict[int, list[float]]) -> pd.DataFrame:
    rows = [
        (family, depth, "model.shortcut=B" if family == "residual" else "", seed, "", "x", value)
        for family, of in values.items()
        for depth, own in of.items()
        for seed, value in enumerate(own)
    ]
    return pd.DataFrame(rows, columns=list(quantities.QUANTITY))


def test_comparisons_are_paired_by_seed() -> None:
    table = compare.compare(
        numbers(plain={20: [1, 2, 3], 56: [11, 12, 16]}, residual={20: [1, 2, 3], 56: [0, 2, 4]})
    )
    found = {(row["family"], row["kind"], row["depth"]): row for _, row in table.iterrows()}
    grown = found["plain", "growth", 56]
    assert (grown["value"], grown["other"], grown["seeds"], grown["above"]) == (11, "20", 3, 3)
    half = 4.302653 * np.std([10, 10, 13], ddof=1) / 3**0.5  # Student's t of two degrees of freedom
    assert (grown["low"], grown["high"]) == pytest.approx((11 - half, 11 + half))
    gap = found["residual", "gap", 56]
    assert (gap["value"], gap["other"]) == (11, "plain")
    assert found["residual", "gap", 20]["value"] == 0
    assert found["plain", "mean", 20]["value"] == 2
    assert ("plain", "gap", 56) not in found
    few = compare.compare(numbers(plain={20: [1, 2], 56: [5, float("nan")]}))
    grown = few[few["kind"] == "growth"].iloc[0]
    assert (grown["value"], grown["seeds"]) == (4, 1) and np.isnan(grown["low"])


def test_a_family_without_a_twin_is_held_against_what_it_names() -> None:
    both = numbers(residual={20: [4, 5, 6]}, stochastic_depth={20: [1, 2, 3]})
    table = compare.compare(both.assign(variant=["", "", "", *["model.shortcut=A"] * 3]))
    (gap,) = table[table["kind"] == "gap"].to_dict("records")
    assert (gap["family"], gap["other"], gap["value"]) == ("stochastic_depth", "residual", 3)


def test_gradients_of_the_first_layers_over_all_looks() -> None:
    looks = [(step, layer) for step in (0, 10, 20) for layer in range(1, 9)]
    table = pd.DataFrame(looks, columns=["step", "layer"]).assign(std=1.0, update=1.0, dead=0.0, rank=1.0)
    table["gradient"] = [1e9 if step == 0 or layer > 2 else step * 10.0**layer for step, layer in looks]
    network = {"family": "plain", "depth": 20, "variant": "", "seed": 0}
    found = quantities.along(table.assign(**network)).set_index(["state", "quantity"])["value"]
    # log10 of 10, 20 times 10, 100: the mean of 2, 3, 2.301, 3.301
    gradient = found[quantities.ALL_LOOKS, "gradient norm, first quarter of the layers (log10)"]
    assert gradient == pytest.approx(2.5 + np.log10(2) / 2)


def test_the_first_look_is_one_that_all_networks_have() -> None:
    rows = [(depth, step) for depth, every in ((20, 10), (56, 20)) for step in range(0, 41, every)]
    table = pd.DataFrame(rows, columns=["depth", "step"]).assign(family="plain", variant="", seed=0, layer=1)
    table = table.assign(std=1.0, update=1.0, dead=0.0, rank=table["step"], gradient=1.0)
    found = quantities.along(table)
    ranks = found[(found["state"] == quantities.FIRST_LOOK) & (found["quantity"] == quantities.RANK)]
    assert ranks.set_index("depth")["value"].to_dict() == {20: 20, 56: 20}
    apart = quantities.along(table[(table["depth"] == 20) | (table["step"] == 0)])
    assert set(apart["depth"]) == {20}
    assert quantities.along(table[table["step"] == 0]).empty, "it ended before its second look"


def test_a_number_without_end_stays_one() -> None:
    """A step of exactly 0, a loss past float32: no interval, and a page can be written."""
    found = compare.compare(numbers(plain={20: [1, 2, 3], 56: [np.inf, 2, 3], 110: [np.inf, -np.inf, 3]}))
    means = found[found["kind"] == "mean"].set_index("depth")
    assert np.isfinite(means.loc[20, "low"]) and means.loc[56, "value"] == np.inf
    assert np.isnan(means.loc[[56, 110], ["low", "high"]].to_numpy()).all() and np.isnan(
        means.loc[110, "value"]
    )
    assert [page.cell(row) for _, row in means.iterrows()] == ["2.00 (-0.484 to 4.48)", "∞", "–"]


def test_quantities_of_a_table() -> None:
    network = {"family": "plain", "depth": 20, "variant": "", "seed": 0}
    table = pd.DataFrame({"kind": ["whole", *["delete"] * 4], "error": [10.0, 12, 30, 14, 90]})
    kept = pd.array([None, True, True, True, False], dtype="boolean")
    found = quantities.lesions(table.assign(keeps_shape=kept, **network)).set_index("quantity")["value"]
    assert found["median change of error by one deletion (points)"] == 4
    assert np.isnan(found["median change of error by one swap (points)"])  # none was made
    passed = pd.DataFrame({"branches": [0, 1, 2], "norm": [0.5, 0.25, 0.25]}).assign(**network)
    found = quantities.paths(passed.assign(state="checkpoint")).set_index("quantity")["value"]
    assert found["effective depth (branches)"] == 0.75
    assert found["effective depth over the number of branches"] == 0.375
    line = pd.DataFrame({"x": [-0.5, 0.0, 0.5, 1.0], "error": [90.0, 50, 80, 90], "loss": [3, 1, 17, 1e6]})
    found = quantities.landscape(line.assign(kind="line", **network)).set_index("quantity")["value"]
    assert found["change of error 0.5 filter norms away (points)"] == 35
    assert found["loss 0.5 filter norms away, median of the lines (log10)"] == 1
    top = pd.DataFrame({"place": [1, 2], "eigenvalue": [100.0, 3]}).assign(**network)
    assert quantities.curvature(top)["value"].tolist() == [2]
    assert quantities.curvature(top.assign(eigenvalue=-1.0))["value"].isna().all()
