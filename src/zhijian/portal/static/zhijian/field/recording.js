// Reckons the SHA-256 of a film piece by piece in the browser: gigabytes stay on the computer, only the hash is sent.
// WebCrypto hashes only what is whole in memory, so the rounds stand here (FIPS 180-4).

const K = new Uint32Array(64);
const FIRST = new Uint32Array(8);
const PIECE_BYTES = 4 * 1024 * 1024;

function fraction(value) {
  return ((value - Math.floor(value)) * 2 ** 32) >>> 0;
}

for (let number = 2, found = 0; found < 64; number += 1) {
  let isPrime = true;
  for (let factor = 2; factor * factor <= number; factor += 1) if (number % factor === 0) isPrime = false;
  if (!isPrime) continue;
  if (found < 8) FIRST[found] = fraction(number ** (1 / 2));
  K[found] = fraction(number ** (1 / 3));
  found += 1;
}

export class Sha256 {
  constructor() {
    this.state = Uint32Array.from(FIRST);
    this.words = new Uint32Array(64);
    this.rest = new Uint8Array(64);
    this.held = 0;
    this.bytes = 0;
  }

  update(data) {
    this.bytes += data.length;
    let at = 0;
    if (this.held) {
      const take = Math.min(64 - this.held, data.length);
      this.rest.set(data.subarray(0, take), this.held);
      this.held += take;
      at = take;
      if (this.held === 64) {
        this.block(this.rest, 0);
        this.held = 0;
      }
    }
    for (; at + 64 <= data.length; at += 64) this.block(data, at);
    if (at < data.length) {
      this.rest.set(data.subarray(at), 0);
      this.held = data.length - at;
    }
    return this;
  }

  block(data, start) {
    const w = this.words;
    for (let i = 0, at = start; i < 16; i += 1, at += 4) {
      w[i] = (data[at] << 24) | (data[at + 1] << 16) | (data[at + 2] << 8) | data[at + 3];
    }
    for (let i = 16; i < 64; i += 1) {
      const x = w[i - 15];
      const y = w[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = this.state;
    for (let i = 0; i < 64; i += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => {
      this.state[i] += value;
    });
  }

  hex() {
    const bits = this.bytes * 8;
    const tail = new Uint8Array(((this.held < 56 ? 64 : 128) - this.held));
    tail[0] = 0x80;
    const view = new DataView(tail.buffer);
    view.setUint32(tail.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(tail.length - 4, bits >>> 0);
    this.update(tail);
    return [...this.state].map((word) => word.toString(16).padStart(8, "0")).join("");
  }
}

export async function hashOf(file, told = () => {}) {
  const hash = new Sha256();
  for (let at = 0; at < file.size; at += PIECE_BYTES) {
    hash.update(new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer()));
    told(Math.min(1, (at + PIECE_BYTES) / file.size));
  }
  return hash.hex();
}

for (const input of document.querySelectorAll("[data-hash-file]")) {
  const form = input.form;
  const words = form.querySelector("[data-hash-words]");
  input.closest("[data-hash-box]").hidden = false;
  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (!file) return;
    const button = form.querySelector("[data-hash-button]");
    button.disabled = true;
    const hash = await hashOf(file, (part) => {
      words.textContent = `${Math.floor(part * 100)}%`;
    });
    form.elements.sha256.value = hash;
    if (form.elements.size_bytes) form.elements.size_bytes.value = file.size;
    words.textContent = words.dataset.done;
    button.disabled = false;
  });
}
