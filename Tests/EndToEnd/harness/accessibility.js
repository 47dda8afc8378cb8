// What a page must have for those who don't see it, or see little: returns a list of what is wrong. Run in the page.
() => {
  const problems = [];
  const name = (node) => `<${node.tagName.toLowerCase()}${node.id && `#${node.id}`}${node.className && typeof node.className === "string" ? `.${node.className.trim().replace(/\s+/g, ".")}` : ""}>`;
  const isShown = (node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true }) && !node.closest("[inert], [aria-hidden=true]");
  // While a modal dialog is open, what lies under it can't be reached.
  const modal = document.querySelector("dialog:modal");
  const covered = modal ?? document.querySelector("[data-drawer]");
  const root = modal ?? document.body;
  const all = [...root.querySelectorAll("*")].filter(isShown);

  const textOf = (node) => [...node.childNodes].map((child) => {
    if (child.nodeType === 3) return child.data;
    if (child.nodeType !== 1 || child.getAttribute("aria-hidden") === "true") return "";
    return child.getAttribute("aria-label") ?? child.getAttribute("alt") ?? textOf(child);
  }).join("");
  const accessibleName = (node) => {
    const by = node.getAttribute("aria-labelledby")?.split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
    const label = node.labels?.[0]?.textContent;
    return (by || node.getAttribute("aria-label") || label || textOf(node) || node.getAttribute("alt") || node.title || "").trim();
  };

  for (const node of all) {
    if (node.matches("button, a[href], input:not([type=hidden]), select, textarea, audio, video, progress, dialog, nav, aside, [role]:not([role=status], [role=alert], [role=presentation])") && !accessibleName(node)) {
      problems.push(`no name: ${name(node)}`);
    }
    if (node.matches("img:not([alt])")) problems.push(`no alt: ${name(node)}`);
    if (node.tabIndex > 0) problems.push(`tabindex > 0: ${name(node)}`);
    for (const attribute of ["aria-controls", "aria-labelledby", "aria-describedby", "aria-activedescendant", "for"]) {
      for (const id of node.getAttribute(attribute)?.split(/\s+/) ?? []) if (!document.getElementById(id)) problems.push(`${attribute} of ${name(node)} names ${id}, which is nowhere`);
    }
    if (node.matches("li") && !node.closest("ul, ol")) problems.push(`li outside of a list: ${name(node)}`);
    if (node.matches("button button, a button, button a")) problems.push(`a control in a control: ${name(node)}`);
    if (node.matches("button, select, input:not([type=hidden], [type=checkbox], [type=radio], [type=range])") && !node.closest(".text")) {
      const { width, height } = node.getBoundingClientRect();
      const inline = getComputedStyle(node).display === "inline" || node.matches(".link-button, .author, .quoted");
      if (!inline && (width < 24 || height < 24)) problems.push(`smaller than 24 × 24: ${name(node)} ${Math.round(width)} × ${Math.round(height)}`);
    }
  }
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  for (const id of new Set(ids)) if (ids.filter((one) => one === id).length > 1) problems.push(`twice: #${id}`);
  if (!document.documentElement.lang) problems.push("no language");
  if (!covered && [...document.querySelectorAll("main")].filter(isShown).length !== 1) problems.push("there must be one main");
  if (!covered && ![...document.querySelectorAll("h1")].some(isShown)) problems.push("no h1");

  // Contrast: each text against what is really painted under it.
  const parse = (text) => {
    const numbers = text.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    const scale = text.startsWith("color(srgb") ? 255 : 1;
    return { r: numbers[0] * scale, g: numbers[1] * scale, b: numbers[2] * scale, a: numbers[3] ?? 1 };
  };
  const over = (top, under) => ({ r: top.r * top.a + under.r * (1 - top.a), g: top.g * top.a + under.g * (1 - top.a), b: top.b * top.a + under.b * (1 - top.a), a: 1 });
  const ground = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.a > 0) layers.push(colour);
      if (colour.a === 1) break;
    }
    return layers.reverse().reduce((under, top) => over(top, under), { r: 255, g: 255, b: 255, a: 1 });
  };
  const luminance = ({ r, g, b }) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => { const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const opacity = (node) => { let product = 1; for (let at = node; at; at = at.parentElement) product *= Number(getComputedStyle(at).opacity); return product; };
  const seen = new Set();
  for (const node of all) {
    if (![...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()) || node.matches("option, :disabled, .emoji, .reaction, .visually-hidden")) continue;
    if (/^\p{Extended_Pictographic}/u.test(node.textContent.trim())) continue;
    const style = getComputedStyle(node);
    const size = parseFloat(style.fontSize);
    const under = ground(node);
    const colour = parse(style.color);
    const found = ratio(over({ ...colour, a: colour.a * opacity(node) }, under), under);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const line = `contrast ${found.toFixed(2)} instead of ${needed}: ${name(node)}`;
    if (found < needed - 0.005 && !seen.has(line)) { seen.add(line); problems.push(`${line} “${node.textContent.trim().slice(0, 30)}”`); }
  }
  return problems;
}
