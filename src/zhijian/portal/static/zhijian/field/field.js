// Field work on a phone: everything typed is kept on this device at once, sent when there is a network, each send
// under a key of its own so that a repeat does no harm. One database per officer; nobody else's pages read it.

const SAVE_PAUSE_MS = 150;
const SEND_PAUSE_MS = 2000;
const RETRY_MS = 15000;
const PROBE_MS = 8000;
const TRIES = 3;
const DONE_SHOWN_MS = 8000;

// ---- What is kept on this device ----------------------------------------------------------------------------

class Store {
  static async open(officer) {
    const store = new Store();
    store.database = await new Promise((resolve, reject) => {
      const opening = indexedDB.open(`zhijian-field-${officer}`, 1);
      opening.onupgradeneeded = () => {
        opening.result.createObjectStore("drafts", { keyPath: "check" });
        opening.result.createObjectStore("sends", { keyPath: "key" });
      };
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    return store;
  }

  run(name, mode, act) {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(name, mode);
      const request = act(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  draft(check) { return this.run("drafts", "readonly", (table) => table.get(check)); }
  keepDraft(draft) { return this.run("drafts", "readwrite", (table) => table.put(draft)); }
  dropDraft(check) { return this.run("drafts", "readwrite", (table) => table.delete(check)); }
  send(key) { return this.run("sends", "readonly", (table) => table.get(key)); }
  keepSend(send) { return this.run("sends", "readwrite", (table) => table.put(send)); }
  dropSend(key) { return this.run("sends", "readwrite", (table) => table.delete(key)); }

  async sends() {
    const all = await this.run("sends", "readonly", (table) => table.getAll());
    return all.sort((a, b) => a.made - b.made);
  }
}

// ---- The outbox ---------------------------------------------------------------------------------------------

// A send: {key, kind, check, made, happened_at, content, base_version, place, blob, name, item, state, tries, error}.
// state: waiting, sending, attention. Order: as made, but a result waits until nothing else of its check waits, and
// an arrival that was refused holds the result back until somebody has seen to it.

class Outbox extends EventTarget {
  constructor(store, officer, api) {
    super();
    Object.assign(this, { store, officer, api, busy: false, expired: false, slow: false, unreachable: false, sent: 0 });
    addEventListener("online", () => this.work());
    addEventListener("offline", () => this.changed());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.work());
    setInterval(() => this.work(), RETRY_MS);
  }

  async add(send) {
    const complete = { key: crypto.randomUUID(), made: Date.now(), happened_at: new Date().toISOString(), state: "waiting", tries: 0, ...send };
    await this.store.keepSend(complete);
    this.changed();
    this.work();
    return complete;
  }

  // Only the newest text of a check needs to go: a draft that still waits is replaced, one under way is not.
  async addDraft(check, content, baseVersion) {
    for (const send of await this.store.sends()) {
      if (send.kind === "draft" && send.check === check && send.state !== "sending") await this.store.dropSend(send.key);
    }
    return this.add({ kind: "draft", check, content, base_version: baseVersion });
  }

  async retry(key) {
    const send = await this.store.send(key);
    if (send) await this.store.keepSend({ ...send, state: "waiting", tries: 0, error: null });
    this.work();
  }

  async drop(key) {
    await this.store.dropSend(key);
    this.changed();
  }

  changed() { this.dispatchEvent(new Event("changed")); }

  // A phone may call itself online where nothing answers: a page opened from what was kept asks once, and again until
  // somebody answers. Any answer will do.
  async probe() {
    try {
      await fetch("/work/sw.js", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PROBE_MS) });
      this.unreachable = false;
    } catch {
      this.unreachable = true;
    }
    this.changed();
  }

  work() {
    if (!navigator.onLine) return this.changed();
    if (this.busy) return undefined;
    this.busy = true;
    const locked = navigator.locks
      ? navigator.locks.request(`zhijian-outbox-${this.officer}`, { ifAvailable: true }, (lock) => lock && this.sendAll())
      : this.sendAll();
    return Promise.resolve(locked).finally(() => { this.busy = false; this.changed(); });
  }

  async sendAll() {
    this.sent = 0;
    for (;;) {
      const next = await this.next();
      if (!next) {
        if (this.unreachable) await this.probe();
        break;
      }
      this.changed();
      if (!(await this.sendOne(next))) break;
      this.sent += 1;
    }
  }

  async next() {
    const all = await this.store.sends();
    const holdsUp = (send) => send.kind !== "result" && (send.state !== "attention" || send.kind === "begin");
    const held = new Set(all.filter(holdsUp).map((send) => send.check));
    return all.find((send) => send.state !== "attention" && (send.kind !== "result" || !held.has(send.check)));
  }

  // Returns whether to go on with the next one.
  async sendOne(send) {
    await this.store.keepSend({ ...send, state: "sending" });
    let answer;
    try {
      answer = await this.post(send);
    } catch {
      await this.store.keepSend({ ...send, state: "waiting" });
      this.slow = navigator.onLine && !this.unreachable;
      return false;
    }
    this.slow = false;
    this.unreachable = false;
    if (answer.ok) return this.arrived(send, await answer.json());
    return this.refused(send, answer);
  }

  post(send) {
    const token = document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/)?.[1] ?? "";
    const headers = { "X-CSRFToken": token, "X-Zhijian-Officer": String(this.officer) };
    const address = `${this.api}/checks/${send.check}/${send.kind}`;
    if (send.kind === "evidence") {
      const query = new URLSearchParams({ key: send.key, name: send.name, item: send.item, taken_at: send.happened_at, ...send.place });
      return fetch(`${address}?${query}`, { method: "POST", headers: { ...headers, "Content-Type": "application/octet-stream" }, body: send.blob });
    }
    const body = { key: send.key, happened_at: send.happened_at, base_version: send.base_version ?? 0, content: send.content, ...send.place };
    return fetch(address, { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) });
  }

  async arrived(send, answer) {
    this.expired = false;
    if (send.kind === "draft") await this.draftArrived(send, answer.version);
    if (send.kind === "result") await this.store.dropDraft(send.check);
    await this.store.dropSend(send.key);
    this.dispatchEvent(new CustomEvent("arrived", { detail: { send, answer } }));
    return true;
  }

  async draftArrived(send, version) {
    const draft = await this.store.draft(send.check);
    if (!draft) return;
    const same = JSON.stringify(draft.content) === JSON.stringify(send.content);
    await this.store.keepDraft({ ...draft, version, dirty: !same });
  }

  async refused(send, answer) {
    const error = (await answer.json().catch(() => ({}))).error ?? {};
    if (answer.status === 401 || (answer.status === 403 && !error.code)) {
      this.expired = true;
      await this.store.keepSend({ ...send, state: "waiting" });
      return false;
    }
    const mendable = answer.status >= 500 || answer.status === 429;
    if (mendable && send.tries + 1 < TRIES) {
      await this.store.keepSend({ ...send, state: "waiting", tries: send.tries + 1 });
      return false;
    }
    await this.store.keepSend({ ...send, state: "attention", error: { status: answer.status, ...error } });
    this.dispatchEvent(new CustomEvent("refused", { detail: { send, error: { status: answer.status, ...error } } }));
    return true;
  }
}

const english = document.documentElement.lang.startsWith("en");
const wordsOf = (error) => (english ? error?.message_en : error?.message_zh) ?? "";
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
// A phone that does not say what a file is leaves its name; the server looks inside either way.
const isAccepted = (file, accepted) => file.type ? accepted.split(",").includes(file.type) : /\.(jpe?g|png|pdf)$/i.test(file.name);

// ---- The bar that says how things stand ---------------------------------------------------------------------

class SyncBar {
  constructor(bar, outbox) {
    Object.assign(this, { bar, outbox, words: bar.querySelector("[data-sync-words]"), list: bar.querySelector("[data-sync-items]") });
    this.look = bar.querySelector("[data-sync-look]");
    this.signIn = bar.querySelector("[data-sync-sign-in]");
    this.look.addEventListener("click", () => this.toggle());
    outbox.addEventListener("changed", () => this.show());
    addEventListener("online", () => this.show());
    this.show();
  }

  toggle() {
    this.list.hidden = !this.list.hidden;
    this.look.setAttribute("aria-expanded", String(!this.list.hidden));
  }

  async show() {
    const sends = await this.outbox.store.sends();
    const words = this.bar.dataset;
    const waiting = sends.filter((send) => send.state !== "attention").length;
    const attention = sends.length - waiting;
    const parts = [];
    let mood = "warn";
    if (this.outbox.expired) parts.push(words.expired);
    else if (!navigator.onLine || this.outbox.unreachable) parts.push(words.offline);
    else if (this.outbox.slow && waiting) parts.push(words.slow);
    if (attention) parts.push(fill(words.attention, { n: attention }));
    if (waiting) {
      const sending = this.outbox.busy && navigator.onLine && !this.outbox.unreachable && !this.outbox.expired;
      parts.push(sending ? fill(words.sending, { i: this.outbox.sent + 1, n: this.outbox.sent + waiting }) : fill(words.waiting, { n: waiting }));
      this.hadSome = true;
    }
    if (!parts.length && this.hadSome) {
      parts.push(words.done);
      mood = "ok";
      this.hadSome = false;
      this.doneTimer = setTimeout(() => this.show(), DONE_SHOWN_MS);
      this.doneUntil = Date.now() + DONE_SHOWN_MS - 50;
    } else if (!parts.length && Date.now() < (this.doneUntil ?? 0)) return;
    this.say(parts.join(" "), mood);
    this.fillList(sends);
  }

  say(text, mood) {
    this.bar.hidden = text === "";
    this.bar.dataset.mood = mood;
    if (this.words.textContent !== text) this.words.textContent = text;
    this.signIn.hidden = !this.outbox.expired;
    if (this.outbox.expired) {
      this.signIn.textContent = this.bar.dataset.signIn;
      this.signIn.href = `/sign-in/?next=${encodeURIComponent(location.pathname)}`;
    }
  }

  fillList(sends) {
    this.look.hidden = sends.length === 0;
    this.list.replaceChildren(...sends.map((send) => this.line(send)));
  }

  line(send) {
    const words = this.bar.dataset;
    const row = document.createElement("li");
    const name = send.name ? `${words[kindKey(send.kind)]} ${send.name}` : words[kindKey(send.kind)];
    const state = send.state === "attention" ? `${words.failed}：${wordsOf(send.error)}` : words.kept;
    const text = document.createElement("span");
    text.textContent = `${name}，${state}`;
    row.append(text);
    if (send.state === "attention") row.append(button(words.retry, () => this.outbox.retry(send.key)), button(words.drop, () => this.outbox.drop(send.key)));
    return row;
  }
}

const kindKey = (kind) => `kinds${kind[0].toUpperCase()}${kind.slice(1)}`;

function button(text, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "link-button";
  element.textContent = text;
  element.addEventListener("click", act);
  return element;
}

// ---- Signing on the screen ----------------------------------------------------------------------------------

class SignaturePad {
  constructor(place, keep) {
    Object.assign(this, { place, canvas: place.querySelector("canvas"), isBlank: true });
    this.pen = this.canvas.getContext("2d");
    Object.assign(this.pen, { lineWidth: 5, lineCap: "round", lineJoin: "round", strokeStyle: "#111" });
    this.clear();
    this.canvas.addEventListener("pointerdown", (event) => this.down(event));
    this.canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const kind of ["pointerup", "pointercancel"]) this.canvas.addEventListener(kind, () => { this.isDown = false; });
    place.querySelector("[data-sign-clear]").addEventListener("click", () => this.clear());
    place.querySelector("[data-sign-keep]").addEventListener("click", () => !this.isBlank && this.canvas.toBlob((blob) => { keep(blob); this.clear(); }, "image/png"));
    place.hidden = false;
  }

  clear() {
    this.pen.fillStyle = "#fff";
    this.pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.isBlank = true;
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * this.canvas.width / box.width, (event.clientY - box.top) * this.canvas.height / box.height];
  }

  down(event) {
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.isDown = true;
    this.pen.beginPath();
    this.pen.moveTo(...this.at(event));
  }

  move(event) {
    if (!this.isDown) return;
    this.pen.lineTo(...this.at(event));
    this.pen.stroke();
    this.isBlank = false;
  }
}

// ---- The task -----------------------------------------------------------------------------------------------

class Task {
  constructor(form, store, outbox) {
    Object.assign(this, { form, store, outbox, words: form.dataset, outline: document.querySelector("[data-outline]"), check: Number(form.dataset.task), version: Number(form.dataset.version) });
    this.screens = [...form.querySelectorAll("[data-screen]")];
    this.current = 0;
    this.handedIn = false;
    this.begun = form.dataset.state !== "dispatched";
  }

  async start() {
    const kept = await this.store.draft(this.check);
    if (kept && (kept.dirty || kept.version >= this.version)) this.apply(kept.content);
    if (kept) this.version = kept.dirty ? kept.version : Math.max(kept.version, this.version);
    const sends = (await this.store.sends()).filter((send) => send.check === this.check);
    this.begun ||= sends.some((send) => send.kind === "begin" && send.state !== "attention");
    this.handedIn = sends.some((send) => send.kind === "result" && send.state !== "attention");
    this.listen();
    this.form.classList.add("by-steps");
    this.form.querySelector("[data-step-head]").hidden = false;
    this.form.querySelector("[data-sticky]").hidden = false;
    this.goTo(kept?.screen ?? (this.begun ? 1 : 0), false);
    this.showArrival();
    this.showHandedIn();
    for (const send of sends) {
      if (send.kind === "evidence") this.showPhoto(send);
      if (send.state === "attention" && send.kind !== "evidence") this.showRefusal(send, send.error);
    }
    if (kept?.dirty) this.outbox.addDraft(this.check, kept.content, this.version);
  }

  listen() {
    this.form.addEventListener("input", () => this.typed());
    addEventListener("pagehide", () => this.keep());
    this.outline?.addEventListener("click", (event) => this.follow(event));
    this.form.querySelector("[data-previous]").addEventListener("click", () => this.goTo(this.current - 1));
    this.form.querySelector("[data-next]").addEventListener("click", () => this.goTo(this.current + 1));
    this.form.querySelector("[data-begin]")?.addEventListener("click", (event) => { event.preventDefault(); this.begin(); });
    this.form.querySelector("[data-hand-in]").addEventListener("click", (event) => { event.preventDefault(); this.handIn(); });
    const locate = this.form.querySelector("[data-locate]");
    if (locate && navigator.geolocation) {
      locate.hidden = false;
      locate.addEventListener("click", () => this.locate());
    }
    const pad = this.form.querySelector("[data-sign-pad]");
    if (pad) new SignaturePad(pad, (blob) => this.signature(blob));
    for (const input of this.form.querySelectorAll("[data-photo]")) input.addEventListener("change", () => this.photos(input));
    this.outbox.addEventListener("arrived", (event) => this.onArrived(event.detail));
    this.outbox.addEventListener("refused", (event) => event.detail.send.check === this.check && this.onRefused(event.detail));
  }

  // -- what is typed

  content() {
    const data = new FormData(this.form);
    const text = (name) => String(data.get(name) ?? "");
    const findings = {};
    for (const item of this.form.querySelectorAll("[data-item]")) {
      const code = item.dataset.item;
      findings[code] = { finding: text(`finding-${code}`), note: text(`note-${code}`) };
    }
    const names = ["summary", "unreachable_proof", "letter_first_on", "letter_second_on", "correct_by", "position_words", "signing", "refusal_reason", "refusal_witness"];
    return { ...Object.fromEntries(names.map((name) => [name, text(name)])), certificates_shown: data.has("certificates_shown"), codes: data.getAll("codes"), findings };
  }

  apply(content) {
    const set = (name, value) => { const field = this.form.elements[name]; if (field && !(field instanceof RadioNodeList)) field.value = value ?? ""; };
    for (const [name, value] of Object.entries(content)) if (typeof value === "string" && name !== "unreachable_proof") set(name, value);
    for (const box of this.form.querySelectorAll("[name=codes]")) box.checked = content.codes.includes(box.value);
    for (const radio of this.form.querySelectorAll("[name=unreachable_proof]")) radio.checked = radio.value === content.unreachable_proof;
    for (const radio of this.form.querySelectorAll("[name=signing]")) radio.checked = radio.value === content.signing;
    const shown = this.form.querySelector("input[type=checkbox][name=certificates_shown]");
    if (shown) shown.checked = content.certificates_shown;
    for (const [code, row] of Object.entries(content.findings)) {
      for (const radio of this.form.querySelectorAll(`[name="finding-${code}"]`)) radio.checked = radio.value === row.finding;
      set(`note-${code}`, row.note);
    }
  }

  typed() {
    clearTimeout(this.saveTimer);
    clearTimeout(this.sendTimer);
    this.saveTimer = setTimeout(() => this.keep(), SAVE_PAUSE_MS);
    this.sendTimer = setTimeout(() => this.sendDraft(), SEND_PAUSE_MS);
    this.markMust();
    this.showOutline();
  }

  async keep(dirty = true) {
    await this.store.keepDraft({ check: this.check, content: this.content(), version: this.version, dirty, screen: this.current });
    const time = new Date().toTimeString().slice(0, 5);
    for (const place of this.form.querySelectorAll("[data-saved]")) place.textContent = fill(this.words.wordsSaved, { t: time });
  }

  async sendDraft() {
    if (this.handedIn) return;
    await this.keep();
    await this.outbox.addDraft(this.check, this.content(), this.version);
  }

  markMust() {
    for (const item of this.form.querySelectorAll("[data-item]")) {
      item.classList.toggle("is-wrong", item.querySelector("input[value=nonconform]")?.checked ?? false);
    }
  }

  // -- one screen at a time

  goTo(number, byHand = true) {
    this.current = Math.min(Math.max(number, 0), this.screens.length - 1);
    const screen = this.screens[this.current];
    this.screens.forEach((one) => one.classList.toggle("on", one === screen));
    this.form.querySelector(".items").classList.toggle("on", screen.dataset.step === "2");
    this.showWhere(screen);
    this.showOutline();
    this.markMust();
    if (screen.dataset.step === "4") this.review();
    this.form.querySelector("[data-previous]").disabled = this.current === 0;
    this.form.querySelector("[data-next]").hidden = this.current === this.screens.length - 1;
    this.markNext();
    if (!byHand) return;
    this.keep();
    const heading = screen.querySelector("h2");
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    this.form.scrollIntoView({ block: "start" });
  }

  // -- the outline beside it, on a wide screen

  follow(event) {
    const screen = this.screenOf(event.target.closest("[data-go]"));
    if (!screen) return;
    event.preventDefault();
    this.goTo(this.screens.indexOf(screen));
  }

  screenOf(link) {
    return link && document.getElementById(link.dataset.go)?.closest("[data-screen]");
  }

  showOutline() {
    for (const link of this.outline?.querySelectorAll("[data-go]") ?? []) {
      const screen = this.screenOf(link);
      const chosen = screen?.querySelector(".choices input:checked");
      const found = link.parentElement.querySelector("[data-found]");
      if (found) found.textContent = chosen?.nextElementSibling.textContent.trim() ?? "";
      link.parentElement.dataset.finding = chosen?.value ?? "";
      if (screen === this.screens[this.current]) link.setAttribute("aria-current", "step");
      else link.removeAttribute("aria-current");
    }
  }

  showWhere(screen) {
    const step = Number(screen.dataset.step);
    const names = [1, 2, 3, 4].map((n) => this.screens.find((one) => Number(one.dataset.step) === n)?.dataset.name ?? "");
    names[1] = this.form.querySelector(".items").dataset.name;
    this.form.querySelector("[data-step-words]").textContent = fill(this.words.wordsStep, { n: step, name: names[step - 1] });
    const items = this.screens.filter((one) => one.dataset.item);
    const where = screen.dataset.item ? fill(this.words.wordsItem, { n: screen.dataset.number, m: items.length }) : "";
    this.form.querySelector("[data-item-words]").textContent = where;
    this.form.querySelectorAll(".progress-steps i").forEach((bar, n) => { bar.className = n + 1 < step ? "past" : n + 1 === step ? "now" : ""; });
    const lastOfItems = !screen.dataset.item || screen === items.at(-1);
    this.form.querySelector("[data-next]").textContent = lastOfItems ? this.words.wordsNextStep : this.words.wordsNext;
  }

  review() {
    const list = document.createElement("ul");
    list.className = "rows";
    for (const item of this.form.querySelectorAll("[data-item]")) {
      const chosen = item.querySelector("input[type=radio]:checked")?.nextElementSibling?.textContent.trim() ?? "—";
      const row = line(`${item.querySelector("h2").textContent}：${chosen}`);
      this.append(row, item.querySelector("textarea").value);
      list.append(row);
    }
    const codes = [...this.form.querySelectorAll("[name=codes]:checked")].map((box) => box.nextElementSibling.querySelector("span").textContent);
    const found = line(codes.join("；") || "—");
    if (this.form.querySelector("#code-6")?.checked) this.append(found, this.labelled("correct_by"));
    this.append(found, this.labelled("summary"));
    list.append(found);
    this.form.querySelector("[data-review]").replaceChildren(list);
  }

  // Who signs reads all that is signed: what was written to each item, the day by which to correct, the summary.
  append(row, text) {
    if (!text.trim()) return;
    const words = document.createElement("p");
    words.className = "small";
    words.textContent = text.trim();
    row.append(words);
  }

  labelled(name) {
    const value = this.form.elements[name]?.value ?? "";
    const label = this.form.querySelector(`label[for=${name}]`)?.firstChild?.textContent.replace(/[（(].*$/, "").trim() ?? "";
    return value.trim() && `${label} ${value}`;
  }

  // -- arriving, photos, handing in

  place() {
    const data = new FormData(this.form);
    return Object.fromEntries(["latitude", "longitude", "accuracy_m"].map((name) => [name, String(data.get(name) ?? "")]));
  }

  locate() {
    const words = this.form.querySelector("[data-locate-words]");
    words.textContent = this.words.wordsLocating;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        this.form.elements.latitude.value = coords.latitude.toFixed(6);
        this.form.elements.longitude.value = coords.longitude.toFixed(6);
        this.form.elements.accuracy_m.value = String(Math.round(coords.accuracy));
        words.textContent = fill(this.words.wordsGot, { m: Math.round(coords.accuracy) });
      },
      () => { words.textContent = this.words.wordsNoPosition; },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
  }

  async begin() {
    const content = this.content();
    const problems = [];
    if (!content.certificates_shown) problems.push(["certificates_shown", this.words.wordsShown]);
    if (!this.place().latitude && !content.position_words.trim()) problems.push(["position_words", this.words.wordsNoPosition]);
    if (this.showProblems(problems)) return;
    await this.keep();
    for (const send of await this.store.sends()) {
      if (send.check === this.check && send.kind === "begin" && send.state === "attention") await this.store.dropSend(send.key);
    }
    await this.outbox.add({ kind: "begin", check: this.check, content, place: this.place() });
    this.begun = true;
    this.showArrival();
    this.goTo(1);
  }

  showArrival() {
    const place = this.form.querySelector("[data-begin]");
    if (!place) return;
    place.disabled = this.begun;
    this.beginWords ??= place.textContent;
    place.textContent = this.begun ? this.words.wordsArrived : this.beginWords;
    this.markNext();
  }

  // Only one button is the strongest: to note the arrival until that is done, to go on afterwards.
  markNext() {
    const arriveFirst = !this.begun && this.current === 0;
    const next = this.form.querySelector("[data-next]");
    next.classList.toggle("btn-primary", !arriveFirst);
    next.classList.toggle("btn-outline-primary", arriveFirst);
    const begin = this.form.querySelector("[data-begin]");
    begin?.classList.toggle("btn-primary", arriveFirst);
    begin?.classList.toggle("btn-outline-primary", !arriveFirst);
  }

  async photos(input) {
    const item = input.dataset.photo;
    const place = document.querySelector(`[data-photo-error="${item}"]`);
    place.textContent = "";
    for (const file of input.files) {
      if (file.size > Number(this.words.limit)) {
        place.textContent = fill(this.words.wordsTooLarge, { size: sizeText(file.size) });
        continue;
      }
      if (!isAccepted(file, input.accept)) {
        place.textContent = fill(this.words.wordsWrongType, { ending: file.name.slice(file.name.lastIndexOf(".")) });
        continue;
      }
      const blob = new Blob([await file.arrayBuffer()], { type: file.type });
      const send = { kind: "evidence", check: this.check, blob, name: file.name, item, place: this.place() };
      this.showPhoto(await this.outbox.add(send));
    }
    input.value = "";
  }

  async signature(blob) {
    this.showPhoto(await this.outbox.add({ kind: "evidence", check: this.check, blob, name: "signature.png", item: "signature", place: this.place() }));
  }

  showPhoto(send) {
    const list = this.form.querySelector(`[data-photos="${send.item}"]`);
    if (!list || list.querySelector(`[data-key="${send.key}"]`)) return;
    const row = document.createElement("li");
    row.className = "evidence";
    row.dataset.key = send.key;
    const address = URL.createObjectURL(send.blob);
    const picture = document.createElement(send.blob.type.startsWith("image/") ? "img" : "span");
    if (picture instanceof HTMLImageElement) Object.assign(picture, { src: address, alt: "", width: 56, height: 56 });
    else picture.className = "evidence-paper";
    const text = document.createElement("div");
    const name = document.createElement("strong");
    name.textContent = send.name;
    const state = document.createElement("span");
    state.className = "hint";
    state.dataset.state = "";
    text.append(name, state);
    row.append(picture, text);
    list.append(row);
    this.photoState(send, send.state === "attention" ? send.error : null);
  }

  photoState(send, error, answer) {
    const row = this.form.querySelector(`[data-key="${send.key}"]`);
    if (!row) return;
    const bar = document.querySelector("[data-sync]").dataset;
    const place = row.querySelector("[data-state]");
    place.textContent = error ? `${bar.failed}：${wordsOf(error)}` : answer ? `${bar.sent} ${answer.sha256.slice(0, 8)}…` : bar.kept;
    row.classList.toggle("failed", Boolean(error));
    this.count(send.item);
    row.querySelectorAll("button").forEach((old) => old.remove());
    if (error) row.append(button(bar.drop, async () => { await this.outbox.drop(send.key); row.remove(); this.count(send.item); }));
  }

  count(item) {
    const place = this.form.querySelector(`[data-photo-count="${item}"]`);
    place.textContent = this.form.querySelectorAll(`[data-photos="${item}"] > li:not(.failed)`).length;
  }

  problems(content) {
    const found = [];
    const codes = new Set(content.codes);
    const nobodyMet = codes.has("5") || codes.has("7") || content.codes.some((code) => code.startsWith("S"));
    if (!this.begun) found.push(["s1", this.words.wordsArriveFirst]);
    Object.entries(content.findings).forEach(([code, row], n) => {
      if (!row.finding && !nobodyMet) found.push([`finding-${code}`, fill(this.words.wordsMissing, { n: n + 1 })]);
      if (row.finding === "nonconform" && !row.note.trim()) found.push([`note-${code}`, fill(this.words.wordsNote, { n: n + 1 })]);
    });
    if (!codes.size) found.push(["codes", this.words.wordsNoCode]);
    if (codes.has("1") && codes.size > 1) found.push(["codes", this.words.wordsAlone]);
    const bad = Object.values(content.findings).filter((row) => row.finding === "nonconform").length;
    if (bad && codes.size && !this.form.querySelector("[name=codes][data-problem]:checked")) found.push(["codes", fill(this.words.wordsNoProblem, { n: bad })]);
    if (codes.has("6") && !content.correct_by) found.push(["correct_by", this.words.wordsCorrectBy]);
    if (codes.has("5") && !content.unreachable_proof) found.push(["unreachable_proof", this.words.wordsProof]);
    return found.concat(this.signingProblems(content));
  }

  signingProblems(content) {
    if (content.codes.some((code) => code === "5" || code.startsWith("S"))) return [];
    if (content.signing === "signed") {
      const kept = this.form.querySelector('[data-photos="signature"] > li:not(.failed)');
      return kept ? [] : [["signing", this.words.wordsSignMissing]];
    }
    if (content.signing !== "refused") return [["signing", this.words.wordsSign]];
    const found = [];
    if (!content.refusal_reason.trim()) found.push(["refusal_reason", this.words.wordsRefusal]);
    if (!content.refusal_witness) found.push(["refusal_witness", this.words.wordsWitness]);
    return found;
  }

  async handIn() {
    const content = this.content();
    if (this.showProblems(this.problems(content))) return;
    clearTimeout(this.sendTimer);
    this.handedIn = true;
    await this.keep();
    for (const send of await this.store.sends()) {
      if (send.check === this.check && (send.kind === "draft" || send.kind === "result") && send.state !== "sending") await this.store.dropSend(send.key);
    }
    await this.outbox.add({ kind: "result", check: this.check, content });
    this.showHandedIn();
  }

  showHandedIn() {
    const place = this.form.querySelector("[data-hand-in]");
    place.disabled = this.handedIn;
    if (!this.handedIn) return;
    const note = document.createElement("p");
    note.className = "answer answer-ok";
    note.setAttribute("role", "status");
    note.textContent = this.words.wordsHanded;
    place.before(note);
  }

  showProblems(problems) {
    const place = document.querySelector("[data-client-problems]");
    place.replaceChildren();
    if (!problems.length) return false;
    const box = document.createElement("div");
    box.className = "error-summary panel";
    box.tabIndex = -1;
    box.setAttribute("role", "alert");
    const heading = document.createElement("h2");
    heading.textContent = this.words.wordsProblems;
    const list = document.createElement("ul");
    for (const [field, words] of problems) {
      const row = document.createElement("li");
      row.append(button(words, () => this.show(field)));
      list.append(row);
    }
    box.append(heading, list);
    place.append(box);
    box.focus();
    return true;
  }

  show(field) {
    const target = document.getElementById(field);
    const screen = target?.closest("[data-screen]");
    if (!screen) return;
    this.goTo(this.screens.indexOf(screen));
    (target.matches("input,textarea,select") ? target : target.querySelector("input,textarea") ?? screen).focus();
  }

  // -- what came back

  async onArrived({ send, answer }) {
    if (send.check !== this.check) return;
    if (send.kind === "draft") this.version = answer.version;
    if (send.kind === "evidence") this.photoState(send, null, answer);
    if (send.kind === "result") location.reload();
  }

  onRefused({ send, error }) {
    if (send.kind === "evidence") return this.photoState(send, error);
    return this.showRefusal(send, error);
  }

  // The text stays where it is, on the page and on the device; the words say what to do.
  async showRefusal(send, error) {
    if (send.kind === "result") {
      this.handedIn = false;
      this.form.querySelector("[data-hand-in]").disabled = false;
      this.form.querySelectorAll(".answer-ok").forEach((note) => note.remove());
    }
    if (send.kind === "begin") {
      this.begun = false;
      this.showArrival();
    }
    if (error.content) return this.showConflict(send, error);
    const problems = error.problems?.map((one) => [one.field, english ? one.message_en : one.message_zh]);
    this.showProblems(problems?.length ? problems : [["s4", wordsOf(error)]]);
    return undefined;
  }

  showConflict(send, error) {
    this.showProblems([["s3", wordsOf(error)]]);
    const box = document.querySelector("[data-client-problems] .error-summary");
    const mine = this.content();
    const list = document.createElement("ul");
    for (const [code, theirs] of Object.entries(error.content.findings)) {
      const own = mine.findings[code] ?? {};
      if (JSON.stringify(theirs) === JSON.stringify(own)) continue;
      list.append(line(`${this.itemName(code)}　${this.words.wordsTheirs}：${this.inWords(code, theirs)}　${this.words.wordsMine}：${this.inWords(code, own)}`));
    }
    box.append(list, button(this.words.wordsKeepMine, () => this.settle(send, error, mine)), document.createTextNode("　"), button(this.words.wordsTakeTheirs, () => this.settle(send, error, error.content)));
  }

  itemName(code) { return this.form.querySelector(`[data-item="${code}"] h2`)?.textContent ?? code; }

  inWords(code, row) {
    const chosen = document.querySelector(`label[for="f-${code}-${row.finding}"]`)?.textContent.trim() ?? "—";
    return `${chosen} ${row.note ?? ""}`.trim();
  }

  async settle(send, error, content) {
    await this.outbox.drop(send.key);
    this.version = error.version;
    this.apply(content);
    this.showProblems([]);
    await this.sendDraft();
  }
}

function line(text) {
  const row = document.createElement("li");
  row.textContent = text;
  return row;
}

function sizeText(bytes) {
  if (bytes >= 1024 ** 3) return `${(bytes / 1024 ** 3).toFixed(1)} GB`;
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

// ---- The service worker and signing out ---------------------------------------------------------------------

async function keepPages(officer) {
  if (!navigator.serviceWorker) return;
  await navigator.serviceWorker.register(`/work/sw.js?officer=${officer}`, { scope: "/work/" });
  const ready = await navigator.serviceWorker.ready;
  const listed = JSON.parse(document.querySelector("[data-keep]")?.dataset.keep ?? "[]");
  ready.active.postMessage({ kind: "keep", urls: [...new Set([location.pathname, "/work/", ...listed])] }); // the list of tasks too, from wherever the day began
  document.documentElement.dataset.kept = "asked";
}

// Signing out takes the kept pages off this device. What could not be sent stays, for this account alone.
function guardSignOut(outbox, words) {
  for (const form of document.querySelectorAll("[data-sign-out]")) {
    form.addEventListener("submit", async (event) => {
      if (form.dataset.cleared) return;
      event.preventDefault();
      const left = (await outbox.store.sends()).length;
      if (left && !confirm(fill(words.leaving, { n: left }))) return;
      for (const name of await caches.keys()) if (name.startsWith("zhijian-pages-")) await caches.delete(name);
      if (!left) indexedDB.deleteDatabase(outbox.store.database.name);
      outbox.store.database.close();
      form.dataset.cleared = "1";
      form.requestSubmit();
    });
  }
}

// A list of tasks was kept before they were done: it says which result lies on this phone and waits for a network.
async function markHandedIn(outbox, words) {
  const waiting = new Set((await outbox.store.sends()).filter((send) => send.kind === "result").map((send) => `/work/checks/${send.check}/`));
  for (const link of document.querySelectorAll("main a[href^='/work/checks/']")) {
    const mark = link.parentElement.querySelector("[data-handed-in]");
    const isWaiting = waiting.has(link.getAttribute("href"));
    if (!isWaiting) mark?.remove();
    else if (!mark) {
      const made = document.createElement("span");
      made.className = "pill pill-warn";
      made.dataset.handedIn = "";
      made.textContent = `${words.kindsResult}：${words.kept}`;
      link.after(" ", made);
    }
  }
}

// What only the server can do says so while there is no network, instead of leading to the browser's own error page.
function guardOnline(outbox) {
  const places = [...document.querySelectorAll("[data-online-only]")];
  const isAlone = () => !navigator.onLine || outbox.unreachable;
  const show = () => {
    for (const place of places) {
      place.classList.toggle("needs-network", isAlone());
      if (place.tagName === "BUTTON") place.disabled = isAlone();
      else if (isAlone()) place.setAttribute("aria-disabled", "true");
      else place.removeAttribute("aria-disabled");
    }
  };
  for (const place of places) place.addEventListener("click", (event) => isAlone() && event.preventDefault());
  outbox.addEventListener("changed", show);
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}

async function start() {
  const bar = document.querySelector("[data-sync]");
  if (!bar || !window.indexedDB) return;
  const officer = Number(bar.dataset.officer);
  const store = await Store.open(officer);
  const outbox = new Outbox(store, officer, bar.dataset.api);
  new SyncBar(bar, outbox);
  guardOnline(outbox);
  const form = document.querySelector("[data-task]");
  if (form) await new Task(form, store, outbox).start();
  if (!form) {
    await markHandedIn(outbox, bar.dataset);
    outbox.addEventListener("changed", () => markHandedIn(outbox, bar.dataset));
  }
  guardSignOut(outbox, bar.dataset);
  if (performance.getEntriesByType("navigation")[0]?.workerStart > 0) outbox.probe();
  outbox.work();
  navigator.storage?.persist?.();
  await keepPages(officer);
  document.documentElement.dataset.field = "ready";
}

// ---- The code at the door -----------------------------------------------------------------------------------
// It changes every few minutes. With a network the page asks for it, picture and all; without one the phone works it out
// from the key of this check, as services.phone_code_of does on the server.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHANGING = 8;
const MARGIN_MS = 500;

const bytesOf = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));

async function codeOf(key, handle, span) {
  const secret = await crypto.subtle.importKey("raw", bytesOf(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const drawn = new Uint8Array(await crypto.subtle.sign("HMAC", secret, new TextEncoder().encode(String(span))));
  const text = handle + [...drawn.slice(0, CHANGING)].map((byte) => ALPHABET[byte % 32]).join("");
  return text.match(/.{1,4}/g).join("-");
}

// The nodes of a fragment of the site's own, parsed in a document where no script runs.
const nodesOf = (text) => [...new DOMParser().parseFromString(text, "text/html").body.childNodes];

async function fromServer(box) {
  const answer = await fetch(box.dataset.address, { credentials: "same-origin", redirect: "error" });
  if (answer.status === 404) box.hidden = true; // the result is recorded: there is no code any more
  if (!answer.ok) throw new Error(`${answer.status}`);
  box.querySelector("[data-now]").replaceChildren(...nodesOf(await answer.text()));
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

start();
