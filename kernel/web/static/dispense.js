// An allowing verdict is drawn only while it is fresh. Until this script has looked, and wherever it does not come, the page
// says STOP; so does an old page, half a page, a page from the cache and the back button.
"use strict";

const page = document.getElementById("verdict");
const NONCE = "nktrace-nonce";
const ASK_AGAIN = 5000, PATIENCE = 4000;
const TWICE = 2000;
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

function draw() {
  if (page.matches(".drawn, .stale")) return;
  page.classList.add("drawn");
  document.getElementById("unverified").hidden = true;
  for (const fresh of page.querySelectorAll("[data-fresh]")) fresh.hidden = false;
  page.querySelector(".verdict:not(.verdict-unverified)").scrollIntoView();
  play(page.dataset.verdict);
}

function unverify(turned, silent) {
  if (!page || page.classList.contains("stale")) return;
  page.classList.add("stale");
  for (const shown of page.querySelectorAll(".verdict:not(.verdict-unverified), .dispense-now, .guards")) shown.remove();
  const stop = document.getElementById("unverified");
  stop.classList.remove("waiting");
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
      draw();
      setTimeout(askAgain, ASK_AGAIN);
    } else unverify(said.standing === false && said.nonce === page.dataset.nonce);
  } catch { unverify(); }
}

if (page) {
  // The server's clock and this one may differ: only the time since the form was sent is counted. What was long on its
  // way is asked again before it is drawn.
  const { verdict, nonce } = page.dataset;
  const waited = performance.now();
  const left = Date.parse(page.dataset.validUntil) - Date.parse(page.dataset.serverTime) - waited;
  const asked = askedFor();
  const whole = document.getElementById("verdict-whole");
  const known = ["ALLOW", "ALLOW_CONDITIONAL", "ALLOW_OOS", "DENY"].includes(verdict);
  const ours = nonce && (verdict === "DENY" || nonce === asked);
  const arrival = performance.getEntriesByType("navigation")[0];
  if (!whole || !known || !ours || !(left > 0) || (arrival && arrival.type === "back_forward")) unverify();
  else if (verdict === "DENY") draw();
  else {
    setTimeout(unverify, left);
    setTimeout(askAgain, Math.max(0, ASK_AGAIN - waited));
    if (waited < ASK_AGAIN) draw();
  }
}
window.addEventListener("pageshow", (event) => { if (event.persisted) unverify(); });
window.addEventListener("pagehide", () => { if (page && page.dataset.verdict !== "DENY") unverify(false, true); });

// What is read off the container leads to the subject's code, also where a scanner fires twice: the same text again within
// two seconds, in the other field, is nobody's code.
let last = { text: "", at: 0, field: null };
function readOff(event) {
  const field = event.target;
  if (event.key !== "Enter" || !field.matches("[name=label_code], [name=subject_code]")) return;
  const text = field.value.trim(), again = text && text === last.text && field !== last.field && event.timeStamp - last.at < TWICE;
  if (!again && field.name === "subject_code") return;
  event.preventDefault();
  event.stopPropagation();
  if (again) field.value = "";
  else last = { text, at: event.timeStamp, field };
  scan.elements.subject_code.focus();
}

const scan = document.querySelector("form[data-scan]");
if (scan) {
  scan.addEventListener("keydown", readOff);
  const first = scan.querySelector("input[name=label_code]");
  if (first) first.focus();
  scan.addEventListener("submit", () => {
    try { sessionStorage.setItem(NONCE, scan.elements.nonce.value); } catch { /* then the answer is not believed */ }
  });
}
