// Checks in the visitor's own browser that the list of a code is whole, or that nothing is public about it.
// Independent of the server: docs/explanation/nothing-is-missing.md is all that it was written from.
import { bytes, canonical, hash, hexadecimal } from "./inclusion.js";

const text = (value) => new TextEncoder().encode(value);
const bit = (key, depth) => (key[depth >> 3] >> (7 - (depth & 7))) & 1;

/** The hash by which the next day's root names a statement. */
export const statementHash = async (statement) => hexadecimal(await hash(text(canonical(statement))));

/** What a proof of `code` gives: its root, and the hash of the list under the code, null where nothing is. */
export async function follow(proof, code) {
  const key = await hash(text(code));
  const { path, end } = proof;
  if (proof.form !== "zhijian-publicity-proof/1" || !/^[01]{0,256}$/.test(path)) throw new TypeError("not a proof");
  const given = Uint8Array.from(atob(proof.siblings), (one) => one.charCodeAt(0));
  if (given.length !== 32 * path.split("1").slice(1).length) throw new TypeError("siblings do not fit the path");
  let found = new Uint8Array(32);
  let value = null;
  if (end !== null) {
    const [leafKey, leafValue] = end.map(bytes);
    if (leafKey.length !== 32 || leafValue.length !== 32) throw new TypeError("the end is not two hashes");
    for (let depth = 0; depth < path.length; depth += 1) {
      if (bit(leafKey, depth) !== bit(key, depth)) throw new TypeError("the end does not lie on the way of the code");
    }
    found = await hash(Uint8Array.of(0), leafKey, leafValue);
    if (hexadecimal(leafKey) === hexadecimal(key)) value = hexadecimal(leafValue);
  }
  let taken = given.length;
  for (let depth = path.length - 1; depth >= 0; depth -= 1) {
    let beside = new Uint8Array(32);
    if (path[depth] === "1") { taken -= 32; beside = given.slice(taken, taken + 32); }
    found = bit(key, depth) ? await hash(Uint8Array.of(1), beside, found) : await hash(Uint8Array.of(1), found, beside);
  }
  return { root: hexadecimal(found), value };
}

/** Whether a root is rightly signed; null where this browser cannot check Ed25519. */
export async function isSigned(signed) {
  if (signed.statement.form !== "zhijian-publicity-root/1") return false;
  let key;
  try {
    key = await crypto.subtle.importKey("raw", bytes(signed.key), "Ed25519", false, ["verify"]);
  } catch (problem) {
    if (problem.name === "NotSupportedError") return null;
    return false;
  }
  return crypto.subtle.verify("Ed25519", key, bytes(signed.signature), text(canonical(signed.statement)));
}

/** Whether the list of an answer is exactly what its root commits to: "whole", "none", "withheld" or "broken". */
export async function checkList(answer) {
  const { statement } = answer.signed;
  const { root, value } = await follow(answer.proof, answer.uscc);
  if (root !== statement.root || answer.day !== statement.day) return "broken";
  if (value === null) return answer.leaf === null ? "none" : "broken";
  if (answer.leaf === null) return "withheld";
  const isSame = hexadecimal(await hash(text(canonical(answer.leaf)))) === value && answer.leaf.uscc === answer.uscc;
  const isOver = answer.leaf.items.some((item) => item.public_until !== null && item.public_until < statement.day);
  return isSame && !isOver ? "whole" : "broken";
}

/** Whether roots, oldest first, are signed by one key and each names the one before it. */
export async function isChain(roots) {
  for (let at = 0; at < roots.length; at += 1) {
    if (await isSigned(roots[at]) === false || roots[at].key !== roots[0].key) return false;
    if (at === 0) continue;
    const [before, { statement }] = [roots[at - 1].statement, roots[at]];
    if (statement.previous_day !== before.day || statement.previous_hash !== await statementHash(before)) return false;
  }
  return true;
}

/** The days of which this device saw another root, and those that a chain forgot; `kept` is {day: hash}. */
export async function differences(kept, roots) {
  const shown = Object.fromEntries(await Promise.all(roots.map(
    async ({ statement }) => [statement.day, await statementHash(statement)])));
  const days = Object.keys(shown).sort();
  const within = Object.keys(kept).filter((day) => day >= days[0] && day <= days[days.length - 1]);
  return {
    split: within.filter((day) => day in shown && shown[day] !== kept[day]),
    lost: within.filter((day) => !(day in shown)),
  };
}
