// A verdict is drawn only while it is fresh: an old page, a page from the cache or the back button shows STOP.
"use strict";

const page = document.getElementById("verdict");

function unverify() {
  if (!page || page.classList.contains("stale")) return;
  page.classList.add("stale");
  for (const shown of page.querySelectorAll(".verdict:not(.verdict-unverified), .dispense-now, .guards")) shown.remove();
  const stop = document.getElementById("unverified");
  stop.hidden = false;
  document.title = stop.querySelector("h1").textContent;
  if (navigator.vibrate) navigator.vibrate([200, 100, 200]);
}

if (page) {
  // The server's clock and this one may differ: only the time since the page arrived is counted.
  const answered = Date.parse(page.dataset.serverTime);
  const until = Date.parse(page.dataset.validUntil);
  const complete = page.dataset.nonce && ["ALLOW", "ALLOW_CONDITIONAL", "ALLOW_OOS", "DENY"].includes(page.dataset.verdict);
  const arrival = performance.getEntriesByType("navigation")[0];
  if (!complete || !(until > answered) || (arrival && arrival.type === "back_forward")) unverify();
  else if (page.dataset.verdict !== "DENY") setTimeout(unverify, until - answered);
}
window.addEventListener("pageshow", (event) => { if (event.persisted) unverify(); });
window.addEventListener("pagehide", () => { if (page && page.dataset.verdict !== "DENY") unverify(); });

const scan = document.querySelector("form[data-scan]");
if (scan) {
  const first = scan.querySelector("input[name=label_code]");
  if (first) first.focus();
}
