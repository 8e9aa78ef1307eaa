// Draws the table of orders by day as stacked bars. The figures are the table's: without this file, or for a
// screen reader, nothing is missing.
(() => {
  "use strict";
  const table = document.getElementById("by-day");
  const canvas = document.getElementById("by-day-chart");
  if (!table || !canvas || !window.Chart) return;
  const tones = ["--chart-1", "--chart-2", "--chart-3", "--chart-4", "--chart-5"];
  const words = [...table.querySelectorAll("thead th")].slice(1).map((cell) => cell.textContent);
  const rows = [...table.querySelectorAll("tbody tr")];
  const labels = rows.map((row) => row.querySelector("th").textContent);
  const figure = (row, place) => Number(row.querySelectorAll("td")[place].textContent);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  let chart = null;
  window.Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;

  function draw() {
    chart?.destroy();
    const datasets = words.map((label, place) => ({
      label,
      data: rows.map((row) => figure(row, place)),
      backgroundColor: colour(tones[place]),
      borderRadius: 2,
      maxBarThickness: 34,
    })).filter((set) => set.data.some(Boolean));
    const scale = { ticks: { color: colour("--body-quiet-color"), precision: 0 }, grid: { color: colour("--hairline-color") }, stacked: true };
    chart = new window.Chart(canvas, {
      type: "bar",
      data: { labels, datasets },
      options: {
        animation: false,
        maintainAspectRatio: false,
        plugins: { legend: { position: "bottom", labels: { color: colour("--body-fg"), boxWidth: 12, boxHeight: 12 } } },
        scales: { x: { ...scale, grid: { display: false } }, y: { ...scale, beginAtZero: true, suggestedMax: 4 } },
      },
    });
  }

  canvas.parentElement.hidden = false;
  draw();
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
