// Checks that run inside the page, so they can use nothing from outside of themselves.

/** Visible texts whose contrast with the ground behind them is below what WCAG 2 asks for at level AA. */
export function contrastFailures() {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = ([r, g, b, a], [R, G, B]) => [
    r * a + R * (1 - a),
    g * a + G * (1 - a),
    b * a + B * (1 - a),
    1,
  ];
  const groundOf = (element) => {
    const layers = [];
    for (let at = element; at !== null; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color[3] > 0) layers.unshift(color);
    }
    return layers.reduce((ground, layer) => over(layer, ground), [255, 255, 255, 1]);
  };
  const luminance = (color) => {
    const [r, g, b] = color.slice(0, 3).map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const failures = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent.trim();
    if (
      text === "" ||
      element.closest("title, desc, script, style, option, .visually-hidden, .skip-link, :disabled")
    )
      continue;
    if (!element.checkVisibility({ checkOpacity: true })) continue;
    const style = getComputedStyle(element);
    const ground = groundOf(element);
    const ink = over(rgba(element.closest("svg") ? style.fill : style.color), ground);
    const [dark, light] = [luminance(ink), luminance(ground)].sort((a, b) => a - b);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = Number.parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5))
      failures.add(
        `"${text.slice(0, 40)}" in .${element.className?.baseVal ?? element.className}: ${ratio.toFixed(2)}`,
      );
  }
  return [...failures];
}

/** Controls, pictures and tables without a name, and ids that are there twice. */
export function unnamedControls() {
  const problems = [];
  const named = (element) => {
    const byId = (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean);
    const texts = [
      element.getAttribute("aria-label"),
      ...byId.map((id) => document.getElementById(id)?.textContent),
      element.closest("label")?.textContent,
      /^(BUTTON|A|SUMMARY|TH)$/.test(element.tagName) ? element.textContent : null,
      element.querySelector(":scope > caption")?.textContent,
    ];
    return texts.some((text) => (text ?? "").trim() !== "");
  };
  const wanted =
    "button, a[href], input, select, svg[role=img], [role=group], [role=progressbar], progress, dialog, nav, .columns";
  for (const element of document.querySelectorAll(wanted)) {
    if (element.checkVisibility() && !named(element)) problems.push(element.outerHTML.slice(0, 120));
  }
  for (const svg of document.querySelectorAll("svg:not([role=img])")) {
    if (svg.getAttribute("aria-hidden") !== "true")
      problems.push(`neither named nor hidden: ${svg.outerHTML.slice(0, 80)}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids))
    if (ids.indexOf(id) !== ids.lastIndexOf(id)) problems.push(`the id ${id} is there twice`);
  if (document.documentElement.lang === "") problems.push("the page has no language");
  return problems;
}
