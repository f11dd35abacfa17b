"""From an analysis's table to differences with intervals: comparisons with known answers."""

import numpy as np
import pandas as pd
import pytest

from degradation.why import compare, quantities


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
    top = pd.DataFrame({"place": [1, 2], "eigenvalue": [100.0, 3]}).assign(**network)
    assert quantities.curvature(top)["value"].tolist() == [2]
    assert quantities.curvature(top.assign(eigenvalue=-1.0))["value"].isna().all()
