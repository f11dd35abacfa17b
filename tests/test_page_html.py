"""index.html: one file that fetches nothing, and that works by mouse, by keyboard and for a screen reader."""

import itertools
import shutil
import statistics
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import Visit, browser  # noqa: F401 (a fixture)
from conftest import ROOT
from fake_runs import SHAPES, fake_experiment, fake_run
from playwright.sync_api import Browser

from degradation.analysis import lines, sides, table
from degradation.analysis.series import MEASURES
from degradation.reports import index, interactive, report
from degradation.reports.dress import dressed
from degradation.runs import store

LARGE = [pytest.param(name, marks=pytest.mark.slow) for name in ("shapes_lr", "families_shapes")]
COMMITTED = ("cifar10", *LARGE)
ERRORS = {("plain", 20): 0.2, ("residual", 20): 0.1, ("residual", 56): 0.2}
APART = (40.0, 48.0, 68.0)  # of plain-56, and its mean: a pointer tells them apart
LARGEST = 6_000_000  # bytes
QUICK = 100  # ms that a toggle may take
VOID = {"meta", "img", "input", "br", "link", "hr", "circle", "line"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of three seeds, with a run that failed."""
    where = tmp_path_factory.mktemp("page")
    fake_experiment(where / "runs" / "shapes", ERRORS, seeds=(0, 1, 2), config=SHAPES)
    for seed, error in enumerate(APART):
        fake_run(where / "runs" / "shapes", "plain", 56, seed, train_error=error, config=SHAPES)
    fake_run(
        where / "runs" / "shapes",
        "plain",
        56,
        3,
        train_error=84.0,
        status="failed",
        reached=0.5,
        config=SHAPES,
    )
    (written,) = report.write([where / "runs"], where / "reports")
    return written


@pytest.fixture
def visit(browser: Browser, folder: Path) -> Iterator[Visit]:  # noqa: F811
    opened = Visit(browser, folder / "index.html")
    yield opened
    assert opened.complaints == []
    opened.close()


class Structure(HTMLParser):
    """The elements of a page: which are open, all ids, and every address that is named."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, self.getpos()

    def named(self, *attributes: str) -> list[str]:
        return [value for _, one in self.found for key, value in one.items() if key in attributes and value]


def test_the_page_is_small_whole_and_names_nothing_outside_itself(folder: Path) -> None:
    content = (folder / "index.html").read_bytes()
    assert len(content) < LARGEST
    text = content.decode()
    page = Structure(text)
    assert page.open == []
    assert all(one.startswith(("#", "data:")) for one in page.named("src", "href"))
    assert not {tag for tag, _ in page.found} & {"link", "iframe", "object", "embed", "base"}
    assert (
        "default-src 'none'" in text and "url(" not in (ROOT / "degradation/reports/web/page.css").read_text()
    )
    ids = page.named("id")
    assert len(ids) == len(set(ids))
    pointed = {one for name in page.named("aria-labelledby", "aria-describedby") for one in name.split()}
    assert pointed | {one[1:] for one in page.named("href")} <= set(ids)
    assert [tag for tag, _ in page.found].count("h1") == 1
    for heading in (
        "Verdict",
        "Error against step",
        "Deviations",
        "Machine, versions, hashes",
        "Run it again",
    ):
        assert heading in text


def test_the_page_says_what_the_readme_says(folder: Path) -> None:
    text, readme = ((folder / name).read_text() for name in ("index.html", "README.md"))
    for line in readme.splitlines():
        if line.startswith("- "):
            assert dressed(line[2:]).strip().removeprefix("<p>").removesuffix("</p>") in text
    tables = sum(line.startswith("| --- ") for line in readme.splitlines())
    assert text.count("<table>") == tables + 1, "and the table of the hashes"


def test_html_in_a_name_is_shown_and_not_obeyed() -> None:
    assert "<script" not in dressed(
        "| a |\n| --- |\n| <script>alert(1)</script> |\n\n<img src=x onerror=y> *b*"
    )
    assert "<details><summary>1 row</summary>" in dressed(
        "<details><summary>1 row</summary>\n\nx\n\n</details>"
    )


def test_of_very_many_points_some_are_drawn_and_the_ends_always(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (experiment,) = store.load([folder])
    runs, curves = experiment.runs, experiment.curves
    whole = _data(runs, curves)
    assert whole["every"] == 1
    total = curves[list(MEASURES)].notna().sum(axis=None)
    monkeypatch.setattr(interactive, "POINTS", total // 3)
    some = _data(runs, curves)
    assert some["every"] in (3, 4)
    for one, all_of_it in zip(some["runs"], whole["runs"], strict=True):
        for measure in MEASURES:
            few, many = (dict(_points(data, run, measure)) for data, run in ((some, one), (whole, all_of_it)))
            assert few.items() <= many.items() and len(few) <= len(many) // some["every"] + 2
            assert not many or {min(many), max(many)} <= set(few)


def _data(runs: pd.DataFrame, curves: pd.DataFrame) -> dict[str, Any]:
    drawn = lines.lines(runs, curves)
    return interactive.data(runs, curves, table.table(runs), drawn, sides.sides(runs), None)


def _points(data: dict[str, Any], run: dict[str, Any], measure: str) -> list[tuple[int, int]]:
    grid, values = run[measure]
    return list(zip(data["steps"][grid], values, strict=True))


@pytest.mark.parametrize("name", COMMITTED)
def test_the_page_of_each_report_is_sound(browser: Browser, name: str, tmp_path: Path) -> None:  # noqa: F811
    """No complaint, nothing fetched, nothing that an accessibility checker calls serious, light and dark."""
    (written,) = report.write([ROOT / "reports" / name], tmp_path)
    path = written / "index.html"
    assert path.stat().st_size < LARGEST
    visit = Visit(browser, path)
    assert visit.js("document.querySelectorAll('#curves-plot .scatterlayer .trace').length") > 1
    assert visit.js("document.querySelectorAll('#depth-plot .scatterlayer .trace').length") > 1
    for scheme in ("light", "dark"):
        visit.page.emulate_media(color_scheme=scheme)
        visit.drawn()
        assert serious(visit) == []
    assert visit.complaints == [] and visit.requests == [path.as_uri()]
    visit.js("document.documentElement.removeAttribute('lang')")
    assert serious(visit) == ["html-has-lang"], "the checker itself works"
    visit.close()


def serious(visit: Visit) -> list[str]:
    found = Axe().run(visit.page).response["violations"]
    return [one["id"] for one in found if one["impact"] in ("serious", "critical")]


def test_pointing_at_a_curve_names_its_run_step_and_error(visit: Visit, folder: Path) -> None:
    curves = pd.read_csv(folder / "curves.csv")
    visit.page.select_option("#measure", "test_error")
    visit.drawn()
    visit.js("document.getElementById('curves-plot').scrollIntoView({ block: 'center' })")
    row = curves[curves["run"] == "plain-56-seed0"].iloc[-1]
    point_at(visit, row["step"], row["test_error"])
    assert tip(visit) == ["plain-56-seed0", "step 1,240", f"{row['test_error']:.2f}% test error"]
    ends = curves[curves["run"].str.match("plain-56-seed[012]") & (curves["step"] == 1240)]["test_error"]
    point_at(visit, 1240, ends.mean())
    assert tip(visit) == ["mean of 3 runs of plain-56", "step 1,240", f"{ends.mean():.2f}% test error"]
    row = curves[curves["run"] == "plain-56-seed3"].iloc[-1]
    point_at(visit, row["step"], row["test_error"])
    assert tip(visit)[0] == "plain-56-seed3 (failed)"
    visit.page.mouse.move(5, 5)
    assert visit.page.locator("#tip").is_hidden()


def tip(visit: Visit) -> list[str]:
    found: list[str] = visit.page.locator("#tip div").all_inner_texts()
    return found


def point_at(visit: Visit, step: float, error: float) -> None:
    x, y = visit.js(
        """([step, error]) => {
          const plot = document.getElementById("curves-plot"), frame = plot.getBoundingClientRect();
          const { xaxis, yaxis } = plot._fullLayout;
          return [frame.left + xaxis._offset + xaxis.d2p(step), frame.top + yaxis._offset + yaxis.d2p(error)];
        }""",
        [float(step), float(error)],
    )
    visit.page.mouse.move(x - 30, y - 30)  # a point at the panel's edge is met from inside
    visit.page.wait_for_timeout(100)  # plotly looks at the pointer every 50 ms
    visit.page.mouse.move(x - 1, y)
    visit.page.wait_for_timeout(100)
    visit.page.locator("#tip").wait_for(state="visible", timeout=5000)


SEEN = """() => document.getElementById("curves-plot").data
  .filter((one) => one.opacity > 0).map((one) => [one.meta.ones[0].s, one.meta.ones[0].d])"""
TITLES = """() => document.getElementById("curves-plot").layout.annotations.map((one) => one.text)"""


def seen(visit: Visit) -> set[tuple[int, int]]:
    visit.drawn()
    return {(s, d) for s, d in visit.js(SEEN)}


def test_depths_and_families_are_shown_and_hidden(visit: Visit) -> None:
    assert seen(visit) == {(0, 20), (0, 56), (1, 20), (1, 56)}
    visit.page.get_by_label("56 layers").uncheck()
    assert seen(visit) == {(0, 20), (1, 20)}
    assert visit.js(TITLES) == ["<b>plain</b>", "<b>residual</b>"]
    visit.page.get_by_label("plain", exact=True).uncheck()
    assert seen(visit) == {(1, 20)} and visit.js(TITLES) == ["<b>residual</b>"]
    visit.page.get_by_label("residual", exact=True).uncheck()
    assert seen(visit) == set() and "hidden" in visit.js(TITLES)[0]
    for name in ("plain", "residual", "56 layers"):
        visit.page.get_by_label(name, exact=True).check()
    assert seen(visit) == {(0, 20), (0, 56), (1, 20), (1, 56)}


def test_every_view_draws(visit: Visit) -> None:
    """All errors, side by side and on the same axes, linear and logarithmic, runs and means."""
    for measure, panels, which in itertools.product(
        ("paper", *MEASURES), ("side", "same"), ("runs", "means")
    ):
        visit.page.select_option("#measure", measure)
        visit.page.select_option("#panels", panels)
        visit.page.select_option("#lines", which)
        visit.drawn()
        drawn = visit.js("document.getElementById('curves-plot').data.map((one) => one.xaxis)")
        assert set(drawn) == ({"x", "x2"} if panels == "side" else {"x"})
    visit.page.check("#log")
    visit.page.check("#depth-log")
    for measure in MEASURES:
        visit.page.select_option("#depth-measure", measure)
    visit.drawn()
    kinds = "['curves-plot', 'depth-plot'].map((id) => document.getElementById(id)._fullLayout.yaxis.type)"
    assert visit.js(kinds) == ["log", "log"]


def test_a_zoom_stays_when_a_depth_is_hidden_and_goes_with_the_button(visit: Visit) -> None:
    zoomed = "document.getElementById('curves-plot')._fullLayout.xaxis.range.map(Math.round)"
    whole = visit.js(zoomed)
    visit.js("Plotly.relayout('curves-plot', { 'xaxis.range': [100, 200] })")
    visit.page.get_by_label("56 layers").uncheck()
    visit.drawn()
    assert visit.js(zoomed) == [100, 200]
    visit.page.get_by_role("button", name="reset zoom").click()
    visit.drawn()
    assert visit.js(zoomed) == whole


def test_the_table_is_sorted_by_mouse_and_by_keyboard(visit: Visit, folder: Path) -> None:
    errors = pd.read_csv(folder / "table.csv")["train_error_mean"]
    shown = visit.page.locator("#errors table").first
    heading = shown.get_by_role("columnheader", name="training error (clean)")
    assert heading.get_attribute("aria-sort") is None
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    column = [f"{mean:.2f}" for mean in sorted(errors)]
    place = shown.locator("th").all_inner_texts().index(heading.inner_text()) + 1
    cells = f"tbody tr td:nth-child({place})"
    assert [cell.split()[0] for cell in shown.locator(cells).all_inner_texts()] == column
    heading.get_by_role("button").press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    assert [cell.split()[0] for cell in shown.locator(cells).all_inner_texts()] == column[::-1]


def test_all_controls_are_reached_and_used_by_keyboard(visit: Visit) -> None:
    reached = []
    for _ in range(60):
        visit.page.keyboard.press("Tab")
        name = (
            "document.activeElement.id || document.activeElement.value || document.activeElement.textContent"
        )
        reached.append(visit.js(name))
        if reached[-1] == "56":
            visit.page.keyboard.press("Space")
    assert {"0", "1", "20", "56", "measure", "panels", "lines", "log", "reset", "depth-measure"} <= set(
        reached
    )
    assert seen(visit) == {(0, 20), (1, 20)}


def test_on_a_phone_panels_stand_one_below_the_other(browser: Browser, folder: Path) -> None:  # noqa: F811
    visit = Visit(browser, folder / "index.html", viewport={"width": 390, "height": 800}, has_touch=True)
    assert visit.js("document.documentElement.scrollWidth") <= 390
    assert visit.js(
        "['xaxis', 'xaxis2'].map((one) => document.getElementById('curves-plot').layout[one].domain)"
    ) == [
        [0, 1],
        [0, 1],
    ]
    visit.close()


def test_print_is_light_and_fits_the_paper(browser: Browser, folder: Path, tmp_path: Path) -> None:  # noqa: F811
    visit = Visit(browser, folder / "index.html", color_scheme="dark")
    dark = visit.js("document.getElementById('curves-plot').layout.paper_bgcolor")
    visit.js("dispatchEvent(new Event('beforeprint'))")
    visit.page.emulate_media(media="print")
    visit.drawn()
    layout = visit.js("document.getElementById('curves-plot').layout")
    assert (layout["paper_bgcolor"], layout["width"]) == ("#ffffff", 680) and dark != "#ffffff"
    assert not visit.page.locator(".controls").first.is_visible()
    visit.js("dispatchEvent(new Event('afterprint'))")
    visit.drawn()
    assert visit.js("document.getElementById('curves-plot').layout.paper_bgcolor") == dark
    visit.page.pdf(path=str(tmp_path / "page.pdf"), format="A4")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF") and visit.complaints == []
    visit.close()


def test_without_scripts_there_are_pictures(browser: Browser, folder: Path) -> None:  # noqa: F811
    """As in the viewer of a mail program."""
    visit = Visit(browser, folder / "index.html", java_script_enabled=False)
    assert visit.page.locator("noscript img").count() == 2
    assert all(one.is_visible() for one in visit.page.locator("noscript img").all())
    assert not visit.page.locator(".controls").first.is_visible()
    visit.close()


def test_all_reports_are_listed_with_picture_and_verdict(
    browser: Browser,  # noqa: F811
    folder: Path,
    tmp_path: Path,
) -> None:
    out = shutil.copytree(folder.parent, tmp_path / "reports")
    shutil.copytree(folder, out / "older")
    (out / "older" / "index.html").unlink()  # as in a fresh clone
    (out / "notes").mkdir()
    (out / "notes" / "README.md").write_text("# Not a report\n")
    for name in ("compare", "reliability", "why_shapes_why"):
        shutil.copytree(ROOT / "reports" / name, out / name)
    index.write(out)
    text = (out / "index.html").read_text()
    page = Structure(text)
    assert page.open == [] and "notes" not in text
    links = [one for one in page.named("href", "src") if not one.startswith("data:")]
    assert {"shapes/index.html", "shapes/depth.png", "older/README.md"} <= set(links)
    assert {"compare/index.html", "reliability/counts.json", "why_shapes_why/index.html"} <= set(links)
    assert all((out / link).is_file() for link in links)
    assert text.count("From 20 to 56 layers the training error") == 2
    opened = browser.new_page()
    for path in (out / "index.html", out / "compare/index.html"):
        opened.goto(path.as_uri())
        found = Axe().run(opened).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    opened.close()
    (out / "index.html").write_text("<p>My own page.</p>")
    index.write(out)
    assert (out / "index.html").read_text() == "<p>My own page.</p>"


@pytest.mark.alone
def test_a_toggle_of_200_runs_is_quick(
    browser: Browser,  # noqa: F811
    tmp_path: Path,
    record_property: Any,
) -> None:
    """The time that the page's thread works, so that a busy machine doesn't count; the clock's beside it."""
    config = {"train.steps": 66_000, "train.evaluate_every": 400}
    errors = {(family, depth): 8.0 for family in ("plain", "residual") for depth in (20, 32, 44, 56)}
    fake_experiment(tmp_path / "runs" / "many", errors, seeds=range(25), config=config)
    (written,) = report.write([tmp_path / "runs"], tmp_path / "reports")
    assert len(pd.read_csv(written / "curves.csv")) == 200 * 165
    assert (written / "index.html").stat().st_size < LARGEST
    visit = Visit(browser, written / "index.html")
    assert visit.js("data.every") == 1
    session = visit.page.context.new_cdp_session(visit.page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    worked, clock = [], []
    for _ in range(2):
        for box in visit.page.locator("input[name=family], input[name=depth]").all():
            for _ in range(2):
                before = script_seconds(session)
                clock.append(box.evaluate(TOGGLE))
                worked.append(1000 * (script_seconds(session) - before))
    visit.close()
    toggle, waited = statistics.median(worked), statistics.median(clock)
    record_property("toggle_ms", round(toggle, 1))
    print(f"a toggle: {toggle:.0f} ms of work, {waited:.0f} ms by the clock")
    assert toggle < QUICK


TOGGLE = """async (box) => {
  const start = performance.now();
  box.click();
  await page.drawn;
  document.body.getBoundingClientRect();
  return performance.now() - start;
}"""


def script_seconds(session: Any) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "ScriptDuration"))
