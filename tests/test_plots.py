"""The pictures show what was measured, and nothing that was not."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fake_runs import SHAPES, fake_experiment, fake_run
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from degradation.analysis import lines, sides, table
from degradation.plots import curves, depth, families, numbers, style
from degradation.plots.style import depth_colours, files
from degradation.runs import store

ERRORS = {
    ("plain", 20): 1.0,
    ("plain", 32): 1.2,
    ("plain", 56): 5.0,
    ("residual", 20): 0.9,
    ("residual", 56): 0.0,
}


def frames(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    (experiment,) = store.load([folder])
    return lines.lines(experiment.runs, experiment.curves), table.table(experiment.runs)


def texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def drawn_points(figure: Figure) -> np.ndarray:
    return np.concatenate(
        [np.asarray(line.get_ydata(), float) for axes in figure.axes for line in axes.lines]
    )


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for one in figure.legends for text in one.get_texts()]


def test_fig_6_has_plain_left_and_residual_right_on_one_scale(tmp_path: Path) -> None:
    figure = curves.figure(frames(fake_experiment(tmp_path / "x", ERRORS))[0])
    left, right = figure.axes
    assert left.get_title(loc="left").startswith("plain\n") and right.get_title(loc="left").startswith(
        "residual\n"
    )
    assert left.get_ylim() == right.get_ylim()
    assert "error (%)" in left.get_ylabel() and "step" in left.get_xlabel()


def test_training_is_dashed_test_solid_and_a_depth_has_one_colour(tmp_path: Path) -> None:
    figure = curves.figure(frames(fake_experiment(tmp_path / "x", ERRORS))[0])
    left, right = figure.axes
    assert [line.get_linestyle() for line in left.lines] == ["--", "-"] * 3
    assert [line.get_color() for line in right.lines] == [left.lines[0].get_color()] * 2 + [
        left.lines[-1].get_color()
    ] * 2
    assert legend(figure)[:3] == ["20 layers", "32 layers", "56 layers"]


def test_deeper_is_darker() -> None:
    shades = [
        int(colour[1:3], 16) + int(colour[3:5], 16) for colour in depth_colours([110, 20, 56, 32]).values()
    ]
    assert shades == sorted(shades, reverse=True)


@pytest.mark.parametrize(("final", "top"), [(1.0, 20), (8.0, 30), (25.0, 50), (84.0, 100)])
def test_the_error_axis_ends_above_where_the_curves_end(tmp_path: Path, final: float, top: float) -> None:
    figure = curves.figure(frames(fake_experiment(tmp_path / "x", {("plain", 20): final}))[0])
    bottom, end = figure.axes[0].get_ylim()
    assert end == top and -0.03 * top <= bottom < 0, "below zero only what a line at zero needs"
    assert (f"cut off above {top:g}%" in legend(figure)) == (top < 90)


def test_a_run_that_failed_early_does_not_squash_the_others(tmp_path: Path) -> None:
    fake_experiment(tmp_path / "x", ERRORS)
    fake_run(tmp_path / "x", "plain", 110, status="failed", reached=0.05)
    figure = curves.figure(frames(tmp_path / "x")[0])
    assert figure.axes[0].get_ylim()[1] == 20
    thin = [line for line in figure.axes[0].lines if line.get_linewidth() < 1]
    assert len(thin) == 2 and "unfinished" in legend(figure)


def test_several_seeds_are_a_line_and_a_band(tmp_path: Path) -> None:
    fake_experiment(tmp_path / "x", ERRORS, seeds=(0, 1))
    figure = curves.figure(frames(tmp_path / "x")[0])
    assert [len(axes.lines) for axes in figure.axes] == [6, 4]
    assert [len(axes.collections) for axes in figure.axes] == [6, 4] and "range of seeds" in legend(figure)


def test_what_was_not_measured_is_not_drawn(tmp_path: Path) -> None:
    drawn, of_networks = frames(fake_experiment(tmp_path / "x", ERRORS))
    drawn.loc[drawn["step"] < 30_000, "test_error"] = math.nan
    assert not np.isnan(drawn_points(curves.figure(drawn))).any()
    assert drawn_points(curves.figure(drawn)).min() > 0
    of_networks.loc[0, "train_error_mean"] = math.nan
    left, right = depth.figure(of_networks).axes
    assert list(left.lines[0].get_xdata()) == [32, 56] and list(right.lines[0].get_xdata()) == [20, 32, 56]
    assert texts(left).count("0.00") == 1, "the residual one that was measured as 0"


def test_two_variants_of_a_family_are_told_apart(tmp_path: Path) -> None:
    _, one = frames(fake_experiment(tmp_path / "x", ERRORS))
    plain = one[one["family"] == "plain"]
    low = plain.assign(variant="train.precision=bf16")
    high = plain.assign(variant="train.precision=float32", train_error_mean=plain["train_error_mean"] + 1)
    left = depth.figure(pd.concat([low, high], ignore_index=True)).axes[0]
    title = "Training error\n20 to 56 layers: bf16 +4.00, float32 +4.00 points"
    assert left.get_title(loc="left") == title
    rows = {note.get_text(): note.xyann[1] for note in left.texts}
    assert rows["1.00"] == rows["1.20"] == rows["5.00"] > rows["2.00"] == rows["2.20"] == rows["6.00"]


def test_depth_shows_each_number_once_and_error_bars_for_seeds(tmp_path: Path) -> None:
    _, one = frames(fake_experiment(tmp_path / "x", ERRORS))
    left, right = depth.figure(one).axes
    assert sorted(texts(left)) == sorted(["1.00", "1.20", "5.00", "0.90", "0.00"]) and len(texts(right)) == 5
    assert left.get_title(loc="left") == "Training error\n20 to 56 layers: plain +4.00, residual -0.90 points"
    assert all(len(container[2]) == 0 for container in left.containers), "one seed: no error bars"
    _, several = frames(fake_experiment(tmp_path / "y", ERRORS, seeds=(0, 1, 2)))
    bars = depth.figure(several).axes[0].containers[0][2][0].get_segments()
    assert [bar[1][1] - bar[0][1] for bar in bars] == pytest.approx([0.2] * 3), "one std each way"


def test_bars_stand_beside_each_other_and_the_legend_says_what_they_are(tmp_path: Path) -> None:
    _, of_networks = frames(fake_experiment(tmp_path / "x", ERRORS, seeds=(0, 1, 2)))
    figure = depth.figure(of_networks)
    figure.draw_without_rendering()
    plain, residual = (container[0] for container in figure.axes[0].containers)
    places = [line.get_transform().transform((20, 0))[0] for line in (plain, residual)]
    assert places[1] - places[0] == pytest.approx(depth.APART * figure.dpi / 72)
    assert "bar: ± one standard deviation of 3 seeds" in legend(figure)


def test_the_error_axis_starts_at_zero_and_markers_on_it_are_whole(tmp_path: Path) -> None:
    _, of_networks = frames(fake_experiment(tmp_path / "x", {("plain", 20): 0.0, ("plain", 56): 80.0}))
    figure = depth.figure(of_networks)
    figure.draw_without_rendering()
    axes = figure.axes[0]
    bottom, top = axes.get_ylim()
    assert -0.03 * top <= bottom < 0
    (line,) = (container[0] for container in axes.containers)
    above = axes.transData.transform((20, 0))[1] - axes.bbox.y0
    assert above >= line.get_markersize() / 2 * figure.dpi / 72


def test_two_depths_are_not_joined_by_a_solid_line(tmp_path: Path) -> None:
    _, of_networks = frames(fake_experiment(tmp_path / "x", ERRORS))
    figure = depth.figure(of_networks)
    plain, residual = (container[0] for container in figure.axes[0].containers)
    assert (plain.get_linestyle(), residual.get_linestyle()) == ("-", ":")
    assert "dotted: two depths only" in legend(figure)


def test_numbers_are_those_of_the_table(tmp_path: Path) -> None:
    _, of_networks = frames(fake_experiment(tmp_path / "x", {("plain", 20): 10.95, ("plain", 56): 78.05}))
    assert texts(depth.figure(of_networks).axes[0]) == ["10.95", "78.05"]


def test_depths_too_close_for_their_numbers_keep_both_ends() -> None:
    assert numbers.kept([0.1, 0.15, 0.5, 0.9], width=200.0) == [0.1, 0.5, 0.9]
    assert numbers.kept([0.1, 0.15], width=200.0) == [0.1, 0.15]
    assert numbers.kept([0.5], width=200.0) == [0.5]


def test_a_row_has_its_numbers_where_another_has_none(tmp_path: Path) -> None:
    errors = {("plain", 9): 51.0, ("plain", 16): 85.0, ("plain", 19): 90.0, ("residual", 18): 66.0}
    _, of_networks = frames(fake_experiment(tmp_path / "x", errors))
    axes = depth.figure(of_networks).axes[0]
    assert texts(axes) == ["51.00", "85.00", "90.00", "66.00"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["9", "16", "18", "19"]


def test_residual_networks_alone_keep_their_colour(tmp_path: Path) -> None:
    _, of_networks = frames(fake_experiment(tmp_path / "x", ERRORS))
    both = depth.figure(of_networks).axes[0].containers
    alone = depth.figure(of_networks[of_networks["family"] == "residual"]).axes[0].containers
    assert alone[0][0].get_color() == both[1][0].get_color() != both[0][0].get_color()


def test_more_lines_than_colours_still_differ(tmp_path: Path) -> None:
    _, one = frames(fake_experiment(tmp_path / "x", {("plain", 20): 1.0, ("plain", 56): 2.0}))
    many = pd.concat([one.assign(variant=f"train.steps={place}") for place in range(20)], ignore_index=True)
    figure = depth.figure(many)
    figure.draw_without_rendering()
    looks = [(box[0].get_color(), box[0].get_marker()) for box in figure.axes[0].containers]
    assert len(set(looks)) == 20 and not texts(figure.axes[0])
    assert figure.axes[0].get_position().height > 0.4


PAIR = pd.DataFrame([("residual", "", "plain", "")], columns=["family", "variant", "twin", "twin_variant"])


def test_a_family_shows_depths_that_its_twin_lacks(tmp_path: Path) -> None:
    errors = {("plain", 20): 1.0, ("plain", 56): 30.0, ("residual", 20): 0.0, ("residual", 110): 2.0}
    _, of_networks = frames(fake_experiment(tmp_path / "x", errors))
    figure = families.figure(of_networks, PAIR)
    figure.draw_without_rendering()
    axes = figure.axes[0]
    low, high = axes.get_xlim()
    assert low < 20 and high > 110
    shown = [label.get_text() for label in axes.get_xticklabels()]
    assert shown == ["20", "56", "110"]
    assert sorted(texts(axes)) == ["0.00", "1.00", "2.00", "30.00"]


def test_a_twin_at_zero_is_seen_beside_its_network(tmp_path: Path) -> None:
    _, of_networks = frames(
        fake_experiment(
            tmp_path / "x", {(who, size): 0.0 for who in ("plain", "residual") for size in (20, 56)}
        )
    )
    figure = families.figure(of_networks, PAIR)
    figure.draw_without_rendering()
    twin, network = (container[0] for container in figure.axes[0].containers)
    places = [line.get_transform().transform((20, 0))[0] for line in (twin, network)]
    assert places[1] - places[0] >= twin.get_markersize() * figure.dpi / 72
    assert twin.get_markerfacecolor() == "white"


def test_the_note_stands_above_every_picture(tmp_path: Path) -> None:
    drawn, of_networks = frames(fake_experiment(tmp_path / "x", ERRORS))
    for figure in (
        depth.figure(of_networks, "one seed"),
        curves.figure(drawn, None, "one seed"),
        families.figure(of_networks, PAIR, "one seed"),
    ):
        assert figure.get_suptitle() == "one seed"
        figure.draw_without_rendering()
        note = figure._suptitle.get_window_extent()
        titles = [axes._left_title.get_window_extent() for axes in figure.axes]
        assert not any(note.overlaps(title) for title in titles)


def test_twins_stand_side_by_side_and_what_has_none_follows(tmp_path: Path) -> None:
    names = ("plain", "residual", "plain_bottleneck", "nin", "bottleneck")
    fake_experiment(tmp_path / "x", {(name, 20): 1.0 for name in names})
    (experiment,) = store.load([tmp_path / "x"])
    drawn = lines.lines(experiment.runs, experiment.curves)
    figure = curves.figure(drawn, sides.sides(experiment.runs))
    titles = [axes.get_title(loc="left").split("\n")[0] for axes in figure.axes]
    assert titles == ["plain", "residual", "plain_bottleneck", "bottleneck", "nin"]
    assert len({axes.get_ylim() for axes in figure.axes}) == 1


def test_a_row_of_twins_has_a_scale_of_its_own_where_depths_are_many(tmp_path: Path) -> None:
    errors = {(name, size): 1.0 for name in ("plain", "residual") for size in (20, 32, 44, 56)}
    errors |= {(name, size): 1.0 for name in ("plain_bottleneck", "bottleneck") for size in (29, 56, 83)}
    errors |= {(name, size): 1.0 for name in ("plain_preact", "preact") for size in (26, 110)}
    fake_experiment(tmp_path / "x", errors)
    (experiment,) = store.load([tmp_path / "x"])
    figure = curves.figure(lines.lines(experiment.runs, experiment.curves), sides.sides(experiment.runs))
    said = [
        [text.get_text() for text in one.get_texts()] for axes in figure.axes if (one := axes.get_legend())
    ]
    assert said == [["20", "32", "44", "56 layers"], ["29", "56", "83 layers"], ["26", "110 layers"]]
    colours = [axes.lines[-1].get_color() for axes in figure.axes]
    assert len(set(colours)) == 1, "the deepest of each row is the darkest"


def test_many_families_fit_a_screen_or_two(tmp_path: Path) -> None:
    names = [(f"plain_{name}", name) for name in ("bottleneck", "preact", "wide", "resnext", "densenet")]
    fake_experiment(tmp_path / "x", {(name, 20): 1.0 for pair in names for name in pair})
    (experiment,) = store.load([tmp_path / "x"])
    drawn, twins = lines.lines(experiment.runs, experiment.curves), sides.sides(experiment.runs)
    for count in (5, 13):
        more = [drawn.assign(variant=f"model.width={place}") for place in range(-(-count // 5))]
        pairs = [twins.assign(variant=one["variant"][0], twin_variant=one["variant"][0]) for one in more]
        figure = curves.figure(pd.concat(more), pd.concat(pairs).iloc[:count])
        assert figure.get_size_inches()[1] * 180 <= 2400


def test_a_long_title_leaves_room_for_the_depths(tmp_path: Path) -> None:
    errors = {(name, size): 1.0 for name in ("plain", "residual") for size in (20, 32, 44, 56)}
    errors |= {(name, size): 1.0 for name in ("plain_wide", "wide") for size in (16, 40, 58)}
    fake_experiment(tmp_path / "x", errors, variant="model.widen=2,optimizer.weight_decay=0.0005")
    (experiment,) = store.load([tmp_path / "x"])
    figure = curves.figure(lines.lines(experiment.runs, experiment.curves), sides.sides(experiment.runs))
    figure.draw_without_rendering()
    for axes in (figure.axes[1], figure.axes[3]):
        assert axes.get_title(loc="left").split("\n")[0].endswith("…")
        line = axes._left_title.get_window_extent()
        keys = axes.get_legend().get_window_extent()
        assert line.x1 <= keys.x0 or keys.y0 >= line.y1


def test_curves_that_lie_at_zero_are_seen_and_told_of(tmp_path: Path) -> None:
    drawn = frames(fake_experiment(tmp_path / "x", {("residual", 20): 0.0, ("residual", 56): 0.0}))[0]
    drawn.loc[drawn["step"] > 20_000, [curves.TEST, curves.TRAIN]] = 0.0
    axes = curves.figure(drawn).axes[0]
    assert texts(axes) == ["all below 1% from step 20,800 on"]
    widths = [line.get_linewidth() for line in axes.lines]
    assert axes.get_ylim()[0] < 0 and widths[0] > widths[-1], "the shallow one is seen behind the deep one"


def test_long_names_have_a_column_of_their_own_in_the_legend(tmp_path: Path) -> None:
    _, one = frames(fake_experiment(tmp_path / "x", ERRORS))
    slowly = one.assign(variant="schedule.warmup.lr=0.01,schedule.warmup.steps=50")
    figure = depth.figure(pd.concat([one, slowly], ignore_index=True))
    figure.draw_without_rendering()
    box = figure.legends[0].get_window_extent()
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1


def test_the_legend_of_many_lines_stays_in_the_picture(tmp_path: Path) -> None:
    errors = {(family, size): 90.0 for family in ("plain", "residual") for size in (9, 11, 13, 16, 18, 19)}
    figure = curves.figure(frames(fake_experiment(tmp_path / "x", errors, (0, 1)))[0])
    figure.draw_without_rendering()
    box = figure.legends[0].get_window_extent()
    assert box.x0 >= 0 and box.x1 <= figure.bbox.x1


def test_a_note_is_wrapped_to_the_width_of_a_single_panel(tmp_path: Path) -> None:
    drawn, _ = frames(fake_experiment(tmp_path / "x", {("residual", 20): 9.0}))
    note = "CIFAR-10, 50,000 training images, 16 px, width 8, 1,560 steps of 128, learning rate 0.1, 3 seeds"
    figure = curves.figure(drawn, note=note)
    figure.set_dpi(style.SHARPNESS)  # letters are a little wider than at Matplotlib's own
    figure.draw_without_rendering()
    (said,) = (text for text in figure.texts if text.get_text().startswith("CIFAR-10"))
    assert said.get_window_extent().x1 <= figure.bbox.x1


CASES: dict[str, dict[tuple[str, int], float]] = {
    "shapes": dict(
        zip(
            [(family, size) for family in ("plain", "residual") for size in (20, 32, 44, 56)],
            (0.2, 1.3, 20.0, 83.9, 0.1, 0.2, 0.3, 0.2),
            strict=True,
        )
    ),
    "falling": {("plain", 20): 9.0, ("plain", 32): 5.0, ("residual", 20): 9.0, ("residual", 32): 4.0},
    "one depth": {("plain", 20): 32.0, ("residual", 20): 22.0},
    "one family": {("residual", 20): 22.0, ("residual", 56): 27.0},
    "four": {(family, size): 1.0 for family in ("plain", "residual", "c", "d") for size in (20, 56)},
    "long names": {(f"{twin}resnet_imagenet", size): 9.5 for twin in ("plain_", "") for size in (18, 34)},
    "very deep": {("residual", 20): 8.0, ("residual", 1202): 7.9, ("plain", 20): 9.0},
}


@pytest.mark.parametrize("case", CASES)
def test_numbers_do_not_overlap_and_nothing_leaves_the_picture(tmp_path: Path, case: str) -> None:
    drawn, of_networks = frames(fake_experiment(tmp_path / "x", CASES[case], config=SHAPES))
    for figure in (depth.figure(of_networks), curves.figure(drawn)):
        figure.draw_without_rendering()
        boxes: list[Any] = [text.get_window_extent() for axes in figure.axes for text in axes.texts]
        for index, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[index + 1 :])
        titles = [axes.title for axes in figure.axes] + [axes._left_title for axes in figure.axes]
        boxes += [text.get_window_extent() for text in titles if text.get_text()]
        boxes += [one.get_window_extent() for one in figure.legends]
        for box in boxes:
            assert box.x0 >= 0 and box.y0 >= 0
            assert box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1


def test_nothing_to_draw_is_said() -> None:
    nothing = curves.figure(pd.DataFrame(columns=lines.COLUMNS))
    assert texts(nothing.axes[0]) == ["nothing was measured yet"] and not nothing.axes[0].lines
    empty = depth.figure(table.table(pd.DataFrame(columns=[*store.RUN_COLUMNS])))
    assert texts(empty.axes[0]) == ["no complete run"]


def test_files_are_the_same_each_time(tmp_path: Path) -> None:
    drawn, of_networks = frames(fake_experiment(tmp_path / "x", ERRORS))
    first, again = (files(depth.figure(of_networks), "depth") for _ in range(2))
    assert set(first) == {"depth.png", "depth.svg"} and first == again
    assert files(curves.figure(drawn), "curves") == files(curves.figure(drawn), "curves")


def test_a_note_keeps_its_lines() -> None:
    figure = Figure()
    style.noted(figure, "what was trained\nplain: +40 points\n" + "long " * 40)
    lines = figure._suptitle.get_text().splitlines()
    assert lines[:2] == ["what was trained", "plain: +40 points"]
    assert len(lines) > 3 and max(map(len, lines)) <= style.NOTE
