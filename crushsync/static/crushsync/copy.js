// A button with data-copy="<id>" copies the text of that element. Without it the text selects itself on a click.
(() => {
  "use strict";
  if (!navigator.clipboard) return;
  const show = () => { for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false; };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    button.classList.add("done");
  });
  new MutationObserver(show).observe(document.body, { childList: true, subtree: true });
  show();
})();
