// A verdict is drawn only while it is fresh: an old page, a page from the cache or the back button shows STOP.
"use strict";

const page = document.getElementById("verdict");
const NONCE = "nktrace-nonce";
const ASK_AGAIN = 5000, PATIENCE = 4000;
// Tones in hertz, one after another; no two verdicts sound or shake alike.
const SOUNDS = {
  ALLOW: { tones: [660, 990], each: 0.16, shake: [120] },
  ALLOW_CONDITIONAL: { tones: [660, 660, 660], each: 0.12, shake: [80, 80, 80] },
  ALLOW_OOS: { tones: [880, 660, 880, 660], each: 0.14, shake: [80, 60, 80, 60, 80] },
  DENY: { tones: [180, 140], each: 0.4, shake: [400, 120, 400] },
  UNVERIFIED: { tones: [300, 150, 300, 150], each: 0.2, shake: [200, 100, 200] },
};

function play(verdict) {
  const sound = SOUNDS[verdict];
  if (navigator.vibrate) navigator.vibrate(sound.shake);
  if (!window.AudioContext) return;
  const audio = new AudioContext();
  sound.tones.forEach((tone, place) => {
    const voice = audio.createOscillator(), loudness = audio.createGain();
    voice.type = tone < 400 ? "square" : "sine";
    voice.frequency.value = tone;
    loudness.gain.value = 0.15;
    voice.connect(loudness).connect(audio.destination);
    voice.start(audio.currentTime + place * sound.each);
    voice.stop(audio.currentTime + (place + 0.9) * sound.each);
  });
}

function unverify(turned, silent) {
  if (!page || page.classList.contains("stale")) return;
  page.classList.add("stale");
  for (const shown of page.querySelectorAll(".verdict:not(.verdict-unverified), .dispense-now, .guards")) shown.remove();
  const stop = document.getElementById("unverified");
  stop.hidden = false;
  stop.querySelector(".verdict-turned").hidden = turned !== true;
  document.title = stop.querySelector("h1").textContent;
  stop.scrollIntoView();
  if (!silent) play("UNVERIFIED");
}

// The nonce of the form that was sent; a yes to another one is not the answer.
function askedFor() {
  try {
    const nonce = sessionStorage.getItem(NONCE);
    sessionStorage.removeItem(NONCE);
    return nonce;
  } catch { return null; }
}

// Whatever does not say that this very verdict stands means that it does not.
async function askAgain() {
  if (page.classList.contains("stale")) return;
  try {
    const path = `/api/v1/dispense/scans/${encodeURIComponent(page.dataset.scan)}/standing`;
    const answer = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    const said = answer.status === 200 ? await answer.json() : {};
    if (said.standing === true && said.verdict === page.dataset.verdict && said.nonce === page.dataset.nonce) {
      setTimeout(askAgain, ASK_AGAIN);
    } else unverify(said.standing === false && said.nonce === page.dataset.nonce);
  } catch { unverify(); }
}

if (page) {
  // The server's clock and this one may differ: only the time since the page arrived is counted.
  const { verdict, nonce } = page.dataset;
  const answered = Date.parse(page.dataset.serverTime);
  const until = Date.parse(page.dataset.validUntil);
  const asked = askedFor();
  const complete = nonce && (verdict === "DENY" || nonce === asked) && ["ALLOW", "ALLOW_CONDITIONAL", "ALLOW_OOS", "DENY"].includes(verdict);
  const arrival = performance.getEntriesByType("navigation")[0];
  if (!complete || !(until > answered) || (arrival && arrival.type === "back_forward")) unverify();
  else {
    page.querySelector(".verdict").scrollIntoView();
    play(verdict);
    if (verdict !== "DENY") {
      setTimeout(unverify, until - answered);
      setTimeout(askAgain, ASK_AGAIN);
    }
  }
}
window.addEventListener("pageshow", (event) => { if (event.persisted) unverify(); });
window.addEventListener("pagehide", () => { if (page && page.dataset.verdict !== "DENY") unverify(false, true); });

const scan = document.querySelector("form[data-scan]");
if (scan) {
  const first = scan.querySelector("input[name=label_code]");
  if (first) first.focus();
  scan.addEventListener("submit", () => {
    try { sessionStorage.setItem(NONCE, scan.elements.nonce.value); } catch { /* then the answer is not believed */ }
  });
}
