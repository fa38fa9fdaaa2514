// Keeps an open page fresh, sends forms without leaving the page, and follows a slider. Every page works without it.

const STALE_MS = 15_000;
const SLIDER_MS = 150;
const AGAIN_MS = 1000;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const parse = (html) => new DOMParser().parseFromString(html, "text/html");

// Fetch this page again. After the end of a session the login takes its place.
async function fetchPage() {
  const answer = await fetch(location.href);
  if (isLogin(answer.url)) location.assign(answer.url);
  return answer;
}

const isLogin = (address) => new URL(address, location.href).pathname === "/login";

// Read a new sentence aloud, and not each new number in it: figures change all the time.
function announce(sentence) {
  const news = document.getElementById("news");
  const kind = sentence.replace(/[\d.,]/g, "");
  if (news.dataset.kind !== kind) news.textContent = sentence;
  news.dataset.kind = kind;
}

const wordsOf = (place) => place?.innerText.replace(/[▲✓]/g, "").trim() ?? "";

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
  const page = parse(html);
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
  let asking = false;
  const open = () => {
    stream = new EventSource(`/live/${region.dataset.live}`);
    stream.addEventListener("part", (event) => {
      heard = Date.now();
      document.body.classList.remove("stale-page");
      showFresh(document.querySelector("[data-live]") ?? region, event.data);
    });
  };
  const reopen = () => {
    asking = true;
    fetchPage().then(open).catch(() => {}).finally(() => { asking = false; });
  };
  open();
  setInterval(() => {
    const stale = Date.now() - heard > STALE_MS;
    document.body.classList.toggle("stale-page", stale);
    if (stream.readyState === EventSource.CLOSED && !asking) reopen();
    showWaiting();
    announce(wordsOf(document.querySelector(stale ? ".old-note" : ".obstacle")));
  }, 1000);
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

// The page that is shown, without the part that a link of the same page jumps to.
const here = () => location.pathname + location.search;
let currentPage = here();

// Take the content of an answered page in place of this one's. The focus goes to its notice or fault, which is read aloud.
function showPage(html, address) {
  const page = parse(html);
  const main = page.querySelector("main");
  if (!main || isLogin(address)) { location.assign(address); return; }
  document.title = page.title;
  document.querySelector("main").replaceChildren(...main.childNodes);
  if (address !== location.href) history.pushState(null, "", address);
  currentPage = here();
  const message = document.querySelector("main [role=alert], main [role=status]");
  const place = message ?? document.querySelector("main");
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
  place.scrollIntoView({ block: "nearest" });
  startPage();
}

// Send a form. A long search is joined again until it has ended; it is the one act that may be sent twice.
async function send(form, button) {
  const fields = new FormData(form, button);
  const body = form.enctype === "multipart/form-data" ? fields : new URLSearchParams(fields);
  const address = button?.getAttribute("formaction") ?? form.getAttribute("action");
  form.querySelectorAll("button").forEach((one) => { one.disabled = true; });
  form.setAttribute("aria-busy", "true");
  form.querySelector(".lost")?.remove();
  try {
    for (;;) {
      const answer = await fetch(address, { method: "POST", body });
      const html = await answer.text();
      if (answer.status >= 500) { keepForm(form, parse(html).querySelector("main .fault")?.textContent); return; }
      // A refusal and a found plan keep the address of the page: that of the form cannot be opened.
      const there = answer.redirected ? answer.url : location.href;
      if (!parse(html).querySelector("section[data-pending]")) { showPage(html, there); return; }
      await pause(AGAIN_MS);
    }
  } catch {
    keepForm(form);
  }
}

// Without an answer the form stays as it was typed, and a note states that nobody knows whether it was accepted.
function keepForm(form, fault = "") {
  form.querySelectorAll("button").forEach((one) => { one.disabled = false; });
  form.removeAttribute("aria-busy");
  delete form.dataset.sent;
  const note = document.createElement("p");
  note.className = "fault lost";
  note.setAttribute("role", "alert");
  note.textContent = `${fault} ${document.body.dataset.lost}`;
  form.append(note);
  note.scrollIntoView({ block: "nearest" });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const again = Date.now() - (form.dataset.sent ?? 0) < AGAIN_MS;
  form.dataset.sent = Date.now();
  // The second press of a double click sends nothing.
  if (again || form.hasAttribute("data-enhance")) event.preventDefault();
  if (!again && form.hasAttribute("data-enhance")) void send(form, event.submitter);
});

// The answer to the sliders: one question at a time, then the newest one. A question without an answer is asked again.
function makeAsker(form) {
  let newest = 0;
  let asking = false;
  return async () => {
    newest += 1;
    if (asking) return;
    asking = true;
    for (let answered = 0; answered !== newest && form.isConnected;) {
      const asked = newest;
      if (await showAnswer(form)) answered = asked;
      else await pause(AGAIN_MS);
    }
    asking = false;
  };
}

// Return whether the answer is there: a failed request and a server's fault are not, and the page shows it.
async function showAnswer(form) {
  const place = document.getElementById("answer");
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const fresh = parse(await answer.text()).getElementById("answer");
    if (!fresh && answer.status < 500) location.reload();
    if (!fresh || answer.status >= 500) throw new Error("no answer");
    if (fresh.hasAttribute("data-pending")) return false;
    place.replaceChildren(...fresh.childNodes);
    place.removeAttribute("aria-busy");
    place.removeAttribute("data-pending");
    announce(wordsOf(place.querySelector(".tiles, .fault")));
    return true;
  } catch {
    const note = document.createElement("p");
    note.className = "fault";
    note.textContent = place.dataset.late;
    place.replaceChildren(note);
    return false;
  }
}

function startSliders() {
  const form = document.querySelector("form[data-sliders]");
  if (!form || form.dataset.started) return;
  form.dataset.started = "1";
  const ask = makeAsker(form);
  let timer;
  const show = (input) => {
    const output = input.closest("label")?.querySelector("output");
    if (output) output.textContent = input.valueAsNumber.toLocaleString(document.documentElement.lang);
  };
  form.querySelectorAll("input").forEach(show);
  form.addEventListener("input", (event) => {
    show(event.target);
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), SLIDER_MS);
  });
  if (document.querySelector("#answer[data-pending]")) void ask();
}

// A part of a page that the server still computes: load the page again until it is there.
async function complete(part) {
  while (part.hasAttribute("data-pending")) {
    await pause(AGAIN_MS);
    const fresh = await fetchPage().then((answer) => answer.text()).then((html) => parse(html).getElementById(part.id)).catch(() => null);
    if (!fresh || fresh.hasAttribute("data-pending")) continue;
    part.removeAttribute("data-pending");
    part.replaceChildren(...fresh.childNodes);
  }
}

function startPage() {
  startSliders();
  document.querySelectorAll("#promise[data-pending], #report[data-pending], #later[data-pending]").forEach((part) => void complete(part));
}

document.querySelector(".pages [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
const region = document.querySelector("[data-live]");
if (region) follow(region);
addEventListener("popstate", () => { if (currentPage !== here()) location.reload(); });
startPage();
