// The bench: clocks that tick between two answers of the server. The server decides; every page works without this.
"use strict";

for (const clocks of document.querySelectorAll("[data-left-words]")) {
  // Only the time since the page arrived is counted: the clock of the tablet may be wrong.
  const answered = Date.parse(clocks.dataset.now);
  const arrived = performance.now();
  const tick = () => {
    const now = answered + performance.now() - arrived;
    for (const shown of clocks.querySelectorAll("[data-left]")) {
      const minutes = Math.floor((Date.parse(shown.dateTime) - now) / 60000);
      const words = minutes >= 0 ? clocks.dataset.leftWords : clocks.dataset.pastWords;
      const whole = Math.abs(minutes < 0 ? minutes + 1 : minutes);
      const two = (number) => String(number).padStart(2, "0");
      shown.textContent = words.replace("HH", two(Math.floor(whole / 60))).replace("MM", two(whole % 60));
    }
  };
  setInterval(tick, 10000);
}
