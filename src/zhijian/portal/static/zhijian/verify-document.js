// Holds a file in the visitor's hands against the sealed fingerprint. The file is read here and goes nowhere.
"use strict";

const check = document.getElementById("document-check");

async function compare(file) {
  const result = document.getElementById("document-result");
  result.textContent = check.dataset.working;
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  const hash = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const isSame = hash === check.dataset.sha256;
  result.textContent = isSame ? check.dataset.same : check.dataset.different;
  document.getElementById("sha256").value = hash;
  const answer = document.getElementById("document-answer");
  answer.classList.toggle("answer-ok", isSame && !check.dataset.void);
  answer.classList.toggle("answer-err", !isSame || Boolean(check.dataset.void));
}

// Without a secure connection browsers give no digest: the form below still works.
if (check && window.crypto?.subtle) {
  check.hidden = false;
  document.getElementById("document-file").addEventListener("change", (event) => {
    if (event.target.files.length) compare(event.target.files[0]);
  });
}
