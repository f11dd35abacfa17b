"""Each analysis's table -> a few numbers for each network, which can be compared and averaged (no torch).

All take a table with the columns `NETWORK` (and `state`, where there are two) and give rows of `QUANTITY`.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from degradation.runs.store import NETWORK
from degradation.why.numbers import budgets as of_budgets
from degradation.why.numbers.convergence import LEVELS, rate, reached

QUANTITY = (*NETWORK, "state", "quantity", "value")
INITIAL, FINAL = "initialisation", "checkpoint"
COUNTED = "runs that reach"  # how the names of shares of runs begin: yes or no has no Student's interval
# Names that others ask for.
TRAINED, APART = "training error (%)", "test minus training error (points)"
GRADIENT = "gradient norm, first quarter of the layers over the last (log10)"
UPDATE = "update over weight, mean over layers (log10)"
RANK = "effective rank, last quarter of the layers"
CORRELATION = "correlation of nearest gradients"
EIGENVALUE = "largest eigenvalue (log10)"
FELL = "training error at the fewest steps, beyond its own at the most (points)"
LAST_FELL = "training error at the second most steps, beyond its own at the most (points)"
BEYOND = "training error at the most steps, beyond the shallowest's at the fewest (points)"
BUDGET_RATE = "rate b of clean error ~ steps^-b over the budgets"
FIRST = ", first quarter of the layers (log10)"  # how the names of numbers about them end
WORSE = "runs that end more than a point worse"  # how the name of another share begins
FIRST_LOOK, ALL_LOOKS = "the first look after the start", "all looks after the start"
NEAR = 0.5  # filter norms from the minimiser

Rows = list[dict[str, object]]


def overfitting(table: pd.DataFrame) -> pd.DataFrame:
    """The errors, and how far apart they are."""

    def of(own: pd.DataFrame) -> dict[str, float]:
        train, test = own["train_error"].mean(), own["test_error"].mean()
        return {
            TRAINED: train,
            "test error (%)": test,
            APART: test - train,
        }

    return each(table, of)


def signals(table: pd.DataFrame) -> pd.DataFrame:
    """Over the layers: how large responses are, whether gradients vanish, how much is dead or collapsed."""

    def of(own: pd.DataFrame) -> dict[str, float]:
        own = own.sort_values("layer")
        quarter = max(1, len(own) // 4)
        with np.errstate(divide="ignore"):
            gradient, update = np.log10(own["gradient"]), np.log10(own["update"])
        return {
            "std of responses, mean over layers": own["std"].mean(),
            GRADIENT: gradient[:quarter].mean() - gradient[-quarter:].mean(),
            UPDATE: update.mean(),
            "dead channels, mean over layers (%)": 100 * own["dead"].mean(),
            RANK: own["rank"][-quarter:].mean(),
        }

    return each(table, of)


def along(table: pd.DataFrame) -> pd.DataFrame:
    """The same at the first look after the start that all networks have in common, and what the first layers
    get there and over all looks."""
    later = table[table["step"] > 0]
    looks = [set(own) for _, own in later.groupby(list(NETWORK))["step"]]
    shared = set.intersection(*looks) if looks else set()
    first = later[later["step"] == min(shared, default=0)].assign(state=FIRST_LOOK)

    def of(own: pd.DataFrame) -> dict[str, float]:
        early = first_quarter(own)
        with np.errstate(divide="ignore"):
            gradient, update = np.log10(early["gradient"]).mean(), np.log10(early["update"]).mean()
        return {f"gradient norm{FIRST}": gradient, f"update over weight{FIRST}": update}

    both = pd.concat([first, later.assign(state=ALL_LOOKS)])
    return pd.concat([signals(first), each(both, of)], ignore_index=True)


def convergence(table: pd.DataFrame) -> pd.DataFrame:
    """When each level is reached, whether it is, and how fast the error falls."""

    def of(own: pd.DataFrame) -> dict[str, float]:
        own = own.sort_values("step")
        steps = {level: reached(own, level) for level in LEVELS}
        return {
            "rate b of error ~ steps^-b, at the first learning rate": rate(own),
            **{f"steps to {level:g}% running training error": step for level, step in steps.items()},
            **{f"{COUNTED} {level:g}% (%)": 100.0 * (step > 0) for level, step in steps.items()},
        }

    return each(table, of)


def budgets(table: pd.DataFrame) -> pd.DataFrame:
    """The error at the end of each budget, and whether and when a network gets where the shallowest got."""
    at_end = of_budgets.ends(table)
    errors = each(
        at_end.assign(state=[f"{steps} steps" for steps in at_end["steps"]]),
        lambda own: {"clean training error (%)": own["clean"].mean()},
    )

    def of(own: pd.DataFrame) -> dict[str, float]:
        row = own.iloc[0]
        return {
            BEYOND: row["beyond"],
            FELL: row["fell"],
            LAST_FELL: row["last"],
            f"{COUNTED} the shallowest's error (%)": 100 * row["there"],
            "steps of the smallest budget that reaches it, of runs that do": row["budget"],
            "step of the largest budget at which the running error does, of runs that do": row["step"],
            BUDGET_RATE: row["rate"],
        }

    return pd.concat([errors, each(of_budgets.budgets(table), of)], ignore_index=True)


def changes(table: pd.DataFrame) -> pd.DataFrame:
    """By how much each change moves the error at the end, and how far that of a plain network then is from
    the one with shortcuts; and where it ends. All of a network are numbers of it as it is."""

    def of(own: pd.DataFrame) -> dict[str, float]:
        moved = {with_change(row.change): row.train_error - row.as_it_is for row in own.itertuples()}
        moved |= {ends_with(row.change): row.train_error for row in own.itertuples()}
        paired = own[own["with_shortcuts"].notna()].itertuples()
        return moved | {beside(row.change): row.train_error - row.with_shortcuts for row in paired}

    return each(table.assign(variant=""), of)


def with_change(change: str) -> str:
    return f"training error with {change}, minus as it is (points)"


def ends_with(change: str) -> str:
    return f"training error with {change} (%)"


def beside(change: str) -> str:
    return f"training error with {change}, minus that of its pair with shortcuts as it is (points)"


def shattering(table: pd.DataFrame) -> pd.DataFrame:
    """Correlation of the nearest points' gradients."""
    nearest = table[table["distance"] == table["distance"].min()]
    return each(nearest, lambda own: {CORRELATION: own["correlation"].mean()})


def lesions(table: pd.DataFrame) -> pd.DataFrame:
    """What one lesion costs, in points of error; blocks that change the shape are left out."""

    def of(own: pd.DataFrame) -> dict[str, float]:
        whole = own[own["kind"] == "whole"]["error"].mean()
        kept = own[own["keeps_shape"].fillna(False).astype(bool)]
        return {
            f"median change of error by one {name} (points)": kept[kept["kind"] == kind]["error"].median()
            - whole
            for kind, name in (("delete", "deletion"), ("swap", "swap"))
        }

    return each(table, of)


def landscape(table: pd.DataFrame) -> pd.DataFrame:
    """How much worse it is half a filter norm away. The error stops at chance, the loss doesn't."""
    lines = table[table["kind"] == "line"]

    def of(own: pd.DataFrame) -> dict[str, float]:
        middle, there = own[own["x"] == 0], own[np.isclose(own["x"].abs(), NEAR)]
        change = there["error"].mean() - middle["error"].mean()
        return {
            f"change of error {NEAR} filter norms away (points)": change,
            f"loss {NEAR} filter norms away, median of the lines (log10)": np.log10(there["loss"].median()),
        }

    return each(lines, of)


def curvature(table: pd.DataFrame) -> pd.DataFrame:
    """The largest eigenvalue. A negative one, which has no logarithm, is NaN."""
    first = table[table["place"] == 1]

    def of(own: pd.DataFrame) -> dict[str, float]:
        value = own["eigenvalue"].mean()
        return {EIGENVALUE: float(np.log10(value)) if value > 0 else np.nan}

    return each(first, of)


def sharpness(table: pd.DataFrame) -> pd.DataFrame:
    """The largest eigenvalue after the start, over the looks at it. A negative one is NaN, as above."""

    def of(own: pd.DataFrame) -> dict[str, float]:
        along = own[own["step"] > 0].sort_values("step")["eigenvalue"]
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.log10(along.where(along > 0))
        return {
            "largest eigenvalue along training, median of the looks (log10)": values.median(),
            "largest eigenvalue at the first look (log10)": values.iloc[0] if len(values) else np.nan,
        }

    return each(table, of)


def paths(table: pd.DataFrame) -> pd.DataFrame:
    """Branches that the gradient passed, on average; and as a share of all."""

    def of(own: pd.DataFrame) -> dict[str, float]:
        passed = float((own["branches"] * own["norm"]).sum(skipna=False))
        return {
            "effective depth (branches)": passed,
            "effective depth over the number of branches": passed / own["branches"].max(),
        }

    return each(table, of)


def first_quarter(own: pd.DataFrame) -> pd.DataFrame:
    """The rows of a network's first layers, one at least; its column `layer` counts from 1."""
    return own[own["layer"] <= max(1, own["layer"].nunique() // 4)]


def each(table: pd.DataFrame, of: Callable[[pd.DataFrame], dict[str, float]]) -> pd.DataFrame:
    """A row for each network, state and number."""
    table = table if "state" in table else table.assign(state="")
    rows: Rows = []
    for which, own in table.groupby([*NETWORK, "state"], sort=False):
        network = dict(zip([*NETWORK, "state"], which, strict=True))
        rows += [{**network, "quantity": name, "value": value} for name, value in of(own).items()]
    return pd.DataFrame(rows, columns=list(QUANTITY))
