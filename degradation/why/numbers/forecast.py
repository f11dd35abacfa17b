"""Forecast: does what a network is like before training tell how it ends?

What is claimed: an explanation names something that plain networks have at the start and networks with
shortcuts haven't. If it is the cause, it predicts more than a difference of one pair: of many deep networks,
with shortcuts and without, those that have more of it end with a higher training error. Here is the rank
correlation (Spearman) of such numbers with the clean training error at the end, over the deepest network of
each family and its plain twin, or of one pair with one change each: +1 if both put the networks into one
order, -1 if into opposite ones. Part of it is what plain networks differ in from all others; so there is the
same over the plain ones alone, and over those with shortcuts. What does not order them is not what decides
how these networks end; what does may be, or go with it. The interval takes the networks for independent
draws, which a network and its twin aren't: over all together it is rather too narrow.

Each start counts once: a change of training alone (a learning rate, a warm-up) leaves it as it is, and is
left out. A network whose branches begin shut has no gradient within them, so some numbers are of fewer
networks.
"""

import math

import pandas as pd

from degradation.analysis.series import plain_twin
from degradation.runs.store import NETWORK
from degradation.why.numbers.compare import ACROSS, COLUMNS
from degradation.why.numbers.quantities import CORRELATION, EIGENVALUE, GRADIENT, RANK, UPDATE

AT_START = (GRADIENT, UPDATE, CORRELATION, EIGENVALUE, RANK)  # those that explanations speak of
ALL, TWINS, OTHERS = "networks", "plain networks", "networks with shortcuts"  # in a family's place
ENOUGH = 5  # of them, below which an order says little
NORMAL = 1.959964  # of 95% of a normal distribution
KIND = ["family", "variant"]


def forecast(table: pd.DataFrame) -> pd.DataFrame:
    """The rank correlation of each number with the error at the end; both are means over a network's seeds.

    Args:
        table: a row a network and number at the start. Columns `NETWORK`, quantity, value, train_error.

    Returns:
        Rows of `compare.COLUMNS`: in the family's place `ALL`, and `TWINS` and `OTHERS` where there are
        enough of them; depth: how many. low, high: see `between`. above: for how many seeds it is above zero.
    """
    networks = distinct(table)
    twins = pd.Series([plain_twin(family) == family for family in networks["family"]], networks.index)
    rows: list[dict[str, object]] = []
    others = networks[~twins] if twins.any() else networks[:0]  # else they are all
    for who, some in ((ALL, networks), (TWINS, networks[twins]), (OTHERS, others)):
        for quantity, own in some.groupby("quantity", sort=False):
            means = own.groupby(KIND)[["value", "train_error"]].mean().dropna()
            if len(means) < ENOUGH:
                continue
            order = correlation(means)
            low, high = between(order, len(means))
            seeds = [correlation(of_seed) for _, of_seed in own.groupby("seed")]
            named = {"quantity": quantity, "state": "", "kind": ACROSS, "family": who, "variant": ""}
            named |= {"depth": len(means), "other": "", "value": order, "low": low, "high": high}
            rows.append({**named, "seeds": len(seeds), "above": sum(one > 0 for one in seeds)})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def correlation(networks: pd.DataFrame) -> float:
    """Spearman's, of `value` with `train_error`; equal ones share their mean rank."""
    return float(networks["value"].rank().corr(networks["train_error"].rank()))


def between(order: float, count: int) -> tuple[float, float]:
    """Ends of a rank correlation's 95% interval, as if the networks were drawn from many such (Bonett and
    Wright 2000); they lie within -1 and +1.

    A perfect order counts as half the step to the next one: few networks may be in it by chance.
    """
    most = 1 - 6 / (count * (count**2 - 1))
    middle = math.atanh(max(-most, min(most, order)))
    half = NORMAL * math.sqrt((1 + order**2 / 2) / (count - 3))
    return min(order, math.tanh(middle - half)), max(order, math.tanh(middle + half))


def distinct(table: pd.DataFrame) -> pd.DataFrame:
    """The deepest of each kind, and each start once: those of one seed that are equal in every number but
    `UPDATE`, which the learning rate enters, begin as one. So do `plain` and `plain_preact`, one network
    under two names, and a network that only trains in another way. The first stays, so that without a
    variant."""
    table = table[table["depth"] == table.groupby(KIND)["depth"].transform("max")]
    wide = table.pivot(index=list(NETWORK), columns="quantity", values="value").reset_index()
    same = [column for column in wide if column not in (*NETWORK, UPDATE) or column == "seed"]
    again = wide.loc[wide.duplicated(same), KIND].drop_duplicates()
    places = table[KIND].merge(again, how="left", indicator=True)["_merge"]
    return table[(places == "left_only").to_numpy()]
