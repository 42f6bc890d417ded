// What a reader of screens would miss on this page: a list of complaints, empty when all is well.
() => {
  const found = [];
  const seen = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";
  const name = (element) => {
    const by = element.getAttribute("aria-labelledby");
    const labels = by ? by.split(/\s+/).map((id) => document.getElementById(id)?.textContent || "").join(" ") : "";
    const own = element.labels ? [...element.labels].map((label) => label.textContent).join(" ") : "";
    return (labels || element.getAttribute("aria-label") || own || element.textContent || element.getAttribute("title") || element.getAttribute("placeholder") || element.value || "").trim();
  };
  const say = (rule, element) => found.push(`${rule}: ${element.outerHTML.slice(0, 140)}`);
  const all = (selector) => [...document.querySelectorAll(selector)];

  if (!document.documentElement.lang) found.push("the page has no language");
  if (!document.title.trim()) found.push("the page has no title");
  if (all("h1").length !== 1) found.push(`the page has ${all("h1").length} first headings`);
  if (all("main").length !== 1) found.push(`the page has ${all("main").length} mains`);
  const body = all("main .body, main .scroll");
  if (body.length && !body.some((part) => part.innerText.trim())) found.push("nothing is shown below the head");
  const ids = all("[id]").map((element) => element.id);
  ids.filter((id, at) => ids.indexOf(id) !== at).forEach((id) => found.push(`the id ${id} is there twice`));
  all("button, a[href], input:not([type=hidden]), select, textarea, summary, [role=region], [role=dialog], [role=timer], meter, progress, [role=img]").filter(seen).forEach((element) => { if (!name(element)) say("no name", element); });
  all("img").forEach((image) => { if (!image.hasAttribute("alt")) say("a picture without words", image); });
  all("svg.icon").forEach((icon) => { if (icon.getAttribute("aria-hidden") !== "true") say("an icon that is read aloud", icon); });
  all("svg.icon use").forEach((use) => { if (!document.querySelector(use.getAttribute("href"))) say("an icon that is not in the sprite", use); });
  all("[aria-labelledby], [aria-describedby], [aria-controls]").forEach((element) => {
    for (const attribute of ["aria-labelledby", "aria-describedby", "aria-controls"]) (element.getAttribute(attribute) || "").split(/\s+/).filter(Boolean).forEach((id) => { if (!document.getElementById(id)) say(`${attribute} names nothing`, element); });
  });
  all("[popovertarget]").forEach((button) => { if (!document.getElementById(button.getAttribute("popovertarget"))) say("opens nothing", button); });
  all("label[for]").forEach((label) => { if (!document.getElementById(label.htmlFor)) say("a label of nothing", label); });
  all(".scroll, .over").filter(seen).forEach((area) => { if (area.tabIndex < 0 && !area.id) say("scrolls but takes no focus", area); });
  all("[style], [onclick]").filter((element) => element.hasAttribute("onclick")).forEach((element) => say("inline", element));

  // Contrast of text against what lies behind it: 4.5 to 1, or 3 to 1 for large text. WCAG 2.2, 1.4.3.
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const over = (top, below) => { const a = top[3] / 255; return [0, 1, 2].map((i) => top[i] * a + below[i] * (1 - a)).concat(255); };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) { const colour = rgba(getComputedStyle(at).backgroundColor); if (colour[3]) layers.push(colour); if (colour[3] === 255) break; }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 255]);
  };
  const light = (colour) => { const [r, g, b] = colour.map((c) => { const v = c / 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const looked = new Set();
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || looked.has(element) || !seen(element) || element.closest("script, style, svg, .sr, :disabled, [aria-disabled=true], .skip")) continue;
    looked.add(element);
    const style = getComputedStyle(element), below = ground(element), ink = over(rgba(style.color), below);
    const [a, b] = [light(ink), light(below)], ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize), least = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700) ? 3 : 4.5;
    if (ratio < least) found.push(`contrast ${ratio.toFixed(2)}: "${walker.currentNode.textContent.trim().slice(0, 40)}" in ${element.outerHTML.slice(0, 80)}`);
  }
  return found;
}
