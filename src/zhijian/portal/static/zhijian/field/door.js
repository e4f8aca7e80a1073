// The code at the door changes every few minutes. With a network the page asks for it, picture and all; without one the
// phone works it out from the key of this check, as services.phone_code_of does on the server.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHANGING = 8;
const MARGIN_MS = 500;

const bytesOf = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));

export async function codeOf(key, handle, span) {
  const secret = await crypto.subtle.importKey("raw", bytesOf(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const drawn = new Uint8Array(await crypto.subtle.sign("HMAC", secret, new TextEncoder().encode(String(span))));
  const text = handle + [...drawn.slice(0, CHANGING)].map((byte) => ALPHABET[byte % 32]).join("");
  return text.match(/.{1,4}/g).join("-");
}

async function fromServer(box) {
  const answer = await fetch(box.dataset.address, { credentials: "same-origin", redirect: "error" });
  if (answer.status === 404) box.hidden = true; // the result is recorded: there is no code any more
  if (!answer.ok) throw new Error(`${answer.status}`);
  box.querySelector("[data-now]").innerHTML = await answer.text();
  box.querySelector("[data-code]").textContent = box.querySelector("[data-now] code").textContent;
}

async function onThePhone(box, span) {
  const code = await codeOf(box.dataset.key, box.dataset.handle, span);
  for (const place of box.querySelectorAll("[data-code], [data-now] code")) place.textContent = code;
  box.querySelector("[data-now] svg")?.remove();
}

async function renew(box) {
  const length = Number(box.dataset.seconds) * 1000;
  const span = Math.floor(Date.now() / length);
  let isAlone = false;
  try {
    await fromServer(box);
  } catch {
    isAlone = true;
    if (crypto.subtle) await onThePhone(box, span);
  }
  box.querySelector("[data-alone]").hidden = !isAlone;
  setTimeout(() => renew(box), (span + 1) * length - Date.now() + MARGIN_MS);
}

for (const box of document.querySelectorAll("[data-visit-code]")) {
  renew(box);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && fromServer(box).catch(() => {}));
}
