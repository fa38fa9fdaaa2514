// Lists what is wrong with the page that is open, as the body of a function with one argument: the least contrast.
const [leastContrast] = arguments;
const faults = [];
const name = (one) => `${one.tagName.toLowerCase()}${one.id ? "#" + one.id : ""}.${one.className} ` +
  `"${(one.textContent || one.value || one.name || "").trim().replace(/\s+/g, " ").slice(0, 40)}"`;
const isShown = (one) => one.checkVisibility({opacityProperty: true, visibilityProperty: true}) && !one.closest(".hidden, .skip");

const canvas = document.createElement("canvas");
canvas.width = canvas.height = 1;
const pen = canvas.getContext("2d", {willReadFrequently: true});
const parts = (colour) => {
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const over = ([r, g, b, a], below) => [r * a + below[0] * (1 - a), g * a + below[1] * (1 - a), b * a + below[2] * (1 - a), 1];
const ground = (one) => {
  const layers = [];
  for (let at = one; at; at = at.parentElement) layers.push(parts(getComputedStyle(at).backgroundColor));
  return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
};
const light = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const contrast = (one, two) => {
  const [a, b] = [light(one), light(two)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
};

const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const seen = new Set();
while (walker.nextNode()) {
  const one = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || seen.has(one) || !isShown(one) || one.closest("svg, script, style, noscript, option")) continue;
  seen.add(one);
  const below = ground(one);
  const found = contrast(over(parts(getComputedStyle(one).color), below), below);
  if (found < leastContrast) faults.push(`contrast ${found.toFixed(2)}: ${name(one)}`);
}
for (const one of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
  if (!one.labels?.length || ![...one.labels].some((label) => label.textContent.trim())) faults.push(`no label: ${name(one)} ${one.name}`);
}
for (const one of document.querySelectorAll("button, a[href], summary")) {
  if (!(one.textContent.trim() || one.getAttribute("aria-label"))) faults.push(`no name: ${name(one)}`);
  const box = one.getBoundingClientRect();
  if (isShown(one) && box.height && box.height < 24 && !one.closest("p, li, td, th, dd, h2, article")) faults.push(`small: ${name(one)} ${box.height}`);
}
for (const one of document.querySelectorAll("img:not([alt]), svg:not([aria-labelledby])")) faults.push(`no text: ${name(one)}`);
const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
for (const id of ids.filter((one, place) => ids.indexOf(one) !== place)) faults.push(`twice: #${id}`);
const levels = [...document.querySelectorAll("h1, h2, h3")].filter((one) => !one.closest("article")).map((one) => Number(one.tagName[1]));
if (levels.filter((one) => one === 1).length !== 1 && !document.querySelector("article")) faults.push("not one h1");
levels.forEach((one, place) => { if (place && one > levels[place - 1] + 1) faults.push(`heading h${one} after h${levels[place - 1]}`); });
const wide = document.scrollingElement;
if (wide.scrollWidth > wide.clientWidth) faults.push(`wider than the screen: ${wide.scrollWidth} of ${wide.clientWidth}`);
for (const one of document.querySelectorAll("main *")) {
  const box = one.getBoundingClientRect();
  if (box.width && isShown(one) && box.right > wide.clientWidth + 1 && !one.closest(".scroll, svg")) faults.push(`off the screen: ${name(one)}`);
}
for (const one of document.querySelectorAll(".tile, .card, th, td, dd, dt, label, .button, button, .notice, .fault, .wall-stations li")) {
  if (isShown(one) && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline") faults.push(`cut off: ${name(one)}`);
}
if (/%\(|undefined|NaN|\bnull\b|&(amp|lt|#)/.test(document.body.innerText)) faults.push("code in the text");
return faults;
