// Plots: where a script runs, a drawn plot tells its values under the pointer or by the arrow keys. Without one the drawing stands.
{
  const kept = new WeakMap();
  const language = document.documentElement.lang || "en";
  const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "UTC" });
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });
  const written = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const number = { format: (value) => (language === "es" ? written.format(value).replaceAll(".", "\u202f") : written.format(value)) };
  const pad = (n) => String(n).padStart(2, "0");
  const span = (s) => (s >= 3600 ? `${Math.floor(s / 3600)}:${pad(Math.floor(s / 60) % 60)} h` : `${Math.floor(s / 60)}:${pad(Math.round(s) % 60)}`);
  const amounts = { share: (v) => `${number.format(v)} %`, seconds: (v) => span(Math.round(v)), number: (v) => number.format(v) };
  const amount = (unit, value) => (value == null ? "–" : (amounts[unit] || amounts.number)(value));

  function style(box, selector, property) {
    const found = box.querySelector(`svg ${selector}`) || box.closest("section")?.querySelector(`.key ${selector}`);
    return found ? getComputedStyle(found)[property] : "gray";
  }

  function options(box, told, width) {
    const ink = style(box, "text", "fill"), line = style(box, ".grid", "stroke");
    const shown = (seconds) => (told.by === "clock" ? clock : day).format(new Date(seconds * 1000));
    const when = (seconds) => told.names?.[told.x.indexOf(seconds)] || shown(seconds); // a clock may have changed on that day
    const labels = box.dataset.labels.split("|");
    const every = Math.ceil(told.x.length / Math.max(1, Math.floor(width / 90))); // each day is named once at most
    const font = `12px ${getComputedStyle(box).fontFamily}`;
    const axis = { stroke: ink, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
    const drawn = { real: { stroke: style(box, ".real", "stroke"), width: 2.25 }, mid: { stroke: style(box, ".mid", "stroke"), width: 1.75, dash: [5, 4] } };
    const dot = { stroke: drawn.real.stroke, width: 2, points: { show: true, size: 10 } }; // of what is not over yet
    return {
      width, height: Math.max(200, Math.min(280, width / 2.6)), legend: { live: true }, cursor: { y: false, drag: { x: false, y: false } },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      scales: { x: { time: true, range: told.range ? () => told.range : undefined }, y: { range: (u, low, high) => [told.bottom ?? Math.min(0, low ?? 0), told.top || (high > 0 ? high * 1.1 : 1)] } },
      axes: [{ ...axis, size: 32, ...(told.by === "clock" ? {} : { splits: () => told.x.filter((at, n) => n % every === 0) }), values: (u, at) => at.map(when) }, { ...axis, ...(told.by === "clock" ? { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] } : {}), size: told.unit === "seconds" ? 60 : 52, values: (u, at) => at.map((v) => amount(told.unit, v)) }],
      hooks: told.spans ? { drawSeries: [(u, n) => { if (n === 1) bands(u, told.spans, told.x, drawn.real.stroke); }] } : {},
      series: [{ label: box.dataset.at, value: (u, v) => (v == null ? "–" : when(v)) },
        ...told.lines.map((one, n) => ({ label: labels[n], spanGaps: false, points: { show: told.lines[0].length <= 31 && !n }, ...[drawn.real, drawn.mid, dot][n], value: (u, v) => amount(told.unit, v) }))],
    };
  }

  function bands(u, spans, x, ink) {
    u.ctx.save();
    u.ctx.strokeStyle = ink;
    u.ctx.globalAlpha = 0.22;
    u.ctx.lineWidth = 5 * devicePixelRatio;
    for (const [n, span] of spans.entries()) {
      if (!span) continue;
      const at = u.valToPos(x[n], "x", true);
      u.ctx.beginPath();
      u.ctx.moveTo(at, u.valToPos(span[0], "y", true));
      u.ctx.lineTo(at, u.valToPos(span[1], "y", true));
      u.ctx.stroke();
    }
    u.ctx.restore();
  }

  function dress(box) {
    const before = kept.get(box), text = box.dataset.plot;
    if (before && before.text === text && box.contains(before.root)) { box.classList.add("dressed"); return; }
    if (before) { before.plot.destroy(); before.root.remove(); }
    const told = JSON.parse(text), root = document.createElement("div"), heard = document.createElement("output");
    if (!told.x.length) return;
    heard.className = "sr";
    const plot = new uPlot(options(box, told, box.clientWidth), [told.x, ...told.lines], root);
    root.append(heard);
    box.append(root);
    box.classList.add("dressed");
    kept.set(box, { text, plot, root, heard, told, at: before ? before.at : told.x.length });
    if (before && before.shown != null) put(box, before.shown);
  }

  function put(box, index) {
    const { plot, told } = kept.get(box), at = Math.max(0, Math.min(told.x.length - 1, index));
    plot.setCursor({ left: plot.valToPos(told.x[at], "x"), top: 10 });
    kept.get(box).at = at;
  }

  const all = () => document.querySelectorAll("[data-plot]");
  const anew = () => all().forEach((box) => { const one = kept.get(box); if (one) one.text = ""; dress(box); });

  if (window.uPlot) {
    all().forEach(dress);
    document.addEventListener("htmx:after:swap", () => all().forEach(dress));
    document.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key], box = step && event.target.closest?.("[data-plot]"), one = box && kept.get(box);
      if (!one) return;
      event.preventDefault();
      put(box, one.at + step);
      one.heard.textContent = [...one.root.querySelectorAll(".u-legend .u-series")].map((row) => row.textContent).join(", ");
    });
    let wide = innerWidth;
    addEventListener("resize", () => { if (innerWidth !== wide) { wide = innerWidth; anew(); } });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", anew);
    new MutationObserver(anew).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }
}
