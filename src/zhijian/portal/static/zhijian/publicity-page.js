// The panel "nothing is missing": fetches the proof about a code and has this device check it.
// This device remembers the roots that it saw, so that it notices a second root for a day and a day that was forgotten.
import { factLeafHash, verifyInclusion } from "./inclusion.js";
import { checkList, differences, isChain, isSigned, statementHash } from "./publicity.js";

const KEPT = "zhijian-day-roots";
const MOST_KEPT = 60;
const panel = document.getElementById("whole");
const button = document.getElementById("whole-check");
const words = panel.dataset;

const remembered = () => {
  try { return JSON.parse(localStorage.getItem(KEPT)) ?? {}; } catch { return {}; }
};
async function remember(roots) {
  const kept = remembered();
  for (const { statement } of roots) kept[statement.day] = await statementHash(statement);
  const newest = Object.entries(kept).sort().slice(-MOST_KEPT);
  try { localStorage.setItem(KEPT, JSON.stringify(Object.fromEntries(newest))); } catch { /* a private window keeps nothing */ }
}
async function get(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function row(isRight, message) {
  const line = document.createElement("li");
  line.className = isRight === null ? "check" : `check ${isRight ? "yes" : "no"}`;
  const sign = document.createElement("strong");
  sign.textContent = isRight === null ? `– ${words.open}` : isRight ? `✓ ${words.pass}` : `✕ ${words.fail}`;
  const said = document.createElement("span");
  said.textContent = message;
  line.append(sign, said);
  return line;
}

// What the page itself shows must be what was proved; what came after the root was made is said apart.
function comparePage(answer) {
  const shown = new Set(words.shown.split(" ").filter(Boolean));
  const proved = (answer.leaf?.items ?? []).map((item) => item.fact_id);
  const hidden = proved.filter((id) => !shown.has(id)).length;
  const newer = answer.is_withheld ? 0 : [...shown].filter((id) => !proved.includes(id)).length;
  return { hidden, newer };
}

async function inLog(day, before) {
  for (const one of [day, before].filter(Boolean)) {
    const { fact, inclusion } = await get(`/api/v1/publicity/roots/${one}`);
    if (inclusion === null) continue;
    const leaf = await factLeafHash(fact);
    const stands = await verifyInclusion(leaf, inclusion.index, inclusion.tree_size, inclusion.proof, inclusion.root);
    return { day: one, stands };
  }
  return { day, stands: null };
}

async function check() {
  button.disabled = true;
  say("answer-neutral", words.working, "");
  try {
    const answer = await get(`/api/v1/publicity/${encodeURIComponent(words.code)}`);
    await conclude(answer);
  } catch (problem) {
    say("answer-err", words.unloaded.replace("{message}", problem.message), "");
  }
  button.disabled = false;
  document.getElementById("whole-title").focus();
}

async function conclude(answer) {
  const kept = remembered();
  const since = Object.keys(kept).sort()[0] ?? answer.day;
  const { roots } = await get(`/api/v1/publicity/roots?since=${since < answer.day ? since : answer.day}`);
  const chain = roots.some((one) => one.statement.day === answer.day) ? roots : [...roots, answer.signed];
  const [list, signature, linked, { split, lost }, log] = await Promise.all([
    checkList(answer), isSigned(answer.signed), isChain(chain), differences(kept, [...chain, answer.signed]),
    inLog(answer.day, answer.signed.statement.previous_day),
  ]);
  const { hidden, newer } = comparePage(answer);
  const rows = [
    row(list === "broken" ? false : list === "withheld" ? null : true, words[`list_${list}`] ?? words.list_broken),
    row(hidden === 0, hidden ? words.hidden.replace("{count}", hidden) : words.samePage),
    row(signature, signature === null ? words.noSignature : signature ? words.signed : words.unsigned),
    row(linked && !split.length && !lost.length, split.length ? words.split.replace("{days}", split.join(" ")) :
      lost.length ? words.lost.replace("{days}", lost.join(" ")) : linked ? words.chained : words.unchained),
    row(log.stands, (log.stands === null ? words.unsealed : log.stands ? words.inLog : words.notInLog).replace("{day}", log.day)),
  ];
  document.getElementById("whole-checks").replaceChildren(...rows);
  document.getElementById("whole-checks").hidden = false;
  const isRight = list !== "broken" && !hidden && signature !== false && linked && !split.length && !lost.length && log.stands !== false;
  if (isRight) await remember([...chain, answer.signed]);
  const count = answer.leaf?.items.length ?? 0;
  const title = !isRight ? words.no : { none: words.none, withheld: words.withheld }[list] ?? words.yes.replace("{count}", count);
  const tone = !isRight ? "answer-err" : list === "withheld" ? "answer-neutral" : "answer-ok";
  say(tone, title, words.asOf.replace("{day}", answer.day) + (newer ? words.newer.replace("{count}", newer) : ""));
  panel.dataset.state = isRight ? list : "failed";
}

function say(tone, title, detail) {
  document.getElementById("whole-answer").className = `answer ${tone}`;
  document.getElementById("whole-title").textContent = title;
  document.getElementById("whole-detail").textContent = detail;
}

button.hidden = false;
button.addEventListener("click", check);
