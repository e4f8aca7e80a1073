// Checks in the visitor's own browser that a fact stands in a sealed log, and that one sealed log begins another.
// Independent of the server: RFC 9162 hashing by WebCrypto, the canonical form of docs/explanation/facts-and-seals.md.

/** The bytes that a hexadecimal text says. */
export const bytes = (hex) => {
  if (typeof hex !== "string" || !/^([0-9a-f]{2})*$/.test(hex)) throw new TypeError(`not hexadecimal: ${hex}`);
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
};
/** Bytes as hexadecimal text. */
export const hexadecimal = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
/** SHA-256 over parts, one after another. */
export async function hash(...parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) { joined.set(part, at); at += part.length; }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined));
}
const node = (left, right) => hash(Uint8Array.of(1), left, right);
const isHash = (data) => data.length === 32;
const isSize = (number) => Number.isSafeInteger(number) && number >= 0;
const half = (number) => Math.floor(number / 2); // >> would cut sizes beyond 2**31

/** The canonical JSON text of a value: sorted keys, no spaces, whole numbers only. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new TypeError(`not a whole number: ${value}`);
  if (value === undefined) throw new TypeError("nothing to hash");
  return JSON.stringify(value);
}

/** The leaf hash of a published fact, in hexadecimal. */
export async function factLeafHash(fact) {
  return hexadecimal(await hash(Uint8Array.of(0), new TextEncoder().encode(canonical(fact))));
}

/** Whether leaf `index` of the tree of `size` leaves with root `rootHex` is `leafHex` (RFC 9162, 2.1.3.2). */
export async function verifyInclusion(leafHex, index, size, proofHex, rootHex) {
  const proof = proofHex.map(bytes);
  let found = bytes(leafHex);
  if (!isSize(index) || !isSize(size) || index >= size || ![found, ...proof].every(isHash)) return false;
  let [position, last] = [index, size - 1];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      found = await node(sibling, found);
      while (position % 2 === 0 && position > 0) [position, last] = [half(position), half(last)];
    } else found = await node(found, sibling);
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && hexadecimal(found) === rootHex;
}

/** Whether the tree of `oldSize` leaves begins the tree of `newSize`, unchanged (RFC 9162, 2.1.4.2). */
export async function verifyConsistency(oldSize, newSize, oldRootHex, newRootHex, proofHex) {
  const path = proofHex.map(bytes);
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize || !path.every(isHash)) return false;
  if (oldSize === newSize) return path.length === 0 && oldRootHex === newRootHex;
  if (oldSize === 0) return path.length === 0 && oldRootHex === hexadecimal(await hash());
  let [position, last] = [oldSize - 1, newSize - 1];
  while (position % 2 === 1) [position, last] = [half(position), half(last)];
  if (position === 0) path.unshift(bytes(oldRootHex)); // a power of two: the older root is itself a node
  if (path.length === 0) return false;
  let [older, newer] = [path[0], path[0]];
  for (const step of path.slice(1)) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      [older, newer] = [await node(step, older), await node(step, newer)];
      while (position % 2 === 0 && position > 0) [position, last] = [half(position), half(last)];
    } else newer = await node(newer, step);
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && hexadecimal(older) === oldRootHex && hexadecimal(newer) === newRootHex;
}
