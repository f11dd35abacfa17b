"use strict";
// The two figures, drawn by plotly from the page's data and the state of its controls.
const data = JSON.parse(document.getElementById("data").textContent);
const SAID = { train_error: "training error (clean)", train_error_running: "training error (running)", test_error: "test error" };
const DASHES = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];
const FLOOR = 0.01; // percent: where a logarithmic axis draws zero
const NARROW = 640; // pixels, below which panels stand one below the other
const PRINTED = 680, PAGE = 820; // pixels across and down a page of paper
const FEW = 6; // depths that one scale of colours can tell apart
const CONFIG = { responsive: false, displaylogo: false, displayModeBar: true, modeBarButtonsToRemove: ["sendChartToCloud", "select2d", "lasso2d", "toImage"] };

const state = {
  family: new Set(data.series.keys()), depth: new Set(data.depths),
  measure: "paper", panels: "side", lines: "runs", log: false,
  "depth-measure": "train_error", "depth-log": false, width: 0, printed: false,
};
const darkness = matchMedia("(prefers-color-scheme: dark)");
const theme = () => (darkness.matches && !state.printed ? "dark" : "light");
const shown = (one) => state.family.has(one.s) && state.depth.has(one.d);
const place = (error, log) => (log ? Math.max(error, FLOOR) : error);

function colours() {
  const dark = theme() === "dark";
  return { ink: dark ? "#e4e8ec" : "#1f2328", rule: dark ? "#3a424b" : "#e1e5ea", paper: data.background[theme()] };
}

// What is drawn with which dashes: the paper draws test errors solid and training errors dashed.
function measures() {
  return state.measure === "paper" ? [["train_error_running", "dash"], ["test_error", "solid"]] : [[state.measure, "solid"]];
}

function look(network) {
  if (state.panels === "side") return { color: data.shades[network.s][theme()][network.d] };
  const rank = data.depths.indexOf(network.d);
  return { color: data.series[network.s][theme()], dash: DASHES[(data.depths.length - 1 - rank) % DASHES.length] };
}

const name = (one) => data.series[one.s].name.replace(/^\S+/, (family) => `${family}-${one.d}`);

// The curves of one kind of one network as one line with gaps: a figure of few lines stays quick. They are made
// once; `starts` tells which run a point belongs to.
const made = new Map();
function joined(ones, measure, key) {
  if (made.has(key)) return made.get(key);
  const x = [], y = [], starts = [];
  for (const one of ones) {
    starts.push(x.length);
    if (!one[measure]) continue;
    const [grid, values] = one[measure];
    const steps = data.steps[grid];
    for (let i = 0; i < values.length; i++) {
      x.push(steps[i]);
      y.push(place(values[i] / 100, state.log));
    }
    x.push(null);
    y.push(null);
  }
  made.set(key, { x, y, starts });
  return made.get(key);
}

function line(ones, measure, dash, axes, width, opacity, kind) {
  const { color, dash: own } = look(ones[0]);
  const single = ones.every((one) => !one[measure] || one[measure][1].length < 2);
  const { x, y, starts } = joined(ones, measure, [kind, ones[0].s, ones[0].d, measure, state.log].join());
  return {
    x, y, type: "scatter", mode: single ? "markers" : "lines", ...axes, meta: { ones, measure, starts, opacity }, ...seen(ones[0], opacity),
    line: { color, width, dash: own && state.measure !== "paper" ? own : dash }, marker: { color, size: 7 },
  };
}

// A line that is hidden stays in the figure, so that showing it again is quick.
const seen = (one, opacity) => (shown(one) ? { opacity, hoverinfo: "none" } : { opacity: 0, hoverinfo: "skip" });

function range(mean, measure, axes) {
  const [grid, , low, high] = mean[measure], steps = data.steps[grid];
  const band = [...high, ...low.slice().reverse()].map((error) => place(error / 100, state.log));
  return {
    x: [...steps, ...steps.slice().reverse()], y: band, type: "scatter", mode: "lines", fill: "toself", hoverinfo: "skip",
    fillcolor: look(mean).color, opacity: shown(mean) ? 0.18 : 0, line: { width: 0 }, meta: { ones: [mean], opacity: 0.18, band: true }, ...axes,
  };
}

function networks(ones) {
  const found = new Map();
  for (const one of ones) {
    const key = `${one.s} ${one.d}`;
    found.has(key) ? found.get(key).push(one) : found.set(key, [one]);
  }
  return found;
}

function linesOf(panel, axes) {
  const inside = (one) => panel.includes(one.s);
  const runs = data.runs.filter(inside), means = networks(data.means.filter(inside));
  const traces = [];
  for (const [measure, dash] of measures()) {
    for (const [key, ones] of networks(runs.filter((run) => !run.status))) {
      const several = means.has(key), thin = several ? 1 : 2.6 - (1.4 * data.depths.indexOf(ones[0].d)) / data.depths.length;
      if (several && state.lines === "means") continue;
      traces.push(line(ones, measure, dash, axes, thin, several ? (ones.length > 5 ? 0.3 : 0.5) : 1, "runs"));
    }
    for (const ones of networks(runs.filter((run) => run.status)).values()) {
      traces.push(line(ones, measure, dash, axes, 0.8, 0.9, "unfinished"));
    }
    for (const [mean] of means.values()) {
      if (state.lines === "means") traces.push(range(mean, measure, axes));
      traces.push(line([mean], measure, dash, axes, 2.6, 1, "mean"));
    }
  }
  return traces;
}

function panelsShown() {
  const seen = data.rows.map((row) => row.filter((series) => state.family.has(series))).filter((row) => row.length);
  if (state.panels === "same") return [[data.rows.flat()]];
  const rows = seen.map((row) => row.map((series) => [series]));
  return state.width < NARROW ? rows.flat().map((panel) => [panel]) : rows;
}

function axis(more) {
  const { ink, rule } = colours();
  return { color: ink, gridcolor: rule, linecolor: rule, zeroline: false, automargin: true, ...more };
}

function errorAxis(log, top, traces) {
  let least = 1;
  if (log) for (const { y } of traces) for (const error of y) if (error && error < least) least = error;
  return log
    ? { type: "log", range: [Math.floor(Math.log10(least)) - 0.1, 2.05], tickvals: [0.01, 0.1, 1, 10, 100], ticktext: ["0.01", "0.1", "1", "10", "100"] }
    : { type: "linear", range: [-0.02 * top, top] };
}

function layoutOf(height, more) {
  const { ink, paper } = colours();
  return {
    width: state.width, height, paper_bgcolor: paper, plot_bgcolor: paper, showlegend: false, hovermode: "closest",
    font: { family: "system-ui, Segoe UI, Roboto, Helvetica, Arial, sans-serif", size: 13, color: ink },
    margin: { l: 48, r: 12, t: 44, b: 44 }, dragmode: state.width < NARROW ? false : "zoom", ...more,
  };
}

// What takes a new drawing when it changes; all else is a matter of what is seen.
const arranged = () => JSON.stringify([panelsShown(), state.measure, state.lines, state.log, state.width, theme()]);
let arrangement = "";

function showCurves() {
  if (arranged() !== arrangement) return drawCurves();
  const traces = document.getElementById("curves-plot").data;
  const looks = traces.map(({ meta }) => seen(meta.ones[0], meta.opacity));
  const hover = looks.map((one, place) => (traces[place].meta.band ? "skip" : one.hoverinfo));
  sayKey();
  return Plotly.restyle("curves-plot", { opacity: looks.map((one) => one.opacity), hoverinfo: hover });
}

function drawCurves() {
  const rows = panelsShown(), columns = Math.max(1, ...rows.map((row) => row.length));
  const many = rows.length > 3, tight = many && state.printed; // then all fits on one page of paper
  const each = tight ? PAGE / rows.length : many ? 230 : columns === 1 && state.width < NARROW ? 300 : 400;
  const height = Math.max(1, rows.length) * each + 60, gap = (tight ? 26 : 62) / height, wide = 0.06;
  const layout = layoutOf(height, { annotations: [], uirevision: `${state.panels} ${state.log} ${rows.length} ${columns}` });
  const traces = [];
  let count = 0;
  rows.forEach((row, r) => row.forEach((panel, c) => {
    const n = ++count === 1 ? "" : String(count), first = count === 1;
    const left = c * (1 + wide) / columns, right = left + (1 - wide * (columns - 1)) / columns;
    const share = (1 - gap * (rows.length - 1)) / rows.length, high = 1 - r * (share + gap);
    layout[`xaxis${n}`] = axis({
      domain: [left, Math.min(1, right)], anchor: `y${n}`, title: r === rows.length - 1 ? { text: "step (updates of the weights)" } : undefined,
      showticklabels: !tight || c >= (rows[r + 1] ?? []).length, tickformat: ",d", nticks: state.width < 1000 ? 5 : 8, rangemode: "tozero", ...(first ? {} : { matches: "x" }),
    });
    layout[`yaxis${n}`] = axis({
      domain: [Math.max(0, high - share), high], anchor: `x${n}`, title: c === 0 ? { text: tight ? "%" : "error (%)" } : undefined,
      ...(first ? {} : { matches: "y" }),
    });
    const title = state.panels === "same" ? "" : data.series[panel[0]].name;
    layout.annotations.push({ text: `<b>${title}</b>`, x: left, y: high, xref: "paper", yref: "paper", xanchor: "left", yanchor: "bottom", showarrow: false });
    traces.push(...linesOf(panel, { xaxis: `x${n}`, yaxis: `y${n}` }));
  }));
  if (!traces.some((trace) => trace.y.length)) layout.annotations = [nothing()];
  const errors = errorAxis(state.log, data.top, traces);
  for (const key of Object.keys(layout)) if (key.startsWith("yaxis")) Object.assign(layout[key], errors);
  sayKey();
  arrangement = arranged();
  return Plotly.react("curves-plot", traces, layout, CONFIG);
}

function nothing() {
  return { text: "nothing of this was measured, or all is hidden", x: 0.5, y: 0.5, xref: "paper", yref: "paper", showarrow: false };
}

// What a point of the curves is: its run, its step, its error.
function pointed({ points: [point] }) {
  const { ones, measure, starts } = point.data.meta;
  let which = starts.length - 1;
  while (starts[which] > point.pointNumber) which--;
  const one = ones[which], error = one[measure][1][point.pointNumber - starts[which]] / 100;
  const run = one.runs ? `mean of ${one.runs} runs of ${name(one)}` : one.status ? `${one.name} (${one.status})` : one.name;
  return [run, `step ${point.x.toLocaleString("en")}`, `${error.toFixed(2)}% ${SAID[measure]}`];
}

// The key in words and strokes, under the figure.
function stroke(dash, color) {
  const dots = { solid: "", dash: "6 4", dot: "2 3", dashdot: "6 3 2 3", longdash: "10 4", longdashdot: "10 3 2 3" }[dash];
  return `<svg width="30" height="8" aria-hidden="true"><line x1="0" x2="30" y1="4" y2="4" stroke="${color}" stroke-width="2.5" stroke-dasharray="${dots}"/></svg>`;
}

function sayKey() {
  const { ink } = colours(), parts = [];
  const said = (dash, color, text) => parts.push(`<span class="key">${stroke(dash, color)}${text}</span>`);
  if (state.measure === "paper") {
    said("solid", ink, "test error"); said("dash", ink, "training error (running)");
  } else if (state.panels === "same") {
    data.depths.filter((d) => state.depth.has(d)).forEach((d) => said(look({ s: 0, d }).dash, ink, `${d} layers`));
  }
  if (state.panels === "side" && data.depths.length > FEW) parts.push(`The deeper, the ${theme() === "dark" ? "lighter" : "darker"}. `);
  if (data.means.length) parts.push("Thick: the mean over seeds. ");
  if (state.log) parts.push("Zero is drawn at 0.01%. ");
  else if (data.cut) parts.push(`Cut off above ${data.top}%. `);
  document.getElementById("key").innerHTML = parts.join("");
}

// The values that get a label: both ends, and of those between what leaves room.
function roomy(values, log) {
  const at = (value) => (log ? Math.log(value) : value), last = values.length - 1;
  const least = (36 / (state.width - 120)) * (at(values[last]) - at(values[0]));
  const chosen = values.slice(0, 1);
  for (const value of values.slice(1, -1)) {
    if (at(value) - at(chosen[chosen.length - 1]) >= least && at(values[last]) - at(value) >= least) chosen.push(value);
  }
  return last > 0 ? [...chosen, values[last]] : chosen;
}

function drawDepth() {
  const measure = state["depth-measure"], log = state["depth-log"], { x, lines } = data.depth;
  const traces = [], seen = lines.map((one) => ({ ...one, points: one.points.filter(shown) })).filter((one) => one.points.length);
  const values = data.depth.values, span = values.length ? values[values.length - 1] - values[0] : 0;
  seen.forEach((one, n) => {
    const color = one[theme()], aside = n - (seen.length - 1) / 2;
    // Beside each other, so that what is equal does not hide each other.
    const at = (value) => (data.depth.log ? value * 1.02 ** aside : value + (span || 6) * 0.008 * aside);
    const points = one.points.filter((point) => point[measure][0] !== null);
    const y = points.map((point) => place(point[measure][0], log)), text = points.map((point) => spread(one, point, measure));
    const half = (end) => points.map((point) => (point[measure][1] === null ? 0 : Math.abs(point[measure][end] - point[measure][0])));
    traces.push({
      x: points.map((point) => at(point.x)), y, text, type: "scatter", mode: "lines+markers",
      line: { color, width: 2, dash: points.length < 3 ? "dot" : "solid" }, marker: { color, size: 9, symbol: one.symbol },
      error_y: { type: "data", array: half(2), arrayminus: half(1), color, thickness: 1.4, width: 5, visible: points.some((point) => point[measure][1] !== null) },
      hovertemplate: "%{text}<extra></extra>",
    });
    const ends = data.runs.filter((run) => run.end && run.end[measure] !== null).map((run) => [run, points.find((point) => point.s === run.s && point.d === run.d)]);
    const own = ends.filter(([run, point]) => point && data.means.length);
    traces.push({
      x: own.map(([, point]) => at(point.x)), y: own.map(([run]) => place(run.end[measure] / 100, log)), type: "scatter", mode: "markers",
      marker: { color, size: 5, symbol: one.symbol, opacity: 0.35 }, text: own.map(([run]) => run.name), customdata: own.map(([run]) => run.end[measure] / 100),
      hovertemplate: `<b>%{text}</b><br>%{customdata:.2f}% ${SAID[measure]}<extra></extra>`,
    });
    const papers = measure === "test_error" ? one.points.filter((point) => point.paper !== null) : [];
    traces.push({
      x: papers.map((point) => at(point.x)), y: papers.map((point) => place(point.paper, log)), type: "scatter", mode: "markers",
      marker: { color, size: 11, symbol: `${one.symbol}-open` }, text: papers.map((point) => `${name(point)}: ${point.paper}% in the paper`),
      hovertemplate: "%{text}<extra></extra>",
    });
  });
  const tops = seen.flatMap((one) => one.points.flatMap((point) => [point[measure][0], point[measure][2]])).filter((one) => one !== null);
  const highest = Math.min(105, 1.1 * Math.max(0.1, ...tops, ...traces.flatMap((trace) => trace.y)));
  const room = data.depth.log ? 0.06 : (span || 6) * 0.08, [least, most] = [values[0], values[values.length - 1]];
  const ticks = roomy(values, data.depth.log);
  const layout = layoutOf(state.width < NARROW ? 340 : 420, {
    xaxis: axis({
      title: { text: x }, type: data.depth.log ? "log" : "linear", tickvals: ticks, ticktext: ticks.map(String), showgrid: false,
      range: values.length ? (data.depth.log ? [Math.log10(least) - room, Math.log10(most) + room] : [least - room, most + room]) : [0, 1],
    }),
    yaxis: axis({ title: { text: `${SAID[measure]}, %` }, ...errorAxis(log, highest, traces) }),
    annotations: traces.some((trace) => trace.y.length) ? [] : [nothing()], uirevision: `${measure} ${log}`, margin: { l: 48, r: 12, t: 30, b: 44 },
  });
  const markers = seen.map((one) => `<span class="key"><span class="mark" style="color:${one[theme()]}">${MARKS[one.symbol]}</span>${escaped(one.name)}</span> `);
  const paper = measure === "test_error" && seen.some((one) => one.points.some((point) => point.paper !== null)) ? " Hollow: the paper." : "";
  const bars = data.means.length ? "Bar: 95% interval of the mean over seeds (Student's t, from three seeds on). Small: each run." : "One run each: no interval.";
  document.getElementById("depth-key").innerHTML = `${markers.join("")}<br>${bars}${paper}${log ? " Zero is drawn at 0.01%." : ""}`;
  return Plotly.react("depth-plot", traces, layout, CONFIG);
}

const MARKS = { circle: "●", square: "■", "triangle-up": "▲", diamond: "◆", "triangle-down": "▼", cross: "✚", x: "✖", pentagon: "⬟", star: "★" };
const escaped = (text) => text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);

function spread(one, point, measure) {
  const [mean, low, high] = point[measure].map((error) => (error === null ? null : error.toFixed(2)));
  const interval = low === null ? "" : `<br>95% interval ${low} to ${high}%`;
  return `<b>${name(point)}</b><br>${mean}% ${SAID[measure]}${interval}`;
}
