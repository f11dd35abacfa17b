"""One change at a time: each beside the network as it is, and whether the network trains with it."""

import math
import re
from collections.abc import Collection

import pandas as pd

from degradation.analysis.differences import interval
from degradation.analysis.series import NETWORK, complete, ordered, plain_twin

TRAINS = 10.0  # percent of clean training error: a network with less at the end has been trained
LEAST = 2  # changes
YES, SOME, NO = "yes", "in some seeds", "no"
ERROR = ("points", "low", "high", "seeds", "above")
CHANGE = tuple(f"{name}_change" for name in ERROR)
COLUMNS = [*NETWORK, "parameters", "more", *ERROR, "least", "most", *CHANGE, "reaching", "trains"]


def ladder(runs: pd.DataFrame) -> pd.DataFrame | None:
    """Each change of a family beside the family as it is, depth by depth.

    Args:
        runs: the checked runs; variants as they were recorded.

    Returns:
        A row per family, variant and depth with complete runs, of the families that were trained as they are
        (without a variant) and changed, and of their plain twins: parameters, and how many `more` than as it
        is; of the clean training error the mean over the seeds with its interval, `least` and `most`
        (percent), and by how many points it lies above that of the network as it is, paired by seed
        (`_change`; see `differences.interval`); in how many seeds it is below `TRAINS` (`reaching`), and
        whether it `trains`: in all, some or none (empty if not measured, or if no network of all comes so
        low: then the rule can't tell them apart). NaN where there is nothing to hold it against. None where
        there are fewer than `LEAST` changes, or all are numbers of one setting.
    """
    done = complete(runs)
    as_it_is = set(done[done["variant"] == ""]["family"])
    changed = done[done["family"].isin(as_it_is)]
    families = set(changed[changed["variant"] != ""]["family"])
    changed = changed[changed["family"].isin(families | {plain_twin(family) for family in families})]
    if not _is_ladder(set(changed["variant"]) - {""}):
        return None
    rows = []
    for (family, variant, depth), own in changed.groupby(NETWORK):
        base = changed[
            (changed["family"] == family) & (changed["variant"] == "") & (changed["depth"] == depth)
        ]
        row = {"family": family, "variant": variant, "depth": depth, "parameters": own["parameters"].iloc[0]}
        row["more"] = row["parameters"] - base["parameters"].iloc[0] if len(base) else math.nan
        errors, theirs = (one.set_index("seed")["train_error"] for one in (own, base))
        row |= interval(list(errors)) | {"least": errors.min(), "most": errors.max()}
        change = interval(list((errors - theirs).dropna()) if variant else [])
        row |= {f"{name}_change": value for name, value in change.items()}
        row["reaching"] = int((errors < TRAINS).sum())
        row["trains"] = _trains(row["reaching"], row["seeds"])
        rows.append(row)
    found = ordered(pd.DataFrame(rows, columns=COLUMNS))
    return found if found["reaching"].any() else found.assign(trains="")


def asked(found: pd.DataFrame) -> bool:
    """Whether some network of a ladder comes so low that the rule tells them apart."""
    return bool((found["trains"] != "").any())


def _trains(reaching: int, seeds: int) -> str:
    if not seeds:
        return ""
    return YES if reaching == seeds else SOME if reaching else NO


def _is_ladder(variants: Collection[str]) -> bool:
    """Whether they are changes of several kinds: of several settings, or of one whose values are words."""
    kinds = {tuple(re.findall(r"([\w.]+)=", variant)) for variant in variants}
    words = not any(re.fullmatch(r"[\w.]+=[\d.e+, \[\]-]+", variant) for variant in variants)
    return len(variants) >= LEAST and (len(kinds) >= LEAST or words)
