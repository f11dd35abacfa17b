"""The pictures of the comparison: nothing on one another, nothing without a name, text that can be read."""

from itertools import pairwise

import pandas as pd
from matplotlib.figure import Figure

from degradation.costs import pictures
from degradation.plots.style import WIDTH

COLUMNS = ["experiment", "family", "variant", "plain", "depth", "multiply_adds", "test_error"]


def point(experiment: str, family: str, depth: int, error: float, variant: str = "") -> tuple[object, ...]:
    return (experiment, family, variant, family.startswith("plain"), depth, depth * 1e6, error)


POINTS = [
    point(experiment, family, depth, error * depth / 56, variant)
    for experiment, variant, scale in (("one", "", 1.0), ("two", "data.size=64", 0.1))
    for family, error in (("plain", 60.0 * scale), ("residual", 40.0 * scale))
    for depth in (20, 56)
]
MANY = [
    point("many", family, depth, 0.0)
    for family in ("plain", "residual", "preact", "wide", "nin")
    for depth in (20, 56)
]


def texts(figure: Figure) -> list[list[str]]:
    return [[text.get_text() for text in axes.texts] for axes in figure.axes]


def test_all_panels_of_errors_have_the_same_axes_and_name_their_lines_and_depths() -> None:
    figure = pictures.errors(pd.DataFrame(POINTS, columns=COLUMNS))
    figure.draw_without_rendering()
    one, two = figure.axes
    assert (one.get_xlim(), one.get_ylim()) == (two.get_xlim(), two.get_ylim())
    assert texts(figure)[0] == ["20", "56", "plain", "20", "56", "residual"]
    assert texts(figure)[1][2::3] == ["plain (data.size=64)", "residual (data.size=64)"]


def test_points_do_not_grow_with_parameters_and_a_twin_is_seen_around_its_network() -> None:
    plain, residual = pictures.errors(pd.DataFrame(POINTS, columns=COLUMNS)).axes[0].lines
    assert plain.get_markersize() > residual.get_markersize()
    assert plain.get_markerfacecolor() == "white" and plain.get_zorder() < residual.get_zorder()


def test_an_experiment_of_many_families_is_left_out_and_named() -> None:
    figure = pictures.errors(pd.DataFrame([*POINTS, *MANY], columns=COLUMNS))
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["one", "two"]
    assert figure.get_suptitle() == "left out, since lines of a colour lie on one another: many"
    alone = pictures.errors(pd.DataFrame(MANY, columns=COLUMNS))
    assert texts(alone) == [["too many lines"]] and "many" in alone.get_suptitle()
    assert texts(pictures.errors(pd.DataFrame([], columns=COLUMNS))) == [["no complete run"]]


def test_an_odd_number_of_panels_leaves_no_empty_one_and_each_column_names_its_axis() -> None:
    three = [*POINTS, *(("three", *rest) for name, *rest in POINTS if name == "one")]
    figure = pictures.errors(pd.DataFrame(three, columns=COLUMNS))
    seen = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in seen] == ["one", "two", "three"]
    assert [bool(axes.get_xlabel()) for axes in seen] == [False, True, True]


def test_rows_of_times_can_be_read() -> None:
    cells = {"forward_one": 0.01, "training_one": 0.03, "forward_batch": 0.5, "training_batch": 1.0}
    rows = [{"network": f"plain-{n}", "size": 32, "batch": 128, **cells} for n in range(43)]
    rows += [{"network": f"vgg{n}", "size": 224, "batch": 8, **cells} for n in range(19)]
    figure = pictures.times(pd.DataFrame(rows))
    figure.draw_without_rendering()
    assert figure.get_size_inches()[0] == WIDTH
    labels = [label for axes in figure.axes[::2] for label in axes.get_yticklabels()]
    assert len(labels) == 62 and min(label.get_fontsize() for label in labels) >= 9
    boxes = [label.get_window_extent() for label in labels]
    assert not any(box.overlaps(below) for box, below in pairwise(boxes))
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "32 px, batches of 128",
        "32 px, one image",
        "224 px, batches of 8",
        "224 px, one image",
    ]
