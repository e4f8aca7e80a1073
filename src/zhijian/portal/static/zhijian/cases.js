// The inbox by keyboard: j and k walk, x picks, Enter opens; Shift picks a range. All of it also works by Tab and space.
"use strict";

for (const form of document.querySelectorAll("[data-bulk]")) {
  const rows = [...form.querySelectorAll("[data-row]")];
  const boxes = rows.map((row) => row.querySelector("input[type=checkbox]"));
  const count = form.querySelector("[data-bulk-count]");
  let current = -1;
  let last = -1;
  form.querySelector("[data-bulk-keys]").hidden = false;
  const tell = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    count.textContent = chosen ? count.dataset.some.replace("{n}", chosen) : "";
  };
  const go = (number) => {
    current = Math.min(rows.length - 1, Math.max(0, number));
    rows[current].querySelector("[data-open]").focus();
  };
  form.addEventListener("change", tell);
  form.addEventListener("click", (event) => {
    const place = boxes.indexOf(event.target);
    if (place < 0) return;
    if (event.shiftKey && last >= 0) {
      const [from, to] = [Math.min(place, last), Math.max(place, last)];
      for (let number = from; number <= to; number += 1) boxes[number].checked = event.target.checked;
      tell();
    }
    last = place;
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    if (event.key === "j") go(current + 1);
    else if (event.key === "k") go(current - 1);
    else if (event.key === "x" && current >= 0) {
      boxes[current].checked = !boxes[current].checked;
      tell();
    }
  });
  tell();
}
