// Search and "select all / none" for a list of checkboxes inside [data-states]. Without it the boxes just work.
(() => {
  "use strict";
  const group = document.querySelector("[data-states]");
  if (!group) return;
  const boxes = [...group.querySelectorAll('input[type="checkbox"]')];
  const shown = (box) => !box.closest("label").parentElement.hidden;
  const count = () => { group.querySelector("[data-count]").textContent = `${boxes.filter((box) => box.checked).length} / ${boxes.length}`; };

  group.querySelector("[data-tools]").hidden = false;
  group.querySelector("[data-search]").addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const box of boxes) {
      const label = box.closest("label");
      label.parentElement.hidden = !`${label.textContent} ${box.value}`.toLowerCase().includes(wanted);
    }
  });
  group.querySelector("[data-search]").addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  for (const button of group.querySelectorAll("[data-select]")) {
    button.addEventListener("click", () => {
      for (const box of boxes.filter(shown)) box.checked = button.dataset.select === "all";
      count();
    });
  }
  group.addEventListener("change", count);
  count();
})();
