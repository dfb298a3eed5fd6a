// Charts of one kit's health, and of costs. The numbers come from the API; a change in the fleet fetches them again.
(() => {
  const INK = "#0b1b28", SOFT = "#32465a", LINE = "#dde5ea";
  const BLUE = "#0a4a6b", GREEN = "#0a5230", RED = "#8c1010", AMBER = "#8a5a00";

  const percent = (values) => values.map((value) => (value === null ? null : value * 100));
  const CHARTS = {
    battery: { lines: [["Batteri", "battery", BLUE]], range: [0, 100] },
    temperature: { lines: [["Temperatur", "temperature_c", AMBER]] },
    load: { lines: [["Belastning", "load", BLUE]], low: 0 },
    fps: { lines: [["Skickar", "fps_sent", BLUE], ["Tar emot", "fps_received", GREEN]], low: 0 },
    round_trip: { lines: [["Fördröjning", "round_trip_ms", AMBER], ["Buffert", "jitter_buffer_ms", BLUE]], low: 0 },
    capacity: { lines: [["Nätet bär", "available_kbps", AMBER], ["Skickar", "sent_kbps", BLUE], ["Tar emot", "received_kbps", GREEN]], low: 0 },
    concealed: { lines: [["Utfyllt", "concealed_share", RED]], low: 0, change: percent },
  };

  const swedish = (value) => (value === null || value === undefined ? "–" : value.toLocaleString("sv-SE", { maximumFractionDigits: 1 }));
  const axis = { stroke: SOFT, grid: { stroke: LINE, width: 1 }, ticks: { stroke: LINE }, font: "13px Inter, sans-serif" };
  const clock = (seconds, long) => new Date(seconds * 1000).toLocaleString("sv-SE", long
    ? { day: "numeric", month: "short", timeZone: "Europe/Stockholm" }
    : { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Stockholm" });

  function draw(figure, options, data) {
    const plot = figure.querySelector(".plot");
    if (figure.chart) figure.chart.destroy();
    // Without a pointer over it the legend shows the latest value.
    const latest = data[0].findLastIndex((_at, index) => data.slice(1).some((values) => values[index] !== null));
    const rest = (chart) => { if (chart.cursor.idx === null || chart.cursor.idx === undefined) chart.setLegend({ idx: latest }); };
    const height = figure.classList.contains("tall") ? 300 : 190;
    figure.chart = new uPlot({ width: plot.clientWidth, height, hooks: { setCursor: [rest], ready: [rest] }, ...options }, data, plot);
  }

  function healthOptions(chart, from, to) {
    const long = to - from > 3 * 86400;
    const floor = (_plot, low, high) => [chart.low ?? low, Math.max(high, (chart.low ?? low) + 1)];
    return {
      scales: { x: { min: from, max: to }, y: chart.range ? { range: chart.range } : chart.low === undefined ? {} : { range: floor } },
      axes: [{ ...axis, values: (_plot, ticks) => ticks.map((tick) => clock(tick, long)) }, { ...axis, size: 52, values: (_plot, ticks) => ticks.map(swedish) }],
      series: [
        { label: "Tid", value: (_plot, at) => (at ? `${long ? clock(at, true) + " " : ""}${clock(at, false)}` : "–") },
        ...chart.lines.map(([label, , stroke]) => ({ label, stroke, width: 2, spanGaps: false, points: { size: 4 }, value: (_plot, value) => swedish(value) })),
      ],
    };
  }

  async function health(section) {
    const hours = Number(section.dataset.hours || 1);
    const answer = await fetch(`/api/v1/kits/${section.dataset.kit}/health?hours=${hours}&points=300`);
    if (!answer.ok) return;
    const columns = await answer.json();
    const to = Date.now() / 1000, from = to - hours * 3600;
    for (const figure of section.querySelectorAll("[data-chart]")) {
      const chart = CHARTS[figure.dataset.chart];
      const change = chart.change || ((values) => values);
      const data = [columns.at.map((at) => at / 1000), ...chart.lines.map(([, name]) => change(columns[name]))];
      const empty = data.slice(1).every((values) => values.every((value) => value === null));
      figure.querySelector(".none").hidden = !empty;
      figure.querySelector(".plot").hidden = empty;
      if (!empty) draw(figure, healthOptions(chart, from, to), data);
    }
  }

  async function costs(figure) {
    const answer = await fetch(figure.dataset.costs);
    if (!answer.ok) return;
    const years = await answer.json();
    const thousands = (name) => [0, ...years.map((year) => year[name] / 1000)];
    const line = (label, stroke, dash) => ({ label, stroke, dash, width: 3, value: (_plot, value) => (value === null ? "–" : `${swedish(Math.round(value))} tkr`) });
    draw(figure, {
      scales: { x: { time: false } },
      axes: [{ ...axis, incrs: [1, 2, 5], values: (_plot, ticks) => ticks.map((tick) => `år ${tick}`) }, { ...axis, size: 64, values: (_plot, ticks) => ticks.map(swedish) }],
      series: [{ label: "Efter", value: (_plot, year) => (year === null ? "–" : `år ${year}`) }, line("Hyra", BLUE), line("Egen utrustning", AMBER, [8, 5])],
    }, [[0, ...years.map((year) => year.year)], thousands("rental_total"), thousands("owned_total")]);
  }

  function everything() {
    document.querySelectorAll("#charts").forEach(health);
    document.querySelectorAll("[data-costs]").forEach(costs);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("#charts [data-hours]");
    if (!button) return;
    const section = button.closest("#charts");
    section.dataset.hours = button.dataset.hours;
    for (const other of section.querySelectorAll("[data-hours]")) if (other.tagName === "BUTTON") other.setAttribute("aria-pressed", String(other === button));
    health(section);
  });

  let waiting;
  document.addEventListener("changed", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => document.querySelectorAll("#charts").forEach(health), 300);
  });
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(everything, 200); });
  everything();
})();
