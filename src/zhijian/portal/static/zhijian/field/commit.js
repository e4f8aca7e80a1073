// A party's secret number is made here, on the party's own device. The server sees its commitment first, and the
// number itself only when the party reveals it.

const place = (form) => `zhijian-secret/${form.dataset.plan}/${form.dataset.attempt}/${form.dataset.party}`;
const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function commitment({ plan, attempt, party }, nonce) {
  const lines = ["zhijian-draw/1 commitment", plan, attempt, party, nonce].map((line) => `${line}\n`).join("");
  return hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(lines)));
}

const committing = document.querySelector("[data-commit]");
if (committing && crypto.subtle) {
  const make = committing.querySelector("[data-make]");
  make.hidden = false;
  make.addEventListener("click", async () => {
    const nonce = localStorage.getItem(place(committing)) ?? hex(crypto.getRandomValues(new Uint8Array(32)));
    localStorage.setItem(place(committing), nonce);
    committing.querySelector("[data-secret]").textContent = nonce;
    committing.elements.commitment.value = await commitment(committing.dataset, nonce);
  });
}

const revealing = document.querySelector("[data-reveal]");
if (revealing) revealing.elements.nonce.value = localStorage.getItem(place(revealing)) ?? "";
