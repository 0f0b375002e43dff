// Small helps; every page works without them.
"use strict";

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "/" && !typing) {
    const find = document.getElementById("find");
    if (find) { event.preventDefault(); find.focus(); find.select(); }
  }
  // A scanner's Enter moves on; only the button sends a form that signs or saves.
  if (event.key === "Enter" && typing && typing.matches("form.act input")) {
    event.preventDefault();
    const fields = [...typing.form.querySelectorAll("input:not([type=hidden]), select, textarea, button")];
    const next = fields[fields.indexOf(typing) + 1];
    if (next) next.focus();
  }
});

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector(".buttons button");
    if (button) { button.disabled = true; button.setAttribute("aria-busy", "true"); }
  });
}

const refusals = document.getElementById("refusals");
if (refusals) refusals.focus();
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
