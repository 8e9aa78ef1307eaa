// A part of a page that shows itself anew while something is going on: [data-live] holds the seconds to wait,
// "0" for none. It fetches the page it is on, with ?part=live, and takes over what came. Works without: then
// the page has a <meta http-equiv="refresh"> inside <noscript>.
(() => {
  "use strict";
  const part = document.querySelector("[data-live]");
  if (!part) return;
  let timer = 0;

  const keyOf = (fold) => fold.id || fold.querySelector("summary")?.textContent.trim();

  const isInUse = () => part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");

  function takeOver(html, seconds) {
    const open = new Set([...part.querySelectorAll("details[open]")].map(keyOf));
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    part.innerHTML = html;
    for (const fold of part.querySelectorAll("details")) if (open.has(keyOf(fold))) fold.open = true;
    if (focused) document.getElementById(focused)?.focus();
    part.dataset.live = seconds;
  }

  async function look() {
    if (!document.hidden && !isInUse()) {
      const address = new URL(location.href);
      address.searchParams.set("part", "live");
      try {
        const answer = await fetch(address, { credentials: "same-origin", redirect: "error" });
        if (answer.ok) takeOver(await answer.text(), answer.headers.get("X-Look-Again") || "0");
      } catch {
        // The network is away for a moment: the next look tells.
      }
    }
    plan();
  }

  function plan() {
    clearTimeout(timer);
    const seconds = Number(part.dataset.live);
    if (seconds > 0) timer = setTimeout(look, seconds * 1000);
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  plan();
})();
