"""Which lines belong side by side: each network's beside its plain twin's, finished or not."""

import pandas as pd

from degradation.analysis.series import SERIES, with_twins

COLUMNS = [*SERIES, "twin", "twin_variant"]


def sides(runs: pd.DataFrame) -> pd.DataFrame:
    """A row per (family, variant) of which some run has its twin among the runs.

    Columns: family, variant, twin, twin_variant, in the order of the families.
    """
    found = with_twins(runs)[[*SERIES, "family_twin", "variant_twin"]]
    return found.set_axis(COLUMNS, axis=1).drop_duplicates(SERIES, ignore_index=True)
