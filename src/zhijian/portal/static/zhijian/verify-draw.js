// Verify a draw file of protocol zhijian-draw/1 in the visitor's browser: WebCrypto only, no request to any server.
// Written from docs/explanation/draw-protocol.md, not from the engine, and sharing nothing with the Python verifier.
export const VERSION = "zhijian-draw/1", WITH_METHODS = "zhijian-draw/2";  // the files of both look alike; the second adds sampling methods
const CHECKS = { file: "文件逐行完整|The file is whole", ledger: "文件内的事件首尾相接，只抽一次|One chain of events, one run in this file", times: "冻结和承诺先于公共随机数|Freeze and commitments came first",
  roster: "名单与冻结时公布的指纹一致|The roster is the frozen one", weights: "各层户数、抽数和权重合乎规则|Sizes and weights follow the rule", seed: "种子由承诺和公共随机数推出|The seed follows",
  sample: "抽中名单逐户一致|The sample agrees, one by one", inspectors: "检查人员配对逐组一致|The inspectors agree, team by team", results: "检查结果齐全，未被改动|Results are complete and unchanged" };
const ORDER = ["event", "object", "inspector", "drawn", "reserve", "slot", "result"];
const OBJECT = /^(?:[0-9A-HJ-NPQRTUWXY]{18}|OBJ-[0-9]{6}-[0-9]{3,8})$/, LEAF = /^[0-9a-f]{64}$/, SECRET = /^(?:[0-9a-f]{2}){16,64}$/, DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/, CLOCK = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+08:00$/;
const isWhole = (value, low = 0, high = Number.MAX_SAFE_INTEGER) => Number.isSafeInteger(value) && value >= low && value <= high, matches = (pattern, value) => typeof value === "string" && pattern.test(value);
const bytesOf = (text) => new TextEncoder().encode(text), unhex = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hexOf = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
const digest = (bytes) => crypto.subtle.digest("SHA-256", bytes), sha = async (text) => hexOf(await digest(bytesOf(text)));
const tagged = (what, ...fields) => sha([`${VERSION} ${what}`, ...fields].map((field) => `${field}\n`).join("")), node = (...parts) => digest(Uint8Array.from(parts.flatMap((part) => [...new Uint8Array(part)])));
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0), sameJson = (a, b) => canon(a) === canon(b);
function canon(value) {
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new TypeError(`${value} is not a whole number`);
  if (value === null || typeof value !== "object" || Array.isArray(value)) return Array.isArray(value) ? `[${value.map(canon).join(",")}]` : JSON.stringify(value) ?? "null";
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canon(value[key])}`).join(",")}}`; }
async function root(rows) {  // RFC 9162, level by level: an odd node at the end moves up unchanged
  let level = await Promise.all(rows.length ? rows.map(({ row }) => node([0], bytesOf(canon(row)))) : [node()]);
  while (level.length > 1) level = await Promise.all(Array.from({ length: Math.ceil(level.length / 2) }, (_, i) => (2 * i + 1 < level.length ? node([1], level[2 * i], level[2 * i + 1]) : level[2 * i])));
  return hexOf(level[0]); }
function parsed(text) {
  try { const row = JSON.parse(text); return canon(row) === text && !/\\ud[89a-f]/.test(text) ? row : null; } catch { return null; } }
async function read(text, key, fail, progress = () => {}) {
  const lines = text.split("\n"), header = `{"protocol":"${VERSION}","${key}":[`, rows = []; const end = lines.length > 3 && lines.at(-1) === "" ? /^\],"sha256":"([0-9a-f]{64})"\}$/.exec(lines.at(-2)) : null;
  if (lines[0] !== header || !end) return fail(true, "unreadable", lines[0] === header ? lines.length : 1, "读不懂：不是抽签文件，或被截断|not a draw file, or cut off") ?? rows;
  let check = (await sha(`${header}\n`)).slice(0, 16);
  for (let i = 1; i < lines.length - 2; i += 1) {
    const found = /^\["([0-9a-f]{16})",(\{[^]*\})\](,?)$/.exec(lines[i]); check = found && (await sha(check + found[2])).slice(0, 16);
    const row = found?.[1] === check && (found[3] === ",") === (i < lines.length - 3) ? parsed(found[2]) : null;
    if (!row) return fail(true, "file", i + 1, "这一行被改动，或它前面有增删|changed, or lines before it added or dropped") ?? rows;
    rows.push({ at: i + 1, row }); if (i % 500 === 0) progress(i, lines.length); }
  fail(await sha(`${lines.slice(0, -2).join("\n")}\n`) !== end[1], "file", lines.length - 1, "文件末尾的指纹不符|the last line is wrong");
  return rows; }
/** The least weight that a draw of n by weight takes for sure (null: none), how many have it, and the sum of all others. */
export function settle(weights, n) {
  let left = BigInt(n), rest = weights.reduce((sum, weight) => sum + BigInt(weight), 0n), sure = 0, least = null;
  for (const weight of [...weights].sort((a, b) => b - a)) {
    if (left === 0n || left * BigInt(weight) < rest) break;
    left -= 1n; rest -= BigInt(weight); sure += 1; least = weight; }
  return { least, sure, rest }; }
const divisor = (a, b) => (b ? divisor(b, a % b) : a);
/** The exact chance of one object as text in lowest terms, of what `settle` found. */
export function chanceOf(weight, n, { least, sure, rest }) {
  const points = BigInt(n - sure) * BigInt(weight), isSure = (least !== null && weight >= least) || points >= rest, common = divisor(points, rest);
  return isSure ? "1/1" : `${points / common}/${rest / common}`; }
async function walk(keyed, label, order, n) {  // each object is n·weight long; n points stand `whole` apart from a random start
  if (n === 0) return [];
  const whole = order.reduce((sum, { weight }) => sum + BigInt(weight), 0n), limit = 2n ** 256n - (2n ** 256n % whole), hits = []; let turn = 0, point = limit, reached = 0n;
  for (; point >= limit; turn += 1) point = BigInt(`0x${await keyed(await tagged("start", label, turn))}`);
  point %= whole;
  for (const { leaf, weight } of order) {
    reached += BigInt(n) * BigInt(weight);
    if (point < reached) { hits.push(leaf); point += whole; } }
  return hits; }
/** One stratum drawn by its method: its leaves in the order drawn, then the reserve in order of rank/weight. */
export async function pick(keyed, { label, method = "simple", order = "random", drawn }, objects) {
  const queue = [...objects].sort(byChance).map(({ leaf }) => leaf); if (method === "simple") return queue;
  const { least, sure } = method === "pps" ? settle(objects.map(({ weight }) => weight), drawn) : { least: null, sure: 0 };
  const isSure = ({ weight }) => least !== null && weight >= least, place = ({ sort }) => (order === "declared" ? sort : 0);
  const path = objects.filter((one) => !isSure(one)).sort((a, b) => place(a) - place(b) || compare(a.rank, b.rank) || compare(a.leaf, b.leaf));
  const taken = [...objects.filter(isSure).map(({ leaf }) => leaf).sort(compare), ...await walk(keyed, label, path, drawn - sure)], known = new Set(taken);
  return [...taken, ...queue.filter((leaf) => !known.has(leaf))]; }
class Verification {
  constructor(text, ledgerText, onProgress) { Object.assign(this, { text, ledgerText, onProgress, faults: {}, objects: [], events: [], notes: {} }); }
  fail(isWrong, check, line, message) { if (isWrong && !this.faults[check]) this.faults[check] = { line, message }; }
  note(check, message, ok = true) { this.notes[check] = { ok, message }; }  // ok is null for what could not be compared
  of(...kinds) { return this.rows.filter(({ row }) => kinds.includes(row.kind)); }
  async run() {
    let stage = "file", fail = this.fail.bind(this), steps = ["ceremony", "roster", "strata", "seed", "sample", "results", "kept"];
    try {
      this.rows = await read(this.text, "lines", fail, (done, of) => this.onProgress({ stage, done, of }));
      for (stage of Object.keys(this.faults).length ? [] : steps) { this.onProgress({ stage, done: 0, of: this.rows.length }); await this[stage](); }
    } catch (why) { fail(true, "file", null, `内容不合协议（${stage}：${why.message}）|against the protocol (${stage}: ${why.message})`); }
    return this; }
  async ceremony() {
    for (let i = 0, last = 0, place; i < this.rows.length; i += 1, last = place) {
      place = ORDER.indexOf(this.rows[i].row.kind);
      this.fail(place < 0 || place < last, "file", this.rows[i].at, "记录的种类或次序不合协议|a record of unknown kind, or out of order"); }
    for (const { at, row: { event, body } } of this.of("event")) {
      const last = this.events.at(-1)?.event, loose = !isWhole(event.n, 1) || last && (event.n <= last.n || (event.n === last.n + 1 && event.previous !== await tagged("event", canon(last))));
      const isBody = Object.prototype.toString.call(body) === "[object Object]"; this.fail(loose || !isBody || await sha(canon(body)) !== event.body_sha256, "ledger", at, "事件被改动，或没有接上前一事件|event changed, or it breaks the chain");
      this.fail(!matches(CLOCK, event.at) || (last && event.at < last.at), "times", at, "时间早于前一事件|earlier than the event before it");
      this.events.push({ at, event, body }); if (!isBody) throw new TypeError("a body is no object"); }
    const [{ event: first, body: plan }] = this.events, keys = plan.parties.map((party) => party.key), parties = new Set(keys); Object.assign(this, { plan, head: [first.plan, first.attempt], by: {}, methods: plan.protocol === WITH_METHODS });
    for (const one of this.events) { this.by[one.event.kind] = one; this.by[`${one.event.kind} ${one.body.party}`] = one; }
    const steps = ["announced", "frozen", ...keys.map(() => "committed"), "public_value", ...keys.map(() => "revealed"), "drawn"], { freeze_at: freeze, commit_until: commit, reveal_until: end, source: { exists_at: exists } } = plan;
    const bounds = { announced: ["", freeze], frozen: [freeze, commit], committed: [freeze, commit], revealed: [exists, end] };
    const ordered = freeze < commit && commit < exists && exists < end && [freeze, commit, exists, end].every((time) => matches(CLOCK, time)) && matches(DATE, plan.inspection_until);
    const accounts = new Map(plan.parties.map(({ key, account }) => [key, account])), announced = this.events[0].at, attempt = (plan.redraw_of?.attempt ?? 0) + 1;
    this.events.forEach(({ at, event, body }, i) => {
      const strange = i < steps.length ? event.kind !== steps[i] : !["published", "outcomes"].includes(event.kind), [low, high] = bounds[event.kind] ?? [exists, "9"];
      this.fail(strange || event.plan !== first.plan || event.attempt !== first.attempt, "ledger", at, "步骤多出、缺少或错位（第二次抽取？）|step missing or extra (a second run?)");
      this.fail(["committed", "revealed"].includes(event.kind) && accounts.get(body.party) !== event.actor, "ledger", at, "承诺或揭示的不是公告的经办人|not the announced account committed or revealed");
      this.fail(!ordered || event.at < low || event.at > high, "times", at, "时间不合公告的次序|the time breaks the announced order"); });
    const fits = plan.plan_id === first.plan && plan.attempt === first.attempt && attempt === first.attempt && parties.size === keys.length && Math.min(parties.size, new Set(accounts.values()).size) >= Math.max(2, keys.length);
    const wellFormed = [VERSION, WITH_METHODS].includes(plan.protocol) && ["open", "salted"].includes(plan.mode) && matches(/^[A-Za-z0-9-]{1,60}$/, plan.plan_id) && isWhole(plan.attempt, 1);
    this.fail(!fits || !wellFormed, "ledger", announced, "公告的协议、方式、编号、次数或承诺方（至少两个账号）不合规定|announcement: protocol, mode, plan, attempt or parties (two accounts) malformed");
    if (attempt > 1) this.note("ledger", `文件称这是第${attempt}次，此前已作废（请用总账核对）|The file says: attempt ${attempt}, earlier ones voided (check with a ledger)`); }
  async roster() {
    const { at: line, body: frozen } = this.by.frozen, salted = this.plan.mode === "salted"; Object.assign(this, { frozen, line, roll: this.of("object"), pool: this.of("inspector") });
    for (const { at, row: one } of this.roll) {
      const own = salted ? one.leaf : matches(OBJECT, one.object) && await tagged("object", ...this.head, "", one.object, one.stratum, one.weight, ...(this.methods ? [one.sort] : []));
      this.fail(own !== one.leaf, "roster", at, "对象、层或权重与叶值不符，或不是信用代码|object, stratum or weight does not fit the leaf, or no credit code");
      this.fail(!isWhole(one.weight, 1, salted ? 1 : undefined), "weights", at, "权重不合规定|weight not allowed"); }
    for (const rows of [this.roll, this.pool]) rows.forEach(({ at, row }, i) => {
      const isOdd = row.kind === "inspector" && !(matches(DATE, row.valid_until) && matches(/^[0-9]{6}$/, row.division) && [row.skills, row.recused].every(Array.isArray)) || !matches(LEAF, row.leaf) || (rows[i - 1]?.row.leaf ?? "") >= row.leaf;
      this.fail(isOdd, "roster", at, "叶值不合规定、重复或没有排序，或人员的区划或日期有误|leaf malformed, repeated or out of order, or an inspector's division or date is"); });
    this.fail(new Set(this.roll.map(({ row }) => row.object ?? row.leaf)).size < this.roll.length, "roster", line, "同一对象出现多次|one object stands there twice");
    const found = [this.roll.length, await root(this.roll), this.pool.length, await root(this.pool)];
    this.fail(!sameJson(found, [frozen.objects, frozen.roster_root, frozen.inspectors, frozen.inspector_root]), "roster", line, "名单与冻结的指纹不符：有增、删或改|roster differs from the freeze: edit, drop or addition");
    this.fail(!salted && this.plan.design.follows_class, "roster", line, "按分类分层却不加盐|strata follow the class without salt"); }
  strata() {
    const { frozen, line, plan: { design } } = this, rates = Object.fromEntries(design.rates.map((rate) => [rate.key, rate.per_10000]));
    const loose = new Set(design.rates.map(({ key }) => key)).size < design.rates.length || new Set(frozen.strata.map((one) => one.label)).size < frozen.strata.length;
    const bounded = [design.reserve_per_10000, ...Object.values(rates)].every((rate) => isWhole(rate, 0, 10000));
    this.fail(loose || !bounded, "weights", this.events[0].at, "抽取或候补比例越界，或比例、层有重复|a rate is out of bounds, or a rate or stratum stands twice");
    const sizes = {}, share = {}, quota = {}, sum = (values) => values.reduce((a, b) => a + b, 0);
    for (const { row } of this.roll) sizes[row.stratum] = (sizes[row.stratum] ?? 0) + 1;
    for (const one of frozen.strata) { share[one.label] = one.objects * rates[one.rate]; quota[one.label] = Math.floor(share[one.label] / 10000); }
    const spare = Math.floor((sum(Object.values(share)) + 5000) / 10000) - sum(Object.values(quota));
    for (const key of Object.keys(quota).sort((a, b) => (share[b] % 10000) - (share[a] % 10000) || compare(a, b)).slice(0, Math.max(0, spare))) quota[key] += 1;
    const numbers = Object.fromEntries(frozen.strata.map(({ label }) => [label, design.at_least_one && share[label] > 0 ? Math.max(1, quota[label]) : quota[label]]));
    if (this.methods) this.byMethods(design, numbers, rates);
    for (const one of frozen.strata) {
      const n = numbers[one.label], reserve = Math.min(one.objects - n, Math.ceil(n * design.reserve_per_10000 / 10000));
      this.fail(!sameJson([one.objects, one.drawn, one.reserve], [sizes[one.label] ?? 0, n, reserve]), "weights", line, `层${one.label}的户数或抽数不合规则|stratum ${one.label} does not follow the rule`);
      delete sizes[one.label]; }
    this.fail(Object.keys(sizes).length, "weights", line, "有的对象不属于公布的层|some objects lie in no published stratum");
    const codes = new Set(frozen.areas.map((area) => area.code)), members = frozen.areas.flatMap((area) => (area.members.length ? area.members : [""]));
    const isApart = codes.size === frozen.areas.length && new Set(members).size === members.length && members.every((one) => matches(/^(?!0{6})[0-9]{6}$/, one));
    const isCovered = frozen.strata.every((one) => codes.has(one.area)) && sum(frozen.areas.map((area) => area.objects)) === frozen.objects;
    this.fail(!isApart || !isCovered, "roster", line, "地区重叠、缺少或不合规定|areas overlap, are missing or malformed");
    for (const { code, objects, register, excluded } of frozen.areas) {
      const here = sum(frozen.strata.filter((one) => one.area === code).map((one) => one.objects)), counted = Array.isArray(excluded) && excluded.every((one) => isWhole(one.count) && one.reason.trim());
      const agrees = here === objects && counted && (register === null || isWhole(register) && register === here + sum(excluded.map((one) => one.count)));
      this.fail(!agrees, "roster", line, `${code}户数与登记簿不符|${code} disagrees with the register`);
      if (register === null) this.note("register", "未与登记簿户数比对：文件没有给出|Not compared with the register: the file gives no count", null); } }
  byMethods(design, numbers, rates) {
    const { frozen, line, plan: { mode } } = this, ways = Object.fromEntries(design.rates.map(({ key, method, order }) => [key, [method, order]])), top = this.events[0].at, sum = (values) => values.reduce((a, b) => a + b, 0);
    const allowed = ["simple random", "systematic random", ...(mode === "salted" ? [] : ["systematic declared", "pps random", "pps declared"])], every = Object.values(ways);
    const isSaid = every.some(([method]) => method === "pps") === Boolean(design.weight_by) && every.some(([, order]) => order === "declared") === Boolean(design.sort_by);
    this.fail(!isSaid || !every.every((way) => allowed.includes(way.join(" "))) || !isWhole(design.at_least_per_area, 0, 10000), "weights", top, "抽样方法、次序或每地区最少户数不合规定|sampling methods, orders or the minimum per area are malformed");
    for (const area of new Set(frozen.strata.map((one) => one.area))) {
      const own = frozen.strata.filter((one) => one.area === area && rates[one.rate] > 0).map(({ label, objects }) => ({ label, left: objects - numbers[label] })), all = sum(own.map(({ left }) => left));
      const lacking = Math.min(design.at_least_per_area - sum(own.map(({ label }) => numbers[label])), all); if (lacking <= 0) continue;
      for (const one of own) { one.more = Math.floor(lacking * one.left / all); one.over = lacking * one.left % all; numbers[one.label] += one.more; }
      own.sort((a, b) => b.over - a.over || compare(a.label, b.label)).slice(0, lacking - sum(own.map(({ more }) => more))).forEach(({ label }) => { numbers[label] += 1; }); }
    const groups = new Map(frozen.strata.map(({ label }) => [label, []])); for (const one of this.roll) groups.get(one.row.stratum)?.push(one);
    for (const one of frozen.strata) {
      const rows = groups.get(one.label), [method, order] = ways[one.rate], n = numbers[one.label];
      const loose = rows.find(({ row: { weight, sort } }) => !isWhole(weight, 1) || (method !== "pps" && weight !== 1) || !isWhole(sort) || (order !== "declared" && sort !== 0));
      this.fail(loose, "weights", loose?.at, "权重或排序号不合抽样方法|weight or sort does not fit the method"); if (loose) continue;
      const found = method === "pps" ? settle(rows.map(({ row }) => row.weight), n) : { least: null, sure: 0, rest: BigInt(rows.length) };
      const isOdd = !sameJson([one.method, one.order, one.certain], [method, order, found.sure]) || !isWhole(one.weight) || BigInt(one.weight) !== found.rest;
      this.fail(isOdd, "weights", line, `层${one.label}的方法、必抽户数或权重之和不合规则|stratum ${one.label}: method, certain ones or sum of weights do not follow the rule`);
      for (const { at, row } of rows) this.fail(row.chance !== chanceOf(row.weight, n, found), "weights", at, "公布的概率与复算的不同|the published chance is not the recomputed one"); } }
  async seed() {
    const nonces = [], { value } = this.by.public_value.body, { shape } = this.plan.source;
    for (const { key } of this.plan.parties) {
      const { at, body: { nonce } } = this.by[`revealed ${key}`]; nonces.push(nonce);
      this.fail(!matches(SECRET, nonce) || await tagged("commitment", ...this.head, key, nonce) !== this.by[`committed ${key}`].body.commitment, "seed", at, "随机数与承诺不符（换过？），或不足16字节|the nonce does not open its commitment (ground?), or has under 16 bytes"); }
    const fits = shape.split("9").length > 10 && value.length === shape.length && [...shape].every((sign, i) => (sign === "9" ? /[0-9]/.test(value[i]) : sign === value[i]));
    this.fail(!fits, "seed", this.by.public_value.at, "公共随机数不是公告的样子，或不足10位数字|the public value lacks the announced shape, or ten digits");
    const seed = await tagged("seed", ...this.head, await sha(canon(this.plan)), this.frozen.roster_root, this.frozen.inspector_root, ...nonces, value);
    this.fail(this.by.drawn.body.seed !== seed, "seed", this.by.drawn.at, "种子与复算的不同|the seed is not the recomputed one");
    this.seed = seed; const key = await crypto.subtle.importKey("raw", unhex(seed), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]); this.keyed = async (leaves) => hexOf(await crypto.subtle.sign("HMAC", key, unhex(leaves))); }
  async sample() {
    const rows = this.of("drawn", "reserve"), shown = (this.shown = new Map()), now = new Map(), groups = new Map(this.frozen.strata.map((one) => [one.label, []])), words = { drawn: "抽中", reserve: "候补", null: "未抽中" };
    this.rank = new Map(await Promise.all(this.roll.map(async ({ row }) => [row.leaf, await this.keyed(row.leaf)])));
    for (const { row } of this.roll) groups.get(row.stratum).push({ leaf: row.leaf, rank: this.rank.get(row.leaf), weight: row.weight, sort: row.sort });
    for (const { label, drawn, reserve, method, order } of this.frozen.strata) (await pick(this.keyed, this.methods ? { label, drawn, method, order } : { label, drawn }, groups.get(label))).slice(0, drawn + reserve).forEach((leaf, i) => now.set(leaf, i < drawn ? ["drawn", i + 1, label] : ["reserve", i + 1 - drawn, label]));
    for (const { at, row } of rows) this.fail(shown.has(row.leaf) || !shown.set(row.leaf, { at, row }) || !this.rank.has(row.leaf), "sample", at, "重复，或不在名单中|repeated, or not in the roster");
    for (const { at, row } of this.roll) {
      const said = shown.get(row.leaf), isSo = now.get(row.leaf) ?? null, a = said?.row.kind ?? null, b = isSo?.[0] ?? null, ok = sameJson(said ? [a, said.row.order, said.row.stratum] : null, isSo);
      this.objects.push({ ...row, line: at, ok, rank: this.rank.get(row.leaf), published: a, recomputed: b });
      this.fail(!ok, "sample", said?.at ?? at, `公布为${words[a]}，复算为${words[b]}，或次序不同|published as ${a}, recomputed as ${b}, or misplaced`); }
    const count = (kind) => [...now.values()].filter(([one]) => one === kind).length, { at, body } = this.by.drawn;
    this.fail(!sameJson([body.drawn, body.reserve, body.sample_root], [count("drawn"), count("reserve"), await root(rows)]), "sample", at, "抽中名单的数目或指纹不符|count or fingerprint of the sample differs");
    await this.teams([...now].filter(([, [kind]]) => kind === "drawn").map(([leaf, [, , label]]) => ({ leaf, label, rank: this.rank.get(leaf), weight: 1 }))); }
  async teams(drawn) {
    if (this.plan.design.teams !== undefined) return this.balanced(drawn);
    const { design: { team_size: size, max_load: cap }, items, inspection_until: until } = this.plan, load = new Map(), skills = items.map((item) => item.skill).filter(Boolean), areas = new Map(this.frozen.areas.map((area) => [area.code, area.members]));
    const fit = this.pool.map(({ row }) => row).filter((one) => skills.every((skill) => one.skills.includes(skill)) && one.valid_until >= until);
    for (const { leaf, label } of drawn.sort(byChance)) {
      const own = areas.get(this.frozen.strata.find((one) => one.label === label).area).map((member) => member.replace(/(00)+$/, ""));
      const pools = [[own, cap], [own.map((one) => one.slice(0, 4)), cap], [[""], cap], [[""], Infinity]].map(([near, most]) => fit.filter((one) =>
        near.some((start) => one.division.startsWith(start)) && !one.recused.includes(leaf) && (load.get(one.leaf) ?? 0) < most));
      const pool = pools.findIndex((free) => free.length >= size), free = pools.at(pool), ranked = await Promise.all(free.map(async (one) => ({ leaf: one.leaf, rank: await this.keyed(leaf + one.leaf), weight: 1 })));
      const team = ranked.sort(byChance).map((one) => one.leaf), { at, row } = this.shown.get(leaf) ?? { at: null, row: {} }; team.slice(0, size).forEach((one) => load.set(one, (load.get(one) ?? 0) + 1));
      this.fail(size < 2 || team.length < size || !sameJson([row.inspectors, row.standby, row.pool], [team.slice(0, size), team.slice(size, size + 2), pool]), "inspectors", at, "检查人员与复算的不同（换过？）|inspectors differ (swapped?)"); } }
  /** Teams of least cost (section 13). The least price of each inspector is worked out from the published teams; if it stays below what one more visit costs, no other teams cost less. */
  async balanced(drawn) {
    const { design, items, inspection_until: until } = this.plan, { teams: rules, team_size: people, max_load: cap } = design, { places, widest } = rules;
    const isOdd = !this.methods || !sameJson(Object.keys(rules).sort(), ["cross", "places", "skills_shared", "travel", "uneven", "widest"]) || ![rules.travel, rules.cross, rules.uneven].every((one) => isWhole(one, 0, 10000)) || !isWhole(widest, 0, 2) || typeof rules.skills_shared !== "boolean"
      || !Object.entries(places).every(([code, at]) => matches(/^[0-9]{6}$/, code) && at.length === 2 && at.every((one) => isWhole(one, 1 - 1e6, 1e6 - 1))) || !isWhole(people, 2, 99) || !isWhole(cap, 1);
    if (isOdd) { this.fail(true, "inspectors", this.events[0].at, "配组规则不合规定|the rules of the matching are malformed"); return; }
    const skills = [...new Set(items.map((item) => item.skill).filter(Boolean))].sort(), shared = rules.skills_shared ? skills : [], size = Math.max(people, shared.length), LOT = 2 ** 24;
    const fit = this.pool.map(({ row }) => row).filter((one) => one.valid_until >= until && (rules.skills_shared || skills.every((skill) => one.skills.includes(skill)))).map((one) => ({ ...one, has: shared.map((skill) => (one.skills.includes(skill) ? "1" : "0")).join("") }));
    const covers = (team, left = shared.length) => left === 0 || team.some((has, i) => has[left - 1] === "1" && covers(team.toSpliced(i, 1), left - 1));
    const members = new Map(this.frozen.areas.map(({ code, members: own }) => [code, own])), areaOf = new Map(this.frozen.strata.map(({ label, area }) => [label, area])), starts = (code) => members.get(code).map((one) => one.replace(/(00)+$/, ""));
    const step = (code, { division }) => [starts(code), starts(code).map((one) => one.slice(0, 4)), [""]].findIndex((near) => near.some((start) => division.startsWith(start)));
    const far = (code, { division }) => {
      const known = members.get(code).map((one) => places[one]).filter(Boolean), here = places[division]; if (!known.length || !here) return 0;
      const [east, north] = [0, 1].map((axis) => Math.floor(known.reduce((sum, at) => sum + at[axis], 0) / known.length) - here[axis]), square = east ** 2 + north ** 2;
      let whole = Math.floor(Math.sqrt(square)); while (whole ** 2 > square) whole -= 1; while ((whole + 1) ** 2 <= square) whole += 1;
      return Math.floor(whole / 10); };
    let districts = [];
    for (const area of [...new Set(drawn.map(({ label }) => areaOf.get(label)))].sort()) {
      const keys = [() => [area], () => starts(area).map((one) => one.slice(0, 4)), () => [""]][widest](), met = districts.filter((one) => keys.some((key) => one.keys.has(key)));
      districts = [...districts.filter((one) => !met.includes(one)), { keys: new Set([...keys, ...met.flatMap((one) => [...one.keys])]), areas: [area, ...met.flatMap((one) => one.areas)] }]; }
    const secret = await crypto.subtle.importKey("raw", unhex(this.seed), "PBKDF2", false, ["deriveBits"]);
    for (const { areas } of districts) {
      const pool = fit.filter((one) => areas.some((area) => step(area, one) <= widest)).map((one, i) => ({ ...one, i, load: 0 })), who = new Map(pool.map((one) => [one.leaf, one])), own = drawn.filter(({ label }) => areas.includes(areaOf.get(label)));
      const fixed = new Map(areas.map((area) => [area, pool.map((one) => ({ level: step(area, one), cost: Math.floor(((far(area, one) * rules.travel + step(area, one) * rules.cross) * LOT) / 100) }))]));
      const even = Math.min(Math.ceil((own.length * size) / Math.max(pool.length, 1)), cap), extra = (visit) => (visit <= even ? 0 : visit <= cap ? Math.floor((rules.uneven * LOT) / 100) : 100000 * LOT), visits = [];
      for (const { leaf, label } of own) {
        const lots = new Uint8Array(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: unhex(leaf), iterations: 1 }, secret, 24 * Math.max(pool.length, 1))), here = fixed.get(areaOf.get(label)), { at = null, row = {} } = this.shown.get(leaf) ?? {};
        const cost = new Map(pool.filter((one) => here[one.i].level <= widest && !one.recused.includes(leaf)).map((one) => [one.leaf, here[one.i].cost + lots[3 * one.i] * 65536 + lots[3 * one.i + 1] * 256 + lots[3 * one.i + 2]]));
        const team = Array.isArray(row.inspectors) ? row.inspectors : [], isWrong = team.length !== size || new Set(team).size < size || !team.every((one) => cost.has(one)) || !covers(team.map((one) => who.get(one).has));
        if (isWrong) { this.fail(true, "inspectors", at, "检查组人数、资格、回避或专业不合规定|the team's size, qualification, recusal or skills are wrong"); return; }
        team.forEach((one) => { who.get(one).load += 1; });
        const canStepIn = (has, gone) => covers([...team.filter((one) => one !== gone).map((one) => who.get(one).has), has]), kinds = [...new Set([...cost.keys()].map((one) => who.get(one).has))];
        visits.push({ at, row, team, cost, here, swaps: new Map(kinds.map((has) => [has, team.filter((gone) => canStepIn(has, gone))])) }); }
      const price = new Map(pool.map((one) => [one.leaf, extra(one.load)]));
      for (let isMoved = true; isMoved;) {
        isMoved = false;
        for (const { at, team, cost, swaps } of visits) {
          const dearest = new Map([...swaps].map(([has, may]) => [has, Math.max(0, ...may.map((one) => price.get(one) + cost.get(one)))]));
          for (const [one, paid] of cost) {
            const wanted = dearest.get(who.get(one).has) - paid; if (wanted <= price.get(one) || team.includes(one)) continue;
            price.set(one, wanted); isMoved = true;
            if (wanted > extra(who.get(one).load + 1)) { this.fail(true, "inspectors", at, "另有更近、更均衡或签号更小的一组（换过？）|another team costs less (swapped?)"); return; } } } }
      for (const { at, row, team, cost, here, swaps } of visits) {
        const queue = [...cost].map(([leaf, paid]) => ({ leaf, worth: paid + price.get(leaf) })).sort((a, b) => a.worth - b.worth || compare(a.leaf, b.leaf)).map(({ leaf }) => leaf);
        const ready = queue.filter((one) => !team.includes(one) && swaps.get(who.get(one).has).length === size).slice(0, 2), reach = team.some((one) => who.get(one).load > cap) ? 3 : Math.max(...team.map((one) => here[who.get(one).i].level));
        this.fail(!sameJson([row.inspectors, row.standby, row.pool], [queue.filter((one) => team.includes(one)), ready, reach]), "inspectors", at, "检查人员的次序、候补或跨区与复算的不同|order, standby or territory differ"); } } }
  async results() {
    const slots = this.of("slot"), found = this.of("result"), told = this.events.filter(({ event }) => event.kind === "outcomes"), newest = told.at(-1), line = newest?.at ?? null, isOpen = this.plan.mode === "open";
    const promised = new Map(slots.map(({ row }) => [row.leaf, row.commitment])), names = new Map(this.roll.map(({ row }) => [row.leaf, row.object])), seen = new Set();
    if (told.length) for (const [leaf, { at, row }] of this.shown) this.fail(row.kind === "drawn" && !promised.has(leaf), "results", at, "这一户的结果没有公布|the result of this object is withheld");
    slots.forEach(({ at, row: { kind, leaf, ...says } }, i) => {
      const isOdd = !sameJson(says, { pending: true }) && !(matches(LEAF, says.commitment) && Object.keys(says).length === 1);
      this.fail(isOdd || (slots[i - 1]?.row.leaf ?? "") >= leaf, "results", at, "结果位重复、没有排序，或既非承诺也非待办|slot repeated, out of order, or neither a hash nor pending"); });
    for (const [i, { at, row: { result } }] of found.entries()) {
      const seal = await sha(canon(result)), before = i ? await sha(canon(found[i - 1].row.result)) : "", fits = !isOpen || (promised.get(result.leaf) === await tagged("result", ...this.head, result.leaf, "", seal) && names.get(result.leaf) === result.object);
      this.fail(!fits, "results", at, "结果被改动，或属于另一户|the result was edited, or is another object's");
      this.fail(seal <= before || seen.has(result.object) || !matches(OBJECT, result.object), "results", at, "结果重复、没有排序，或没有信用代码或编号|result repeated, out of order, or without a credit code or number");
      seen.add(result.object); }
    const pending = slots.filter(({ row }) => "pending" in row).length, shrank = told.some(({ body }, i) => i > 0 && body.published < told[i - 1].body.published);
    this.fail(shrank || (!isOpen && (told.length > 1 || pending)), "results", line, "公布过的结果变少，或加盐抽签没有齐全后一次公布|fewer results than before, or a salted draw's are not published once and whole");
    const strangers = [...promised.keys()].filter((leaf) => !this.shown.has(leaf)).length, here = [await root([...slots, ...found]), found.length, pending, found.length + pending, 0];
    const claim = newest && [newest.body.root, newest.body.published, newest.body.pending, slots.length, strangers];
    this.fail(newest ? !sameJson(claim, here) : slots.length + found.length, "results", line, "结果的数目或指纹不符：瞒报或改动|results withheld or edited: count or fingerprint");
    if (!newest) this.note("results", "尚未公布检查结果|No results published yet"); }
  async kept() {
    if (!this.ledgerText) return;
    let before = "0".repeat(64), bad = [], kept = [], files = [], own = new Map(this.events.map((one) => [one.event.n, one])), [plan, attempt] = this.head, { at: line, event: { n: start } } = this.events[0];
    for (const { at, row: { event, body } } of await read(this.ledgerText, "ledger", (wrong, _, broken) => wrong && bad.push(broken))) {
      if (event.n !== kept.length + 1 || event.previous !== before || event.body_sha256 !== await sha(canon(body))) bad.push(at);
      before = await tagged("event", canon(event)); kept.push(event);
      if (event.plan === plan && event.attempt === attempt && event.kind === "published") files.push(body.sha256); }
    this.fail(bad.length, "ledger", null, `总账副本第${bad[0]}行被改动|line ${bad[0]} of the ledger copy was changed`);
    for (const event of bad.length ? [] : kept.filter(({ n }) => own.has(n))) this.fail(!sameJson(own.get(event.n).event, event), "ledger", own.get(event.n).at, "与您保存的总账不同：内容或时间被改过|differs from the ledger that you kept");
    const ours = kept.filter((event) => event.plan === plan), earlier = ours.filter((event) => event.attempt < attempt && event.n < start), has = (kinds, number) => earlier.some((event) => event.attempt === number && kinds.includes(event.kind));
    for (const event of bad.length ? [] : ours.filter(({ n }) => !own.has(n))) {
      this.fail(event.attempt === attempt ? !["published", "outcomes"].includes(event.kind) : !earlier.includes(event), "ledger", this.by.drawn.at, `总账第${event.n}条另有一次抽取或作废|event ${event.n} of the ledger is another draw or a voiding`);
      if (event.attempt === attempt && event.kind === "outcomes") this.note("results", "文件较旧：总账已有新的检查结果，请核对新文件|An old file: the ledger has newer results; check the newest file", null); }
    const numbers = Array.from({ length: attempt - 1 }, (_, i) => i + 1), alive = kept.length < start ? [] : numbers.filter((number) => !has(["voided"], number)), ran = numbers.filter((number) => has(["revealed", "drawn"], number)).join("、");
    this.fail(alive.length, "ledger", line, `总账里第${alive[0]}次没有先作废（第二次抽取）|attempt ${alive[0]} was not voided before this one (a second run)`);
    this.fail(files.length && !files.includes(await sha(this.text)), "ledger", 1, "不是总账所记公布的那份文件|not the file that the ledger says was published");
    this.note("ledger", ran ? `与您保存的总账不矛盾；第${ran}次在揭示或抽取之后作废|Does not contradict the ledger you kept; attempt ${ran} was voided after its reveal or draw` : "与您保存的总账不矛盾|Does not contradict the ledger you kept"); } }
const byChance = (a, b) => (a.weight === b.weight ? compare(a.rank, b.rank)  // rank/weight as whole numbers; then by leaf
  : compare(BigInt(`0x${a.rank}`) * BigInt(b.weight), BigInt(`0x${b.rank}`) * BigInt(a.weight))) || compare(a.leaf, b.leaf);
const textOf = (data) => (typeof data === "string" ? data : new TextDecoder("utf-8", { ignoreBOM: true }).decode(data));
/** Verify a draw file (text or bytes). Returns {ok, unreadable, checks, objects}. */
export async function verifyDraw(data, { onProgress = () => {}, ledgerText = null } = {}) {
  if (!globalThis.crypto?.subtle) throw new Error("此连接下浏览器不能计算哈希，请用 https 打开本页 / Hashing needs https: open this page by https");
  const { faults, objects, notes } = await new Verification(textOf(data), ledgerText && textOf(ledgerText), onProgress).run(); if (faults.unreadable) faults.file = faults.unreadable;
  const checks = Object.keys({ ...CHECKS, ...notes }).map((id) => {
    const passed = notes[id] ?? { ok: true, message: CHECKS[id] }, { line, message } = faults[id] ?? { line: null, message: faults.file ? "文件有误，未核对|Not checked, as the file is broken" : passed.message };
    const [zh, en] = message.split("|"), number = line && line.toLocaleString("en-US");
    return { id, ok: faults[id] || faults.file ? false : passed.ok, line: line ?? null, message_zh: line ? `第${number}行：${zh}` : zh, message_en: line ? `Line ${number}: ${en}` : en }; });
  return { ok: Object.keys(faults).length === 0, unreadable: Boolean(faults.unreadable), checks, objects }; }
/** Say where an object stands that holds its opening: was it in, and why was it drawn or not? */
export async function explain(data, opening) {
  const text = textOf(data), { ok, objects } = await verifyDraw(text), fields = ["object", opening.plan, opening.attempt, opening.salt, opening.object, opening.stratum, opening.weight, ..."sort" in opening ? [opening.sort] : []], leaf = await tagged(...fields), own = objects.find((one) => one.leaf === leaf);
  if (!own) return { ok: false, leaf, line: null, message_zh: "您的叶值不在这份名单里：被漏掉了，或凭证不属于这次抽签", message_en: "Your leaf is not in this roster: you were dropped, or the opening belongs to another draw" };
  const group = objects.filter((one) => one.stratum === own.stratum).sort(byChance), place = group.indexOf(own) + 1, drawn = group.filter((one) => one.recomputed === "drawn").length, isDrawn = own.recomputed === "drawn";
  for (const { leaf: slot, salt, result } of (opening.results ?? []).filter(() => text.includes('"kind":"slot"')).slice(-1)) if (!text.includes(await tagged("result", opening.plan, opening.attempt, slot, salt, await sha(canon(result)))) || !text.includes(canon(result))) return { ok: false, leaf, line: own.line, message_zh: "公布的结果与您收到的不同", message_en: "The published result is not the one you were given" };
  const frozen = text.split("\n").find((line) => line.includes('"kind":"frozen"')), layer = frozen && JSON.parse(frozen.replace(/,$/, ""))[1].body.strata.find(({ label }) => label === own.stratum);
  const isEqual = group.every(({ weight }) => weight === 1), chance = own.chance ?? (isEqual ? chanceOf(1, drawn, { least: null, sure: 0, rest: BigInt(group.length) }) : "");
  const [zh, en] = (layer?.method ?? "simple") === "simple" ? [`您的序位是第${place}，${isDrawn ? "所以抽中" : "所以没有抽中"}。`, `you rank ${place}, so you were ${isDrawn ? "" : "not "}drawn.`]
    : chance === "1/1" ? ["您的权重大到必定抽中。", "your weight is so large that you are drawn for sure."]
    : [`从随机起点等距取点，${isDrawn ? "有一点落在您那一段，所以抽中" : "没有一点落在您那一段，所以没有抽中"}。`, `points stand at equal distances from a random start, ${isDrawn ? "one" : "none"} fell on your stretch, so you were ${isDrawn ? "" : "not "}drawn.`];
  return { ok: ok && own.ok, leaf, line: own.line, place, drawn, objects: group.length, published: own.published, recomputed: own.recomputed, chance,
    message_zh: `第${own.line}行是您。本层${group.length}户抽${drawn}户，${zh}${chance && `您被抽中的概率是${chance}。`}`,
    message_en: `Line ${own.line} is you. Of ${group.length} in your stratum ${drawn} were drawn; ${en}${chance && ` Your chance of being drawn was ${chance}.`}` }; }
if (globalThis.WorkerGlobalScope) globalThis.onmessage = async ({ data: { file, ledger, opening } }) => globalThis.postMessage(opening ? { explanation: await explain(file, opening) }
    : { found: await verifyDraw(file, { ledgerText: ledger, onProgress: (progress) => globalThis.postMessage({ progress }) }) });
