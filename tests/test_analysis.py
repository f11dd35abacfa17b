"""The numbers of the report, against closed forms and against what was put in."""

import math
import statistics
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fake_runs import SHAPES, fake_experiment, fake_run

from degradation.analysis import deviations, differences, lines, pairs, series, table, twins, unfinished
from degradation.errors import BadRequest
from degradation.files import write_json
from degradation.reports import page, phrases, report, verdict
from degradation.runs import schema, store
from degradation.runs.planned import PLAN
from degradation.runs.schema import TABLE_COLUMNS

ERRORS = {("plain", 20): 1.0, ("plain", 56): 5.0, ("residual", 20): 0.9, ("residual", 56): 0.4}


def load(folder: Path) -> store.Experiment:
    (experiment,) = store.load([folder])
    return experiment


def verdict_of(folder: Path) -> str:
    experiment = load(folder)
    runs = experiment.runs
    drawn, means = lines.lines(runs, experiment.curves), table.table(runs)
    absent = unfinished.unfinished(runs)
    return "\n".join(verdict.verdict(runs, experiment.curves, means, drawn, pairs.pairs(runs), absent))


def page_of(folder: Path) -> str:
    experiment = load(folder)
    drawn = lines.lines(experiment.runs, experiment.curves)
    means = table.table(experiment.runs)
    told = pairs.pairs(experiment.runs)
    said = page.parts(experiment, experiment.runs, means, drawn, told)
    return page.readme(experiment.name, said)


# Student's t


@pytest.mark.parametrize(
    ("freedom", "t"),
    [(2, 4.302653), (3, 3.182446), (4, 2.776445), (5, 2.570582), (30, 2.042272)],
)
def test_the_interval_is_that_of_the_tables(freedom: int, t: float) -> None:
    values = [float(value) for value in range(freedom + 1)]
    found = differences.interval(values)
    half = t * statistics.stdev(values) / math.sqrt(freedom + 1)
    assert (found["low"], found["high"]) == pytest.approx((freedom / 2 - half, freedom / 2 + half), abs=1e-5)


def test_interval_is_students_from_three_on() -> None:
    found = differences.interval([1.0, 2.0, 3.0, math.nan])
    half = 4.302653 * math.sqrt(1.0 / 3)
    assert (found["points"], found["seeds"]) == (2.0, 3)
    assert (found["low"], found["high"]) == pytest.approx((2 - half, 2 + half), abs=1e-6)
    two = differences.interval([1.0, 3.0])
    assert two["points"] == 2.0 and math.isnan(two["low"]) and math.isnan(two["high"])
    assert math.isnan(differences.interval([])["points"])


def test_the_mean_of_a_network_has_the_interval_of_its_seeds(tmp_path: Path) -> None:
    runs = load(fake_experiment(tmp_path / "x", ERRORS, seeds=(0, 1, 2))).runs
    found = differences.means(runs).set_index(["family", "depth", "measure"]).loc["plain", 56, "train_error"]
    assert (found["points"], found["seeds"]) == (pytest.approx(5.1), 3)
    half = 4.302653 * 0.1 / math.sqrt(3)
    assert (found["low"], found["high"]) == pytest.approx((5.1 - half, 5.1 + half), abs=1e-6)
    assert len(differences.means(runs)) == 4 * 3
    assert differences.means(runs.assign(status="failed")).empty


def test_lines_of_another_measure_are_made_alike(tmp_path: Path) -> None:
    """The clean training error, measured at the last step alone."""
    experiment = load(fake_experiment(tmp_path / "x", ERRORS, seeds=(0, 1)))
    drawn = lines.lines(experiment.runs, experiment.curves, ("train_error",))
    last = drawn[(drawn["family"] == "plain") & (drawn["depth"] == 56)].iloc[-1]
    assert (last["train_error"], last["train_error_low"], last["train_error_high"]) == pytest.approx(
        (5.05, 5.0, 5.1)
    )
    assert drawn["train_error"].notna().sum() == 4 and "test_error" not in drawn


# The table


def test_table_gives_mean_and_sample_std(tmp_path: Path) -> None:
    for seed, error in enumerate((1.0, 2.0, 6.0)):
        fake_run(tmp_path / "x", depth=20, seed=seed, train_error=error, test_error=9.0)
    fake_run(tmp_path / "x", depth=32, train_error=4.0)
    fake_run(tmp_path / "x", depth=44, status="failed")
    found = table.table(load(tmp_path / "x").runs)
    assert tuple(found.columns) == TABLE_COLUMNS and list(found["depth"]) == [20, 32]
    first, second = found.iloc[0], found.iloc[1]
    assert (first["runs"], first["train_error_mean"], first["test_error_std"]) == (3, 3.0, 0.0)
    assert first["train_error_std"] == pytest.approx(math.sqrt(7))
    assert math.isnan(second["train_error_std"]), "one run has no std, which is not a std of 0"
    assert (first["parameters"], first["multiply_adds"]) == (269_722, 40_551_040)


def test_a_mean_is_missing_where_one_run_did_not_measure(tmp_path: Path) -> None:
    fake_run(tmp_path / "x", seed=0)
    fake_run(tmp_path / "x", seed=1, train_error_running=None)
    row = table.table(load(tmp_path / "x").runs).iloc[0]
    assert math.isnan(row["train_error_running_mean"]) and not math.isnan(row["train_error_mean"])


def test_the_papers_numbers_stand_beside_its_own_networks_alone(tmp_path: Path) -> None:
    fake_experiment(tmp_path / "x", ERRORS)
    fake_run(tmp_path / "x", "residual", 20, variant="model.shortcut=B", config={"model.shortcut": "B"})
    fake_run(tmp_path / "x", "plain", 8)
    runs = load(tmp_path / "x").runs
    found = table.table(runs).set_index(["family", "variant", "depth"])["paper_test_error"]
    assert found["plain", "", 56] == 13.3 and found["residual", "", 20] == 8.75
    assert math.isnan(found["residual", "model.shortcut=B", 20]) and math.isnan(found["plain", "", 8])
    assert table.paper_running(runs) == {("plain", "", 20): (1.1, 1.6), ("plain", "", 56): (5.1, 6.1)}
    assert "| ~13.3 |" in page_of(tmp_path / "x") and "| 8.75 |" in page_of(tmp_path / "x")
    fake_experiment(tmp_path / "shapes", ERRORS, config=SHAPES)
    assert table.table(load(tmp_path / "shapes").runs)["paper_test_error"].isna().all()


def test_plain_twins_come_first_and_depths_in_order(tmp_path: Path) -> None:
    for family, depth in product(("residual", "unheard-of", "plain"), (110, 20)):
        fake_run(tmp_path / "x", family, depth)
    found = table.table(load(tmp_path / "x").runs)
    assert list(dict.fromkeys(found["family"])) == ["plain", "residual", "unheard-of"]
    assert list(found["depth"]) == [20, 110] * 3


# The verdict


def test_growth_and_gaps_are_what_was_put_in(tmp_path: Path) -> None:
    fake_experiment(tmp_path / "x", ERRORS, seeds=(0, 1, 2))
    runs = load(tmp_path / "x").runs
    grown = differences.growth(runs).set_index(["family", "measure"])
    assert grown.loc[("plain", "train_error"), "points"] == pytest.approx(4.0)
    assert grown.loc[("residual", "train_error"), "points"] == pytest.approx(-0.5)
    assert set(grown["shallow"]) == {20} and set(grown["deep"]) == {56} and set(grown["seeds"]) == {3}
    gaps = differences.gap(runs).set_index(["depth", "measure"])
    assert gaps.loc[(20, "train_error"), "points"] == pytest.approx(0.1)
    assert gaps.loc[(56, "train_error"), "points"] == pytest.approx(4.6)
    more = differences.excess(runs).set_index("measure").loc["train_error"]
    assert more["points"] == pytest.approx(4.5) and more["low"] == pytest.approx(4.5)


def test_growth_is_paired_by_seed(tmp_path: Path) -> None:
    for seed, (shallow, deep) in {0: (1.0, 4.0), 1: (5.0, 9.0), 2: (9.0, 14.0)}.items():
        fake_run(tmp_path / "x", depth=20, seed=seed, train_error=shallow)
        fake_run(tmp_path / "x", depth=56, seed=seed, train_error=deep)
    fake_run(tmp_path / "x", depth=56, seed=3, train_error=80.0)  # has no partner
    row = differences.growth(load(tmp_path / "x").runs).set_index("measure").loc["train_error"]
    assert (row["points"], row["seeds"]) == (4.0, 3)
    assert row["high"] - row["low"] == pytest.approx(2 * 4.302653 * 1.0 / math.sqrt(3), abs=1e-5)


def test_one_seed_is_not_called_an_effect(tmp_path: Path) -> None:
    said = verdict_of(fake_experiment(tmp_path / "x", ERRORS))
    assert "grows by 4.00 points for plain" in said and "by -0.50 points for residual" in said
    assert "**4.00" not in said, "one run's number in bold"
    assert "With one seed this can't tell noise from effect" in said and "interval lies" not in said
    assert "+0.10 at 20, +4.60 at 56 layers" in said and "costs plain networks 4.50 points more" in said
    assert "plain +4.00 points, as claimed" in said


def test_three_seeds_give_an_interval(tmp_path: Path) -> None:
    fake_experiment(tmp_path / "x", ERRORS, seeds=(0, 1, 2))
    said = verdict_of(tmp_path / "x")
    whole = "grows by **4.00 points** (95% interval +4.00 to +4.00, above zero in 3 of 3 seeds) for plain"
    assert whole in said and "can't tell noise" not in said
    assert "Training error grows with depth: the interval lies above zero" in said
    assert "plain shown, it grows; residual shown, it falls" in said


def test_a_growth_within_noise_and_a_growing_residual_are_said(tmp_path: Path) -> None:
    for seed in range(3):
        fake_run(tmp_path / "x", "plain", 20, seed, train_error=2.0)
        fake_run(tmp_path / "x", "plain", 56, seed, train_error=2.3 + (seed - 1))
        fake_run(tmp_path / "x", "residual", 20, seed, train_error=1.0)
        fake_run(tmp_path / "x", "residual", 56, seed, train_error=3.0 + 0.01 * seed)
    said = verdict_of(tmp_path / "x")
    assert "the interval holds zero" in said and "plain can't be told from noise" in said
    assert "residual not so, it grows too, by 2.01 points" in said


def test_the_order_that_the_literature_asserts(tmp_path: Path) -> None:
    errors = {("plain", 20): 1.0, ("plain", 32): 0.9, ("plain", 44): 2.0, ("plain", 56): 3.0}
    both = {**errors, **{("residual", depth): 0.5 for _, depth in errors}}
    assert "the means here are in that order" in verdict_of(fake_experiment(tmp_path / "x", both))
    both["plain", 44] = 0.95
    assert "the means here are **not** in that order" in verdict_of(fake_experiment(tmp_path / "y", both))


def test_what_the_verdict_lacks_is_said(tmp_path: Path) -> None:
    fake_run(tmp_path / "x", depth=20)
    fake_run(tmp_path / "x", depth=56, status="failed", reached=0.2, message="loss is not finite")
    said = verdict_of(tmp_path / "x")
    assert "No verdict" in said and "**Without** plain-56" in said


def test_other_shortcuts_are_held_against_the_same_plain_net(tmp_path: Path) -> None:
    fake_experiment(tmp_path / "x", ERRORS)
    for depth in (20, 56):
        fake_run(
            tmp_path / "x", "residual", depth, variant="model.shortcut=B", config={"model.shortcut": "B"}
        )
        fake_run(tmp_path / "x", "residual", depth, variant="model.width=32", config={"model.width": 32})
    found = differences.gap(load(tmp_path / "x").runs)
    assert set(found["variant"]) == {"", "model.shortcut=B"}, "no plain network of width 32 is there"


def test_still_falling_is_measured_over_the_last_tenth() -> None:
    frame = pd.DataFrame({"step": [10, 90, 100], "train_error_running": [50.0, 30.0, 27.0]})
    frame = frame.assign(family="plain", variant="", depth=20, line="", runs=1)
    assert list(lines.still_falling(frame)["points"]) == [3.0]
    assert lines.still_falling(frame.iloc[2:])["points"].isna().all()


@pytest.mark.parametrize(
    ("networks", "said"),
    [(2, "plain-20 by 3.0 and plain-21 by 4.0 points"), (9, "9 networks by 3.0 to 11.0")],
)
def test_who_still_falls_is_named_unless_they_are_many(networks: int, said: str) -> None:
    frame = pd.concat(
        pd.DataFrame({"step": [90, 100], "train_error_running": [30.0, 27.0 - more], "depth": 20 + more})
        for more in range(networks)
    )
    (item,) = verdict._falling(frame.assign(family="plain", variant="", line="", runs=1))
    assert f"still fell, for {said}" in item


# What may be compared


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"data_sha256": "0" * 64}, "data_sha256"),
        ({"precision": "bf16"}, "precision"),
        ({"config": {"optimizer.lr": 0.2}}, "optimizer.lr"),
        ({"config": {"train.steps": 32_000}}, "steps"),
    ],
)
def test_seeds_of_other_settings_are_not_averaged(tmp_path: Path, other: dict[str, Any], said: str) -> None:
    fake_run(tmp_path / "x", seed=0)
    fake_run(tmp_path / "x", seed=1, **other)
    with pytest.raises(
        BadRequest, match=f"different {said} can't be averaged.*plain-20-seed0.*plain-20-seed1"
    ):
        series.check_comparable(load(tmp_path / "x").runs)


@pytest.mark.parametrize(("family", "depth"), [("plain", 56), ("residual", 20)])
def test_other_data_is_not_compared(tmp_path: Path, family: str, depth: int) -> None:
    fake_run(tmp_path / "x")
    fake_run(tmp_path / "x", family, depth, data_sha256="0" * 64)
    with pytest.raises(BadRequest, match="different data_sha256 can't be compared"):
        series.check_comparable(load(tmp_path / "x").runs)


def test_unfinished_runs_and_places_do_not_count(tmp_path: Path) -> None:
    fake_run(tmp_path / "x", seed=0)
    fake_run(tmp_path / "x", seed=1, status="failed", reached=0.1, data_sha256="0" * 64)
    fake_run(tmp_path / "x", seed=2, config={"data.verify": False, "trainer.accelerator": "cpu"})
    series.check_comparable(load(tmp_path / "x").runs)


# Deviations, twins, what is missing


def test_the_papers_protocol_has_no_deviations(tmp_path: Path) -> None:
    fake_experiment(tmp_path / "x", ERRORS)
    warm = {"schedule.warmup.lr": 0.01, "schedule.warmup.until_error": 80.0}
    fake_run(tmp_path / "x", "residual", 110, config=warm)
    assert deviations.deviations(load(tmp_path / "x").runs).empty
    assert "The settings are the paper's." in page_of(tmp_path / "x")


def test_every_deviation_is_named(tmp_path: Path) -> None:
    changes = {
        "optimizer.lr": 0.05,
        "train.steps": 3_200,
        "data.verify": False,
        "data.subset": 5_000,
        "train.precision": "bf16",
        "schedule.milestones": [0.5, 2_000],
        "optimizer.adam": 0.999,
    }
    fake_experiment(tmp_path / "x", ERRORS, config=changes)
    fake_run(tmp_path / "x", "plain", 32, config={**changes, "schedule.warmup.lr": 0.01})
    found = deviations.deviations(load(tmp_path / "x").runs).set_index("key")
    assert set(found.index) == {*changes, "schedule.warmup.lr"}
    assert tuple(found.loc["schedule.milestones"]) == ("[32000, 48000]", "[1600, 2000]", "all")
    assert tuple(found.loc["data.subset"]) == ("none", "5000", "all")
    assert tuple(found.loc["schedule.warmup.lr"]) == ("none", "0.01", "plain-32-seed0")
    said = page_of(tmp_path / "x")
    assert (
        "copy whose files differ" in said and "orientation only" in said and "for residual-110 alone" in said
    )


def test_a_drawn_data_set_has_no_files_to_verify(tmp_path: Path) -> None:
    fake_run(tmp_path / "x", config={"data.name": "shapes", "data.verify": None})
    assert list(deviations.deviations(load(tmp_path / "x").runs)["key"]) == ["data.name"]


def test_smaller_images_of_cifar10_are_a_deviation(tmp_path: Path) -> None:
    run = {"data.size": 16}
    fake_run(tmp_path / "x", config=run)
    (found,) = deviations.deviations(load(tmp_path / "x").runs).itertuples(index=False)
    assert tuple(found) == ("data.size", "32", "16", "all")


def test_milestones_are_compared_in_steps_that_are_reached() -> None:
    assert deviations.milestones([0.5, 0.75], 64_000) == ([32_000, 48_000], "[32000, 48000]")
    assert deviations.milestones([1], 64_000) == ([1], "[1]"), "1 is a step, not a fraction"
    assert deviations.milestones([32_000, 48_000], 100) == (
        [],
        "[32000, 48000] ([32000, 48000] never reached)",
    )
    assert deviations.milestones([0.5], 1) == ([], "[1] ([1] never reached)"), "the first step isn't past it"


def test_milestones_that_are_never_reached_are_a_deviation(tmp_path: Path) -> None:
    own = {"train.steps": 40_000, "schedule.milestones": [32_000, 48_000]}
    fake_run(tmp_path / "x", config=own)
    found = deviations.deviations(load(tmp_path / "x").runs).set_index("key")
    assert found.loc["schedule.milestones", "here"] == "[32000, 48000] ([48000] never reached)"


def test_twins_are_shown_to_be_twins(tmp_path: Path) -> None:
    fake_experiment(tmp_path / "x", ERRORS)
    fake_run(
        *(tmp_path / "x", "residual", 20),
        variant="model.shortcut=B",
        config={"model.shortcut": "B"},
        init_sha256="more parameters",
    )
    found = twins.pairs(load(tmp_path / "x").runs)
    assert list(found["kind"]) == ["exact", "exact", "subset"]
    assert (found[["init", "data", "stream"]] == "same").all(axis=None)
    assert "WARNING" not in page_of(tmp_path / "x")


def test_twins_that_are_not_are_said_loudly(tmp_path: Path) -> None:
    fake_run(tmp_path / "x", "plain")
    fake_run(tmp_path / "x", "residual", init_sha256="other", stream_sha256="other", data_sha256=None)
    row = twins.pairs(load(tmp_path / "x").runs).iloc[0]
    assert (row["init"], row["stream"], row["data"]) == ("differs", "differs", "not recorded")
    said = page_of(tmp_path / "x")
    assert "**WARNING: residual-20-seed0 and plain-20-seed0 differ in their initial values" in said
    assert "differ in their batches" in said and "differ in their data" not in said


def test_batches_are_compared_at_the_same_step_only(tmp_path: Path) -> None:
    fake_run(tmp_path / "x", "plain")
    fake_run(tmp_path / "x", "residual", status="running", reached=0.5, stream_sha256="half way")
    assert twins.pairs(load(tmp_path / "x").runs).iloc[0]["stream"] == "not recorded"


def test_unfinished_failed_and_missing_runs_are_named(tmp_path: Path) -> None:
    fake_run(tmp_path / "x", "plain", 20, 0)
    fake_run(tmp_path / "x", "plain", 56, 1, status="failed", reached=0.1, message="a | b\n<c>")
    fake_run(tmp_path / "x", "residual", 20, 0, status="interrupted", reached=0.5)
    fake_run(tmp_path / "x", "residual", 8, 0, variant="model.width=4", config={"model.width": 4})
    found = unfinished.unfinished(load(tmp_path / "x").runs)
    names = {(row["family"], row["depth"], row["seed"]): row["status"] for _, row in found.iterrows()}
    assert names == {
        ("plain", 20, 1): "missing",
        ("plain", 56, 0): "missing",
        ("plain", 56, 1): "failed",
        ("residual", 20, 0): "interrupted",
        ("residual", 20, 1): "missing",
        ("residual", 56, 0): "missing",
        ("residual", 56, 1): "missing",
    }
    said = page_of(tmp_path / "x")
    assert "| plain-56 | 1 | failed | 6400 of 64000 | a \\| b &lt;c> |" in said
    assert "| residual-20 | 0 | interrupted | 32000 of 64000 | – |" in said


def test_what_no_sweep_set_out_to_train_is_not_missing(tmp_path: Path) -> None:
    for depth, seed in ((20, 0), (56, 0), (20, 1)):
        fake_run(tmp_path / "x", "plain", depth, seed)
    fake_run(tmp_path / "x", "residual", 56, 0)
    names = [path.parent.name for path in tmp_path.glob(f"x/*/{schema.RECORD}")]
    planned = [*names, "plain-56-seed1", "plain-20-model.init=dirac-schedule.warmup.lr=1e-05-seed3"]
    write_json(tmp_path / "x" / PLAN, {"networks": dict.fromkeys(planned, 1.0)})
    assert "| plain-56 | 1 | missing |" in page_of(tmp_path / "x")
    assert "| plain-20 (init=dirac, warmup.lr=1e-05) | 3 | missing |" in page_of(tmp_path / "x")
    assert "residual-20" not in page_of(tmp_path / "x"), "no sweep wanted it"
    (kept,) = report.write([tmp_path / "x"], tmp_path / "reports")
    (again,) = report.write([kept], tmp_path / "again")
    assert (kept / "README.md").read_text() == (again / "README.md").read_text()
    fake_run(tmp_path / "x", "residual", 56, 1)  # started without a sweep: the plan is not the whole
    assert "| residual-20 | 1 | missing |" in page_of(tmp_path / "x")
    assert "None: every run" in page_of(tmp_path / "x/plain-20-seed0"), "it was named alone"


# The lines of Fig. 6


def test_seeds_become_one_line_and_unfinished_runs_their_own(tmp_path: Path) -> None:
    fake_run(tmp_path / "x", seed=0, train_error=1.0)
    fake_run(tmp_path / "x", seed=1, train_error=3.0)
    fake_run(tmp_path / "x", seed=2, status="running", reached=0.25)
    experiment = load(tmp_path / "x")
    drawn = lines.lines(experiment.runs, experiment.curves)
    assert list(drawn.groupby("line").size()) == [40, 10]
    last = drawn[(drawn["line"] == "") & (drawn["step"] == 64_000)].iloc[0]
    ends = (last["test_error"], last["test_error_low"], last["test_error_high"])
    by_run = experiment.curves[experiment.curves["step"] == 64_000]["test_error"]
    assert ends == pytest.approx((by_run.mean(), by_run.min(), by_run.max())) and last["runs"] == 2


def test_a_mean_needs_all_its_runs(tmp_path: Path) -> None:
    fake_run(tmp_path / "x", seed=0)
    torn = fake_run(tmp_path / "x", seed=1) / "curves.csv"
    rows = torn.read_text().splitlines(keepends=True)
    cells = rows[2].split(",")
    torn.write_text("".join([rows[0], rows[1], ",".join([*cells[:6], "", *cells[7:]]), *rows[4:]]))
    experiment = load(tmp_path / "x")
    drawn = lines.lines(experiment.runs, experiment.curves).set_index("step")
    assert 4800 not in drawn.index, "only one of the two was evaluated there"
    assert math.isnan(drawn.loc[3200, "train_error_running"]) and not math.isnan(
        drawn.loc[3200, "test_error"]
    )


# One setting, one name; one series, one recipe


def test_a_series_of_mixed_settings_is_refused(tmp_path: Path) -> None:
    fake_run(tmp_path / "x", depth=8)
    fake_run(tmp_path / "x", depth=14, config={"optimizer.weight_decay": 0.5})
    with pytest.raises(
        BadRequest, match=r"different optimizer.weight_decay can't be compared.*plain-8.*plain-14"
    ):
        series.check_comparable(load(tmp_path / "x").runs)


def test_a_warm_up_of_the_deepest_is_still_one_series(tmp_path: Path) -> None:
    fake_run(tmp_path / "x", "residual", 20)
    warm = {"schedule.warmup.lr": 0.01, "schedule.warmup.until_error": 80.0}
    fake_run(tmp_path / "x", "residual", 110, config=warm)
    series.check_comparable(load(tmp_path / "x").runs)


def test_one_network_under_two_names_is_refused(tmp_path: Path) -> None:
    for text in ("0", "0.0"):
        variant = f"optimizer.weight_decay={text}"
        fake_run(tmp_path / "x", variant=variant, config={"optimizer.weight_decay": float(text)})
    with pytest.raises(BadRequest, match="are the same network, seed and settings"):
        report.build(load(tmp_path / "x"))


def test_the_ends_of_a_pair_are_over_the_seeds_of_its_difference(tmp_path: Path) -> None:
    for seed in range(3):
        for (family, depth), error in ERRORS.items():
            if (family, depth, seed) != ("plain", 56, 2):
                fake_run(tmp_path / "x", family, depth, seed, train_error=error * (1 + seed))
    row = pairs.pairs(load(tmp_path / "x").runs).iloc[0]
    assert row["seeds"] == 2, "of seed 2 plain-56 isn't there"
    ends = [row[f"{who}_{end}"] for who in ("twin", "network") for end in ("shallow", "deep")]
    assert ends == pytest.approx([1.5, 7.5, 1.35, 0.6])
    assert row["points"] == pytest.approx((7.5 - 1.5) - (0.6 - 1.35))
    said = verdict_of(tmp_path / "x")
    assert "% at 20, 56 layers (over 3 and 2 seeds)" in said
    assert "+0.20 at 20 (3 seeds), +6.90 at 56 (2 seeds) layers" in said


def test_a_loss_that_is_not_finite_is_named(tmp_path: Path) -> None:
    run = fake_run(tmp_path / "x", test_loss="inf")
    curves = (run / "curves.csv").read_text().splitlines()
    *before, _, error = curves[-1].split(",")
    (run / "curves.csv").write_text("\n".join([*curves[:-1], ",".join([*before, "inf", error])]) + "\n")
    assert "**Not finite**: the test loss of plain-20-seed0 at 1 evaluation, first at step 64000." in page_of(
        tmp_path / "x"
    )
    (folder,) = report.write([tmp_path / "x"], tmp_path / "out")
    before = (folder / "curves.csv").read_bytes()
    report.write([folder], tmp_path / "out")
    assert (folder / "curves.csv").read_bytes() == before and b",inf," in before


# Many settings


def grid(folder: Path, seeds: int = 3) -> None:
    for rate, error in {0.025: 20.0, 0.05: 30.0, 0.1: 60.0, 0.2: 0.9}.items():
        own = {"variant": "" if rate == 0.05 else f"optimizer.lr={rate}", "config": {"optimizer.lr": rate}}
        for seed in range(seeds):
            fake_run(folder, "plain", 20, seed, train_error=1.0, **own)
            fake_run(folder, "plain", 56, seed, train_error=error + 0.1 * seed, **own)
            for depth in (20, 56):
                fake_run(folder, "residual", depth, seed, train_error=0.1, **own)


def test_many_settings_are_counted_and_stand_in_a_table(tmp_path: Path) -> None:
    grid(tmp_path / "x")
    said = verdict_of(tmp_path / "x")
    assert said.startswith(
        "**plain**, 4 settings: err(56) - err(20) is 0.00 to +59.10 points of training error. The 95% "
        "interval lies above zero for 3 and around zero for 1 of them; of all 12 differences, paired by "
        "seed, 10 are above zero."
    )
    assert said.count("\n") == 1, "no sentence a setting"
    page = page_of(tmp_path / "x")
    assert "| plain (lr=0.1) | 20 → 56 | 1.00 → 60.10 | +59.10 (95% interval" in page
    assert "<details><summary>" in page, "the many differences lie under a fold"
    assert "With one seed" in verdict_of((grid(tmp_path / "y", 1), tmp_path / "y")[1])


def test_settings_between_different_depths_get_a_sentence_each(tmp_path: Path) -> None:
    """One range of growth would say that all were between the depths of the first."""
    for rate, deep in {0.05: 56, 0.1: 56, 0.2: 44}.items():
        own = {"variant": "" if rate == 0.05 else f"optimizer.lr={rate}", "config": {"optimizer.lr": rate}}
        for depth in (20, deep):
            fake_run(tmp_path / "x", "plain", depth, train_error=depth / 10, **own)
    assert "plain (lr=0.2) networks (20 to 44 layers)" in verdict_of(tmp_path / "x")
    fake_run(tmp_path / "x", "plain", 56, train_error=3.0, **own)
    assert verdict_of(tmp_path / "x").startswith(
        "**plain**, 3 settings: err(56) - err(20) is +3.60 (as it is), +3.60 (lr=0.1) and +1.00 (lr=0.2)"
    )
    for depth in (20, 44):
        fake_run(tmp_path / "x", "residual", depth)
        fake_run(tmp_path / "x", "residual", depth + 12, **own)
    assert "residual (lr=0.2) networks (32 to 56 layers)" in verdict_of(tmp_path / "x"), "of another family"


def test_the_own_value_is_named_and_values_are_in_order(tmp_path: Path) -> None:
    grid(tmp_path / "x")
    (folder,) = report.write([tmp_path / "x"], tmp_path / "out")
    rows = [line for line in (folder / "README.md").read_text().splitlines() if "| 20 → 56 |" in line]
    rates = [f"plain (lr={rate})" for rate in (0.025, 0.05, 0.1, 0.2)]
    assert [line.split("|")[1].strip() for line in rows][:4] == rates
    frame = pd.DataFrame({"family": "plain", "variant": ["x=10", "x=2", "", "x=2.5"]})
    assert list(series.ordered(frame)["variant"]) == ["", "x=2", "x=2.5", "x=10"]


def test_a_note_where_two_families_are_one_network(tmp_path: Path) -> None:
    fake_run(tmp_path / "x", "plain")
    assert "one measurement" not in page_of(tmp_path / "x")
    fake_run(tmp_path / "x", "plain_preact")
    assert "is the plain network" in page_of(tmp_path / "x")


def test_a_column_without_a_number_is_left_out(tmp_path: Path) -> None:
    fake_experiment(tmp_path / "x", ERRORS)
    assert "He et al.: test error, %" in page_of(tmp_path / "x")
    fake_experiment(tmp_path / "y", ERRORS, config=SHAPES)
    assert "He et al.: test error" not in page_of(tmp_path / "y")


@pytest.mark.parametrize(
    ("deep", "said"),
    [
        ((7.0, 7.1, 7.2), "Depth pays: the interval lies below zero."),
        ((14.0, 14.1, 14.2), "Depth does **not** pay yet at this length: the interval lies above zero."),
        ((7.0, 9.0, 11.0), "Whether depth pays can't be told from noise: the interval holds zero."),
        ((7.0,), "If it is not noise, depth pays."),
        ((14.0,), "If it is not noise, depth does not pay yet at this length."),
    ],
)
def test_whether_depth_pays_where_the_paper_says_so(
    deep: tuple[float, ...], said: str, tmp_path: Path
) -> None:
    for seed, error in enumerate(deep):
        fake_run(tmp_path / "x", "residual", 20, seed, test_error=9.0 + seed / 10)
        fake_run(tmp_path / "x", "residual", 56, seed, test_error=error)
    (item,) = (item for item in verdict_of(tmp_path / "x").splitlines() if "in the paper -" in item)
    assert "in the paper -1.78. " in item
    assert item.endswith(said)


def test_how_long_was_trained_stands_first_among_the_deviations(tmp_path: Path) -> None:
    steps = {"train.steps": 8_000, "train.evaluate_every": 1_600, "data.verify": False, "optimizer.lr": 0.2}
    fake_run(tmp_path / "x", "plain", 20, config=steps)
    frame = deviations.deviations(load(tmp_path / "x").runs)
    assert tuple(frame.iloc[0]) == ("train.steps", "64000 (164 epochs)", "8000 (20 epochs)", "all")
    assert list(frame["key"][1:]) == sorted(frame["key"][1:])


@pytest.mark.parametrize(
    ("seeds", "said"),
    [
        ([3, 5], ""),
        ([0], "No seed pairs the two: this can't tell noise from effect."),
        ([1, 1], "With one seed this can't tell noise from effect; three or more give an interval."),
        ([1, 3], "Numbers of one seed can't tell noise from effect; three or more give an interval."),
    ],
)
def test_few_seeds_are_named(seeds: list[int], said: str) -> None:
    assert phrases.few(seeds) == said
