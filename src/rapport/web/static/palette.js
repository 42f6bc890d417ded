// Palettes: a popover with a list box. Arrows and Enter choose; typing filters; the desk's own asks the server for more.
"use strict";
(() => {
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const open = () => one("[popover]:popover-open:has([role=listbox])");
  const chosen = (list) => one('[aria-selected="true"]', list);

  function choose(list, step) {
    const every = all('[role="option"]', list), options = every.filter((option) => option.getClientRects().length);
    const at = options.indexOf(chosen(list));
    every.forEach((option) => option.setAttribute("aria-selected", "false"));
    const option = step ? options[(at + step + options.length) % options.length] : options[0];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
  }

  function run(option) {
    if (!option) return;
    const { go, insert, click } = option.dataset, what = option.dataset.do;
    option.closest("[popover]")?.hidePopover();
    if (go) location.assign(go);
    else if (click) one(click)?.click();
    else if (insert) {
      const text = one("[data-draft]");
      const typed = insert.startsWith("@") && text.value[text.selectionStart - 1] === "@"; // the sign that called the list
      text.setRangeText(insert, text.selectionStart - typed, text.selectionEnd, "end");
      text.focus();
      text.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (what?.startsWith("#")) one(what)?.showPopover();
    else if (what) document.dispatchEvent(new CustomEvent("rapport:write", { detail: what }));
  }

  function type(input) { // who goes on typing after the @ wants the words in the text
    const text = one("[data-draft]"), words = input.value;
    delete input.dataset.typed;
    input.closest("[popover]").hidePopover();
    text.focus();
    text.setRangeText(words, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  let asking = 0;
  function filter(input) {
    const list = one("#" + (input.dataset.filter || "palette-list")), words = input.value.trim().toLowerCase();
    all("[data-found]", list).forEach((option) => option.remove());
    all('[role="option"]', list).forEach((option) => { option.hidden = !option.textContent.toLowerCase().includes(words); });
    if (input.dataset.typed && (/\s$/.test(input.value) || !all('[role="option"]', list).some((option) => !option.hidden))) return type(input);
    choose(list, 0);
    clearTimeout(asking);
    if (!("palette" in input.dataset) || words.length < 2) return;
    asking = setTimeout(async () => {
      const answer = await fetch("/desk/find?q=" + encodeURIComponent(words), { headers: { "X-Part": "1" } }).catch(() => null);
      if (!answer?.ok || input.value.trim().toLowerCase() !== words) return;
      const found = document.createElement("template");
      found.innerHTML = await answer.text();
      all("li", found.content).forEach((option) => { option.dataset.found = ""; list.append(option); });
      choose(list, 0);
    }, 180);
  }

  const FILTERS = "[data-palette], [data-filter]";
  document.addEventListener("input", (event) => { if (event.target.matches(FILTERS)) filter(event.target); });
  document.addEventListener("toggle", (event) => {
    const input = event.newState === "open" && one(FILTERS, event.target);
    if (input) { if (!input.dataset.typed) input.value = ""; filter(input); if (event.target.matches(":popover-open")) input.focus(); }
    else if (event.newState === "closed") all(FILTERS, event.target).forEach((field) => delete field.dataset.typed);
  }, true);
  document.addEventListener("click", (event) => {
    const option = event.target.closest?.('[role="option"]');
    if (option && !event.target.closest("a")) run(option);
  });
  document.addEventListener("keydown", (event) => {
    const list = open() && one('[role="listbox"]', open());
    if (!list) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") choose(list, event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter") { if (!chosen(list)) choose(list, 0); run(chosen(list)); }
    else if (event.key === "Escape") open().hidePopover();
    else return;
    event.preventDefault();
  });
})();
