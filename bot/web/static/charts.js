// Lets a person explore a chart: zoom, hover, hide a series. Plotly is large, so it is loaded when it is first used.
// The drawing and its table need no script.
const figures = document.querySelectorAll("figure[data-chart]");
const dark = matchMedia("(prefers-color-scheme: dark)");
// Plotly would add an inline style for its maps, which the Content-Security-Policy refuses. If there is an element with
// this id, Plotly does not add the style. We draw no maps. (A newer Plotly may have another id; the browser tests then
// report a violation of the policy.)
const MAPS = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";
const DAY = 24 * 60 * 60 * 1000;
const FORMATS = { percent: { tickformat: ".0%" }, log: { type: "log" }, date: { type: "date" }, number: {} };
const RANGES = [
  { count: 3, label: "3 months", step: "month", stepmode: "backward" },
  { count: 1, label: "a year", step: "year", stepmode: "backward" },
  { step: "all", label: "all" },
];
const SYMBOLS = { circle: "circle", diamond: "diamond", triangle: "triangle-up" };
const TEXTURES = { solid: "", stripes: "/", dots: "." };
let loading;

for (const figure of figures) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Explore";
  button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-label", `Explore: ${figure.querySelector("svg").getAttribute("aria-label")}`);
  button.addEventListener("click", () => toggle(figure, button));
  figure.prepend(button);
}

dark.addEventListener("change", () => {
  for (const figure of figures) if (figure.chart && !figure.drawn.hidden) draw(figure);
});

async function toggle(figure, button) {
  const still = figure.querySelector(".drawing");
  const explore = button.getAttribute("aria-pressed") !== "true";
  if (explore && !figure.drawn) {
    button.disabled = true;
    try {
      await begin(figure);
    } catch (problem) {
      button.textContent = "The chart could not be loaded";
      return;
    } finally {
      button.disabled = false;
    }
  }
  still.toggleAttribute("hidden", explore);
  figure.drawn.hidden = !explore;
  button.setAttribute("aria-pressed", String(explore));
  button.textContent = explore ? "Show the drawing" : "Explore";
  button.removeAttribute("aria-label");
  if (explore) await draw(figure);
  button.focus();
}

async function begin(figure) {
  const answer = await fetch(figure.dataset.chart);
  if (!answer.ok) throw new Error(`${answer.status}`);
  const { script, chart } = await answer.json();
  loading ??= load(script);
  await loading;
  figure.chart = chart;
  figure.drawn = document.createElement("div");
  figure.drawn.className = "drawn";
  figure.append(figure.drawn);
}

function load(address) {
  return new Promise((done, failed) => {
    const maps = document.createElement("meta");
    maps.id = MAPS;
    const script = document.createElement("script");
    script.src = address;
    script.onload = done;
    script.onerror = () => { loading = undefined; failed(new Error(address)); };
    document.head.append(maps, script);
  });
}

async function draw(figure) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const { chart } = figure;
  const axis = (definition) => ({
    ...FORMATS[definition.kind], title: { text: text(definition.title + (definition.kind === "log" ? " (logarithmic scale)" : "")) }, gridcolor: colour("line"), zerolinecolor: colour("line"),
    automargin: true,
  });
  const ranges = chart.x.kind !== "date" ? {} : {
    rangeselector: { buttons: RANGES, bgcolor: colour("soft"), activecolor: colour("line"), bordercolor: colour("field"), borderwidth: 1 },
  };
  const layout = {
    paper_bgcolor: colour("paper"), plot_bgcolor: colour("paper"), font: { color: colour("ink"), size: 12 },
    margin: { t: 48, r: 16, b: 48, l: 56 }, height: 420, barmode: chart.stacked ? "stack" : "group",
    legend: { orientation: "h", y: -0.25 }, hovermode: "closest",
    hoverlabel: { bgcolor: colour("soft"), font: { color: colour("ink") } },
    xaxis: { ...axis(chart.x), ...(chart.x.range.length ? { range: chart.x.range } : {}), ...ranges }, yaxis: { ...axis(chart.y), rangemode: "tozero" },
  };
  // Nothing may be sent to Plotly's servers: there is no button for it, and no address.
  const config = {
    responsive: true, displaylogo: false, displayModeBar: true, plotlyServerURL: "",
    modeBarButtonsToRemove: ["sendChartToCloud", "select2d", "lasso2d"],
    toImageButtonOptions: { format: "png", scale: 2, filename: "gitinsight" },
  };
  const traces = chart.series.map((series) => trace(series, colour(series.colour), colour("paper")));
  await globalThis.Plotly.react(figure.drawn, traces, layout, config);
}

function trace(series, colour, paper) {
  const hover = series.text.length
    ? { hovertext: series.text.map(text), hovertemplate: "%{hovertext}<extra></extra>" }
    : { hoverinfo: "skip" };
  const common = { name: text(series.name), x: series.x, y: series.y, ...hover };
  if (series.shape === "bars") return { ...common, type: "bar", ...width(series.x), marker: { color: colour, pattern: { shape: TEXTURES[series.texture], bgcolor: colour, fgcolor: paper } } };
  if (series.shape === "line") return { ...common, type: "scatter", mode: "lines+markers", line: { color: colour } };
  const marker = { symbol: SYMBOLS[series.symbol], color: colour, opacity: 0.55, size: series.sizes, line: { color: colour, width: 1 } };
  return { ...common, type: "scatter", mode: "markers", marker };
}

// The bars of days are as wide as a day, also where days without bars lie between them.
function width(days) {
  const [first, second] = days.map((day) => Date.parse(day));
  return second - first > 20 * DAY ? {} : { width: 0.8 * DAY };
}

// Plotly interprets tags in its texts. Text from a repository must not become tags.
function text(words) {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
