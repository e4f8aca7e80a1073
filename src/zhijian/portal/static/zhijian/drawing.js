// A drawing's ＋ and － buttons: they are hidden until script is here. The picture also scrolls without them.
"use strict";

for (const frame of document.querySelectorAll("[data-drawing-frame]")) {
  const picture = frame.querySelector("svg.drawing");
  const scroller = frame.querySelector("[data-drawing-scroller]");
  const tools = frame.querySelector("[data-drawing-zoom]");
  if (!picture || !tools) continue;
  const [, , width, height] = picture.getAttribute("viewBox").split(" ").map(Number);
  let scale = 1;
  const show = (wanted) => {
    const middle = (scroller.scrollLeft + scroller.clientWidth / 2) / scale;
    scale = Math.min(3, Math.max(0.3, wanted));
    picture.setAttribute("width", String(Math.round(width * scale)));
    picture.setAttribute("height", String(Math.round(height * scale)));
    scroller.scrollLeft = middle * scale - scroller.clientWidth / 2;
  };
  const fit = () => show(scroller.clientWidth / width);
  tools.hidden = false;
  tools.querySelector("[data-zoom=in]").addEventListener("click", () => show(scale * 1.25));
  tools.querySelector("[data-zoom=out]").addEventListener("click", () => show(scale / 1.25));
  tools.querySelector("[data-zoom=fit]").addEventListener("click", fit);
  // Begin where the case stands, so that the current step is in sight.
  const current = picture.querySelector(".current");
  const toCurrent = () => {
    if (!current) return;
    const box = current.getBBox();
    scroller.scrollLeft = (box.x + box.width / 2 - Number(picture.getAttribute("viewBox").split(" ")[0])) * scale - scroller.clientWidth / 2;
  };
  if (width <= scroller.clientWidth * 1.25) fit();
  toCurrent();
  frame.closest("details")?.addEventListener("toggle", toCurrent);
}
