// Small helps; every page works without them.
"use strict";

const NO_TEXT = "[type=radio], [type=checkbox], [inputmode=decimal], select, button";

function moveOn(from) {
  const able = (one) => !one.disabled && one.type !== "hidden" && one.type !== "button" && one.offsetParent !== null;
  const fields = [...from.form.elements].filter((one) => one.matches("input, select, textarea, button") && able(one));
  const next = fields.slice(fields.indexOf(from) + 1).find((one) => !one.name || one.name !== from.name);
  if (next) next.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "/" && !(typing && !typing.matches(NO_TEXT))) {
    const find = document.getElementById("find");
    if (find) { event.preventDefault(); find.focus(); find.select(); }
  }
  // A scanner's Enter moves on; only the button sends a form that signs or saves.
  const moves = typing && typing.matches("form.act input, form.act select, .bench form.act textarea");
  if (event.key === "Enter" && moves && !event.shiftKey) {
    event.preventDefault();
    moveOn(typing);
  }
  // Yes and no by their first letter, in both languages.
  const answer = { y: "yes", j: "yes", n: "no" }[event.key.toLowerCase()];
  if (answer && typing && typing.matches(".widget-yesno input[type=radio]")) {
    const chosen = [...typing.form.elements].find((one) => one.name === typing.name && one.value === answer);
    if (chosen && !chosen.checked) { chosen.checked = true; chosen.dispatchEvent(new Event("change", { bubbles: true })); }
    if (chosen) moveOn(chosen);
  }
});

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const button = event.submitter || form.querySelector(".buttons button");
    if (button) { button.disabled = true; button.setAttribute("aria-busy", "true"); }
  });
}

// The reason of a late entry is asked for when the time that is typed is late; the server decides whether it is.
for (const form of document.querySelectorAll("form[data-late-minutes]")) {
  const answered = Date.parse(form.dataset.now);
  const arrived = performance.now();
  const typed = form.elements.performed_at, reason = form.elements.late_reason;
  if (!typed || !reason) continue;
  const box = reason.closest(".bench-field") || reason.closest(".field");
  const asked = () => {
    const now = answered + performance.now() - arrived;
    const text = typed.value.trim().replace(" ", "T");
    const apart = Math.abs(/(Z|[+-]\d\d:?\d\d)$/.test(text.slice(10)) ? Date.parse(text) - now : Date.parse(`${text}Z`) - wallClock(now));
    const late = text && !(apart <= form.dataset.lateMinutes * 60000);
    box.hidden = !(late || reason.value || box.matches(".wrong") || box.querySelector(".wrong"));
  };
  typed.addEventListener("input", asked);
  typed.addEventListener("change", asked);
  new MutationObserver(asked).observe(box, { attributes: true, attributeFilter: ["class"] });
  asked();
}

// What the clock on the wall shows at a moment, as a number to compare with what is typed.
function wallClock(moment) {
  const zone = { timeZone: "Europe/Amsterdam", dateStyle: "short", timeStyle: "short" };
  return Date.parse(`${new Intl.DateTimeFormat("sv-SE", zone).format(moment).replace(" ", "T")}Z`);
}

const seen = (one) => one.getClientRects().length > 0 && !one.disabled;

// Whether a box is to be answered before the form is sent; at the bench every planned field is, or its N/A.
function wanted(box) {
  const field = box.closest("#entering [data-field]");
  if (!field) return box.required;
  return !["performed_at", "late_reason"].includes(field.dataset.field) && !field.querySelector("details[open]");
}

// The first field of a form that waits for an answer: a box, a choice, a question of yes or no, at last the password.
function firstEmpty(form) {
  const answered = (one) => (one.type === "radio" ? form.querySelector(`[name="${one.name}"]:checked`) : one.value);
  const boxes = [...form.querySelectorAll("input, select, textarea")].filter((one) => one.type !== "hidden" && seen(one));
  const open = boxes.find((one) => one.type !== "checkbox" && wanted(one) && !answered(one));
  return open || boxes.find((one) => one.closest(".sign") && !one.value) || form.querySelector(".buttons button:not([formaction])");
}

// Where the work goes on: what a step waits for, else the first empty field of the form, else the next act. A verdict is
// read first, so what can be done below it takes the keys but not the screen; where a whole page is to be read before it
// is signed, nothing takes the keys either: a space bar that scrolls must not tick a statement.
function leadOn() {
  if (document.querySelector("[data-read-first]")) return;
  const first = (name) => [...document.querySelectorAll(`[data-next=${name}]`)].find(seen);
  const form = document.querySelector("main form.act");
  const next = first("before") || (form && firstEmpty(form)) || first("after");
  if (next) next.focus({ preventScroll: Boolean(document.getElementById("verdict")) });
}

const refusals = document.getElementById("refusals");
if (refusals && !refusals.closest("#refused-now")) refusals.focus();
else if (document.activeElement === document.body && !location.hash) leadOn();
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
