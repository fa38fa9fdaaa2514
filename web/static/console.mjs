// Keeps an open page fresh, sends forms without leaving the page, and follows a slider. Every page works without it.

const STALE_MS = 15_000;
const SLIDER_MS = 150;

// Replace the parts of a live region that have changed. A part under the pointer or with the focus waits.
const waiting = new Map();

function isInUse(part) {
  return part.hasAttribute("data-still") && (part.matches(":hover") || part.contains(document.activeElement));
}

function swap(part, fresh) {
  if (part.innerHTML === fresh.innerHTML) return;
  const scrolled = [...part.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
  part.className = fresh.className;
  part.replaceChildren(...fresh.childNodes);
  part.querySelectorAll(".scroll").forEach((box, place) => { box.scrollLeft = scrolled[place] ?? 0; });
}

function showFresh(region, html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const fresh of page.body.querySelectorAll("[id]")) {
    const part = document.getElementById(fresh.id);
    if (!part || !region.contains(part)) continue;
    if (isInUse(part)) waiting.set(part, fresh);
    else { waiting.delete(part); swap(part, fresh); }
  }
}

function showWaiting() {
  for (const [part, fresh] of waiting) {
    if (!isInUse(part)) { waiting.delete(part); swap(part, fresh); }
  }
}

// One stream a page. The browser opens it again by itself after a cut; after a refusal we do.
function follow(region) {
  let heard = Date.now();
  let stream;
  const open = () => {
    stream = new EventSource(`/live/${region.dataset.live}`);
    stream.addEventListener("part", (event) => {
      heard = Date.now();
      document.body.classList.remove("stale-page");
      showFresh(document.querySelector("[data-live]") ?? region, event.data);
    });
  };
  open();
  setInterval(() => {
    document.body.classList.toggle("stale-page", Date.now() - heard > STALE_MS);
    if (stream.readyState === EventSource.CLOSED) open();
    showWaiting();
  }, 1000);
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

// Take the content of an answered page in place of this one's, and read its notice or fault aloud.
function showPage(html, address) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.querySelector("main");
  if (!main) { location.assign(address); return; }
  document.title = page.title;
  document.querySelector("main").replaceChildren(...main.childNodes);
  if (new URL(address).pathname !== location.pathname) history.pushState(null, "", address);
  const message = document.querySelector("main [role=alert], main [role=status]");
  (message ?? document.querySelector("main")).scrollIntoView({ block: "nearest" });
  startSliders();
}

async function send(form, button) {
  const body = new URLSearchParams(new FormData(form, button));
  form.querySelectorAll("button").forEach((one) => { one.disabled = true; });
  try {
    const answer = await fetch(button?.getAttribute("formaction") ?? form.getAttribute("action"), { method: "POST", body });
    showPage(await answer.text(), answer.url);
  } catch {
    form.querySelectorAll("button").forEach((one) => { one.disabled = false; });
    document.body.classList.add("stale-page");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-enhance")) return;
  event.preventDefault();
  void send(form, event.submitter);
});

// A slider: show its value at once, and the answer of the server as soon as the hand rests.
let asked = 0;

async function ask(form) {
  const number = ++asked;
  const answer = await fetch(form.getAttribute("action"), { method: "POST", body: new URLSearchParams(new FormData(form)) });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("answer");
  const place = document.getElementById("answer");
  if (number === asked && fresh && place) place.replaceChildren(...fresh.childNodes);
}

function startSliders() {
  const form = document.querySelector("form[data-sliders]");
  if (!form || form.dataset.started) return;
  form.dataset.started = "1";
  let timer;
  form.addEventListener("input", (event) => {
    const output = event.target.closest("label")?.querySelector("output");
    if (output) output.textContent = event.target.value;
    clearTimeout(timer);
    timer = setTimeout(() => void ask(form).catch(() => {}), SLIDER_MS);
  });
  if (!document.querySelector("#answer svg, main .notice, main .fault")) void ask(form).catch(() => {});
}

const region = document.querySelector("[data-live]");
if (region) follow(region);
startSliders();
