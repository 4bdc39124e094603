// Charts of the overview: reads /live/chart.json and draws it with uPlot. Everything else works without scripts, and the
// table below the charts says the same in numbers.
(function () {
  "use strict";
  var COLOURS = { done: "--ok", refused: "--warn", timeout: "--bad", failed: "--violet", cancelled: "--idle", accepted: "--info", p50: "--info", p99: "--warn", open: "--info", dead: "--bad", oldest: "--warn" };
  var plots = [], timer = null;

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }
  function axis(unit) {
    return {
      stroke: colour("--muted"), font: "11px system-ui, sans-serif", size: 52, gap: 4,
      grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false },
      values: function (_, all) { return all.map(function (v) { return v == null ? "" : format(v) + unit; }); }
    };
  }
  function format(v) {
    if (v == null) { return "–"; }
    if (v >= 100 || v === 0 || Number.isInteger(v)) { return Math.round(v).toLocaleString("en"); }
    return v.toFixed(v < 1 ? 2 : 1);
  }
  function two(n) { return (n < 10 ? "0" : "") + n; }
  function clock(seconds, withDay) {
    var at = new Date(seconds * 1000), time = two(at.getUTCHours()) + ":" + two(at.getUTCMinutes());
    return withDay ? two(at.getUTCDate()) + "." + two(at.getUTCMonth() + 1) + ". " + time : time;
  }
  // A few values are points; many are a line.
  function sparse(plot, i) {
    var known = plot.data[i].filter(function (v) { return v != null; });
    return known.length < 40;
  }
  function draw(box, chart, data) {
    var names = chart.series, unit = chart.unit ? " " + chart.unit : "";
    var series = [{ label: "UTC", value: function (_, v) { return v == null ? "–" : clock(v, true); } }];
    names.forEach(function (name) {
      series.push({
        label: name, stroke: colour(COLOURS[name] || "--accent"), width: 1.5, points: { show: sparse, size: 5 }, spanGaps: false,
        value: function (_, v) { return v == null ? "–" : format(v) + unit; }
      });
    });
    var x = axis("");
    x.size = 26;
    x.space = 70;
    x.values = function (_, all) { return all.map(function (v) { return clock(v, false); }); };
    return new uPlot({
      width: box.clientWidth, height: 180, padding: [8, 8, 0, 0], series: series, axes: [x, axis(unit)], cursor: { y: false, points: { size: 6 } },
      scales: { x: { time: true }, y: { range: function (_, low, high) { return [0, Math.max(high || 0, 1) * 1.08]; } } }, legend: { live: true },
      tzDate: function (ts) { return uPlot.tzDate(new Date(ts * 1000), "Etc/UTC"); }
    }, data, box);
  }
  function clear() {
    plots.forEach(function (plot) { plot.destroy(); });
    plots = [];
  }
  function load(boxes, anew) {
    var url = boxes[0].getAttribute("data-source");
    fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } }).then(function (answer) {
      if (!answer.ok) { throw new Error("HTTP " + answer.status); }
      return answer.json();
    }).then(function (figures) {
      if (anew) { clear(); }
      boxes.forEach(function (box, i) {
        var chart = figures.charts[box.getAttribute("data-chart")], data = [figures.at].concat(chart.values);
        if (plots[i]) { plots[i].setData(data); } else { plots[i] = draw(box, chart, data); }
      });
    }).catch(function () { /* The next round tries again; the table has the numbers. */ });
  }
  function begin() {
    var boxes = Array.prototype.slice.call(document.querySelectorAll("[data-chart]"));
    if (!boxes.length || typeof uPlot === "undefined") { return; }
    load(boxes, false);
    timer = setInterval(function () { if (!document.hidden) { load(boxes, false); } }, 10000);
    var wait = null;
    window.addEventListener("resize", function () {
      clearTimeout(wait);
      wait = setTimeout(function () {
        plots.forEach(function (plot, i) { plot.setSize({ width: boxes[i].clientWidth, height: 180 }); });
      }, 150);
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function () { load(boxes, true); });
  }
  begin();
})();
