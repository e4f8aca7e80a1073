// A roll has no page: the paper is cut where the text ends. So the page of a roll is made as long as its slip.

const MM = 96 / 25.4;
const slip = document.querySelector(".slip");
const roll = getComputedStyle(slip).getPropertyValue("--roll").trim();
const name = slip.dataset.page;

function fit() {
  if (!roll) return;
  const length = Math.ceil(slip.getBoundingClientRect().height / MM) + 2;
  const sheet = [...document.styleSheets].find((one) => one.href?.includes("/print/paper"));
  const before = [...sheet.cssRules].findIndex((rule) => rule.cssText.startsWith("@page") && rule.selectorText === name && rule.style.size.endsWith(".5mm"));
  if (before >= 0) sheet.deleteRule(before);
  sheet.insertRule(`@page ${name} { size: ${roll} ${length + 0.5}mm; margin: 0; }`, sheet.cssRules.length);
}

document.querySelector("[data-print]").hidden = false;
document.querySelector("[data-print]").addEventListener("click", () => window.print());
window.addEventListener("beforeprint", fit);
fit();
document.documentElement.dataset.print = "ready";
