// Quickens what already works without script: a file that is too large is named before it is sent, the focus goes to
// what is wrong, a licence's QR code is read where the phone can, the receipt is printed.
"use strict";

function focusProblems() {
  const summary = document.querySelector(".error-summary");
  if (summary) summary.focus();
}

function refuseLargeFiles() {
  for (const form of document.querySelectorAll("[data-upload]")) {
    const input = form.querySelector("input[type=file]");
    const error = form.querySelector("[data-upload-error]");
    input.addEventListener("change", () => {
      const large = [...input.files].find((file) => file.size > Number(form.dataset.limit));
      error.hidden = !large;
      error.textContent = large ? `${large.name}：${form.dataset.tooLarge}` : "";
      if (large) input.value = "";
    });
  }
}

// Reads the QR code on the device; the picture goes nowhere.
async function readLicence(file, box) {
  const status = box.querySelector("[data-scan-status]");
  try {
    const picture = await createImageBitmap(file);
    const [found] = await new BarcodeDetector({ formats: ["qr_code"] }).detect(picture);
    if (!found) throw new Error("none");
    const input = document.getElementById("id_q");
    input.value = found.rawValue.slice(0, 500);
    input.form.querySelector("[value=search]").click();
  } catch {
    status.textContent = status.dataset.none;
  }
}

function offerScanning() {
  const box = document.querySelector("[data-scan]");
  if (!box || !("BarcodeDetector" in window)) return;
  box.hidden = false;
  box.querySelector("input").addEventListener("change", (event) => {
    if (event.target.files[0]) readLicence(event.target.files[0], box);
  });
}

function offerPrinting() {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

focusProblems();
refuseLargeFiles();
offerScanning();
offerPrinting();
