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

const refusals = document.getElementById("refusals");
if (refusals) refusals.focus();
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
