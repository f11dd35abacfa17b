// The controls change the state, and the figures follow. Every control is a real one: it works from the keyboard.
const box = (kind, value) => document.querySelector(`input[name=${kind}][value="${value}"]`);
const page = { drawn: Promise.resolve() };

function fit() {
  const frame = document.getElementById("curves-plot");
  state.width = state.printed ? PRINTED : Math.max(280, Math.floor(frame.getBoundingClientRect().width));
}

function swatches() {
  const one = data.depths.length <= FEW;
  for (const depth of data.depths) {
    const series = data.shades.find((shade) => depth in shade.light);
    if (one && series && state.panels === "side") box("depth", depth).nextElementSibling.style.background = series[theme()][depth];
    else box("depth", depth).nextElementSibling.removeAttribute("style");
  }
  data.series.forEach((series, place) => {
    const swatch = box("family", place).nextElementSibling;
    if (state.panels === "same") swatch.style.background = series[theme()];
    else swatch.removeAttribute("style");
  });
}

function draw(both = true) {
  swatches();
  page.drawn = Promise.all([showCurves(), ...(both ? [drawDepth()] : [])]);
}

for (const kind of ["family", "depth"]) {
  for (const input of document.querySelectorAll(`input[name=${kind}]`)) {
    input.addEventListener("change", () => {
      state[kind][input.checked ? "add" : "delete"](Number(input.value));
      draw();
    });
  }
}
for (const button of document.querySelectorAll("button[data-all]")) {
  button.addEventListener("click", () => {
    const kind = button.dataset.all, all = Boolean(button.dataset.checked);
    for (const input of document.querySelectorAll(`input[name=${kind}]`)) {
      input.checked = all;
      state[kind][all ? "add" : "delete"](Number(input.value));
    }
    draw();
  });
}
for (const id of ["measure", "panels", "lines", "log", "depth-measure", "depth-log"]) {
  const input = document.getElementById(id);
  input.addEventListener("change", () => {
    state[id] = input.type === "checkbox" ? input.checked : input.value;
    if (id.startsWith("depth")) page.drawn = drawDepth();
    else draw(false);
  });
}
document.getElementById("reset").addEventListener("click", () => {
  Plotly.purge("curves-plot");
  page.drawn = drawCurves();
  follow(document.getElementById("curves-plot"));
});
document.getElementById("lines-label").hidden = !data.means.length;

// A reload keeps what was chosen in some browsers: the figures begin as the controls stand.
for (const id of ["measure", "panels", "lines"]) state[id] = document.getElementById(id).value;
for (const id of ["log", "depth-log"]) state[id] = document.getElementById(id).checked;
state["depth-measure"] = document.getElementById("depth-measure").value;
for (const kind of ["family", "depth"]) {
  for (const input of document.querySelectorAll(`input[name=${kind}]:not(:checked)`)) state[kind].delete(Number(input.value));
}

// The label at the pointer; plotly's own would cost each point a text of its own.
const tip = document.getElementById("tip");
function follow(plot) {
  plot.on("plotly_hover", (event) => {
    tip.replaceChildren(...pointed(event).map((text) => Object.assign(document.createElement("div"), { textContent: text })));
    tip.hidden = false;
    const { clientX: x, clientY: y } = event.event;
    const wide = tip.offsetWidth + 16;
    tip.style.left = `${Math.max(4, x + wide > innerWidth ? x - wide : x + 16)}px`;
    tip.style.top = `${y + 16}px`;
  });
  plot.on("plotly_unhover", () => { tip.hidden = true; });
}

function again() {
  fit();
  draw();
}
let waiting;
addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const before = state.width;
    fit();
    if (state.width !== before) draw();
  }, 100);
});
darkness.addEventListener("change", () => draw());
addEventListener("beforeprint", () => { state.printed = true; again(); });
addEventListener("afterprint", () => { state.printed = false; again(); });
again();
follow(document.getElementById("curves-plot"));
