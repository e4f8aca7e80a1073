// Checks on this device that a fact stands in the sealed log: grey until then, green or red after.
import { factLeafHash, verifyInclusion } from "./inclusion.js";

const panel = document.getElementById("proof");
const button = document.getElementById("check");

async function check() {
  const { fact, proof } = JSON.parse(panel.dataset.material);
  const leaf = await factLeafHash(fact);
  const same = leaf === proof.leaf_hash;
  const stands = same && await verifyInclusion(leaf, proof.index, proof.tree_size, proof.proof, proof.root);
  panel.dataset.state = stands ? "checked" : "failed";
  document.getElementById("proof-verdict").textContent = stands ? panel.dataset.checked : panel.dataset.failed;
  document.getElementById("proof-title").focus();
}

button.hidden = false;
button.addEventListener("click", check);
