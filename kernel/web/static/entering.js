// The fields of a step are saved one by one when they are left; the server decides, and what it did not answer is
// shown as unknown and sent again. Without this script the button saves them.
"use strict";

const form = document.getElementById("entering");
const PATIENCE = 15000, AGAIN = 5000, LOOK = 20000, MINUTE = 60000;

class Field {
  constructor(node) {
    this.node = node;
    this.state = node.querySelector(".save-state");
    this.kept = this.typed();
    this.since = null;
    this.unknown = false;
    this.refused = false;
  }

  controls() {
    return [...this.node.querySelectorAll("input, select, textarea")].filter((one) => one.name && one.type !== "hidden");
  }

  values() {
    const found = {};
    for (const one of this.controls()) {
      if (one.type !== "radio") found[one.name] = one.value;
      else if (one.checked) found[one.name] = one.value;
    }
    return found;
  }

  typed() { return JSON.stringify(this.values()); }
  get dirty() { return this.typed() !== this.kept; }
  seen() { return [...this.node.querySelectorAll("input[type=hidden]")]; }

  body() {
    const found = this.values();
    for (const one of this.seen()) found[one.name] = Number(one.value);
    return found;
  }

  // The number of the entry that this page made itself has been seen.
  number(saved) {
    for (const [name, number] of Object.entries(saved)) {
      const known = this.seen().find((one) => one.name === `${name}_seen`) || document.createElement("input");
      Object.assign(known, { type: "hidden", name: `${name}_seen`, value: String(number) });
      this.node.append(known);
    }
  }

  say(words, tone, button) {
    this.state.textContent = words;
    this.state.className = `save-state ${tone}`;
    if (button) {
      const again = document.createElement("button");
      again.type = "button";
      again.className = "btn btn-outline-primary";
      again.textContent = button;
      again.addEventListener("click", () => keep(this));
      this.state.append(" ", again);
    }
  }

  // What the server has now, where nothing is being typed; true when somebody else changed it.
  take(other, { numbers }) {
    const clean = !this.dirty, before = this.typed();
    if (clean) {
      for (const one of this.controls()) {
        const theirs = [...other.querySelectorAll("[name]")].find((box) => box.name === one.name && (one.type !== "radio" || box.value === one.value));
        if (!theirs) continue;
        if (one.type === "radio") one.checked = theirs.checked;
        else one.value = theirs.value;
      }
      this.kept = this.typed();
    }
    if (clean || numbers) {
      for (const one of this.seen()) one.remove();
      for (const one of other.querySelectorAll("input[type=hidden]")) this.node.append(one.cloneNode());
    }
    return clean && before !== this.typed();
  }
}

const fields = form ? [...form.querySelectorAll("[data-field]")].map((node) => new Field(node)) : [];
const words = form ? form.dataset : {};
let answered = form ? Date.parse(words.now) : 0, arrived = performance.now(), turn = Promise.resolve(), signing = false;
let waiting = 0;

const serverNow = () => answered + performance.now() - arrived;
const token = () => form.elements.csrf_token.value;
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
const timed = () => ({ credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE) });

// One after the other, so that each knows the number of the one before.
function keep(field) {
  if (field.since === null || field.typed() !== field.sent) field.since = serverNow();
  field.sent = field.typed();
  waiting += 1;
  turn = turn.then(() => (field.dirty || field.unknown || field.refused ? send(field) : null)).then(() => {
    waiting -= 1;
    return waiting ? null : look();
  });
  return turn;
}

async function send(field) {
  const shown = field.typed(), body = field.body();
  const waited = serverNow() - field.since;
  if (waited >= MINUTE) {
    body.done_at = new Date(field.since).toISOString();
    const late = fields.find((one) => one.node.dataset.field === "late_reason");
    if (late && late !== field && late.dirty) Object.assign(body, late.body());
  }
  field.say(words.wordsSaving, "");
  let answer;
  try {
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": token(), "Idempotency-Key": newKey() };
    answer = await fetch(words.save, { method: "POST", headers, body: JSON.stringify(body), keepalive: true, ...timed() });
  } catch { return lost(field, words.wordsUnknown); }
  if (answer.status === 401 || answer.status === 403) { await look(); return lost(field, words.wordsOut); }
  if (answer.status >= 500) return lost(field, words.wordsUnknown);
  field.unknown = false;
  if (answer.ok) {
    field.kept = shown;
    field.refused = false;
    field.since = null;
    field.node.classList.remove("wrong");
    field.number((await answer.json()).saved || {});
    return field.say(words.wordsSaved, "ok");
  }
  field.refused = true;
  const said = await answer.json().catch(() => ({}));
  const reasons = said.refusals || [];
  await look({ numbersOf: reasons.some((one) => one.code === "ENTRY_CHANGED") ? field : null });
  field.node.classList.add("wrong");
  const late = fields.find((one) => one.node.dataset.field === "late_reason");
  if (late) late.node.classList.toggle("wrong", reasons.some((one) => one.code === "LATE_ENTRY_UNJUSTIFIED"));
  const sentences = reasons.map((one) => one.sentence).join(" ");
  return field.say(`${words.wordsRefused} ${sentences}`, "stop", words.wordsAgain);
}

function lost(field, sentence) {
  field.unknown = true;
  field.say(sentence, "stop", words.wordsResend);
}

// The page as the server shows it now: what is signed, bars, who saved what. Answers whether others changed anything.
async function look({ numbersOf = null } = {}) {
  let page;
  try {
    const answer = await fetch(words.page, timed());
    if (!answer.ok || answer.redirected) return null;
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch { return null; }
  const other = page.getElementById("entering");
  if (!other) return null;
  answered = Date.parse(other.dataset.now);
  arrived = performance.now();
  let changed = false;
  for (const part of document.querySelectorAll("[data-swap]")) {
    const theirs = page.getElementById(part.id);
    if (!theirs || theirs.innerHTML === part.innerHTML) continue;
    if (part.id === "refused-now") changed = true;
    part.replaceChildren(...[...theirs.childNodes].map((one) => document.importNode(one, true)));
  }
  for (const field of fields) {
    const theirs = [...other.querySelectorAll("[data-field]")].find((one) => one.dataset.field === field.node.dataset.field);
    if (theirs && field.take(theirs, { numbers: field === numbersOf })) changed = true;
  }
  form.elements.csrf_token.value = other.elements.csrf_token.value;
  form.elements.seen.value = other.elements.seen.value;
  return changed;
}

const open = () => fields.filter((one) => one.dirty || one.unknown);

async function sign(event) {
  if (signing || (event.submitter && event.submitter.hasAttribute("formaction"))) return;
  event.preventDefault();
  const note = document.getElementById("save-all");
  note.textContent = "";
  for (const one of open()) keep(one);
  await turn;
  const left = open();
  const changed = left.length ? false : await look();
  if (left.length || changed !== false) {
    note.textContent = left.length ? words.wordsFirst : changed ? words.wordsLook : words.wordsUnknown;
    note.className = "save-state stop";
    if (left.length) left[0].controls()[0].focus();
    return;
  }
  signing = true;
  form.requestSubmit(event.submitter);
}

function offerNow(field) {
  for (const box of field.node.querySelectorAll(".widget-moment input")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-outline-secondary now";
    button.textContent = words.wordsNow;
    button.addEventListener("click", () => { box.value = localText(serverNow()); box.focus(); keep(field); });
    box.after(button);
  }
}

function localText(moment) {
  const zone = { timeZone: "Europe/Amsterdam", dateStyle: "short", timeStyle: "short" };
  return new Intl.DateTimeFormat("sv-SE", zone).format(moment);
}

if (form) {
  for (const one of form.querySelectorAll(".by-hand")) one.hidden = true;
  for (const field of fields) {
    field.node.addEventListener("change", () => keep(field));
    field.node.addEventListener("input", () => { if (field.dirty && !field.unknown) field.say(words.wordsUnsaved, ""); });
    offerNow(field);
    // A refused page comes back with what was typed, also where it was never saved.
    if ("typed" in words && field.controls().some((one) => one.value && (one.type !== "radio" || one.checked) && one.tagName !== "SELECT")) {
      field.kept = "";
      keep(field);
    }
  }
  form.addEventListener("submit", sign, { capture: true });
  const performed = form.elements.performed_at;
  const tick = () => { if (performed) performed.placeholder = localText(serverNow()); };
  tick();
  setInterval(tick, 10000);
  setInterval(() => { for (const one of fields.filter((found) => found.unknown)) keep(one); }, AGAIN);
  setInterval(() => { if (!document.hidden && !open().length) turn = turn.then(() => look()); }, LOOK);
  window.addEventListener("online", () => { for (const one of fields.filter((found) => found.unknown)) keep(one); });
  window.addEventListener("beforeunload", (event) => { if (open().length && !signing) event.preventDefault(); });
}
