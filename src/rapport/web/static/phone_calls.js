// The phone's calls, as the server draws them: fetched again while there is one, and acted on by their own forms.
const two = (n) => String(n).padStart(2, "0");
const clock = (s) => (s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}` : Math.floor(s / 60)) + ":" + two(s % 60);

/** Keep the calls in `place`. `headers` go with what is posted. */
export function keep(place, headers) {
  const begun = new WeakMap(); // a clock, and when its call began
  let drawn = "";

  async function put(answer) {
    if (!answer || ![200, 409].includes(answer.status)) return;
    const html = await answer.text(), same = html.replace(/data-up="\d+">[\d:]+/g, "");
    if (same === drawn) return;
    if (place.matches(":active")) { setTimeout(refresh, 300); return; } // a button is being pressed
    const focused = place.contains(document.activeElement) && document.activeElement.value;
    drawn = same;
    place.innerHTML = html;
    if (focused) (place.querySelector(`[value="${focused}"]`) || place.querySelector("button"))?.focus();
    tick();
  }

  async function refresh() { await put(await fetch("/voice/part/calls").catch(() => null)); }

  function tick() {
    for (const span of place.querySelectorAll("[data-up]")) {
      if (!begun.has(span)) begun.set(span, Date.now() - span.dataset.up * 1000);
      span.textContent = clock(Math.round((Date.now() - begun.get(span)) / 1000));
    }
  }

  /** Do what a button of a form says; whether it was done. */
  async function act(form, button) {
    const data = new FormData(form, button), number = data.get("number")?.replaceAll(" ", "");
    if (number) data.set("to", number);
    button.setAttribute("aria-busy", "true");
    const answer = await fetch(form.action, { method: "POST", headers, body: new URLSearchParams(data) }).catch(() => null);
    button.removeAttribute("aria-busy");
    drawn = "";
    await put(answer);
    setTimeout(refresh, answer?.ok ? 300 : 8000); // what was not done is said for a while
    return Boolean(answer?.ok);
  }

  return { refresh, tick, act, get any() { return Boolean(place.querySelector("[data-call]")); }, get first() { return place.querySelector("form"); } };
}
