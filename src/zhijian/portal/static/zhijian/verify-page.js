// The page around verify-draw.js: takes files from this device, has a worker check them, says yes or no.
// Files are handed over as bytes, so that nothing is mended on the way.
class VerifyPage {
  constructor(root) {
    this.root = root;
    this.words = root.dataset;
    // Made now, so that it works offline later.
    this.worker = new Worker(new URL("./verify-draw.js", import.meta.url), { type: "module" });
    this.worker.addEventListener("message", (event) => this.hear(event.data));
    this.get("draw-file").addEventListener("change", (event) => this.open(event.target.files[0]));
    this.get("ledger-file").addEventListener("change", (event) => this.addLedger(event.target.files[0]));
    this.get("opening-file").addEventListener("change", (event) => this.why(event.target.files[0]));
    this.get("save").addEventListener("click", () => this.save());
    this.allowDropping(this.get("drop"));
    if (this.words.file) this.preload();
  }

  get(id) { return document.getElementById(id); }

  message(item) { return (this.words.language === "en" ? item.message_en : item.message_zh) ?? ""; }

  allowDropping(zone) {
    for (const name of ["dragover", "dragleave", "drop"]) {
      zone.addEventListener(name, (event) => {
        event.preventDefault();
        zone.classList.toggle("over", name === "dragover");
      });
    }
    zone.addEventListener("drop", (event) => this.open(event.dataTransfer.files[0]));
  }

  // A link from a draw's page names its published file: fetched once, before anything is checked.
  async preload() {
    try {
      const answer = await fetch(this.words.file);
      if (!answer.ok) throw new Error(String(answer.status));
      this.keep(await answer.arrayBuffer(), this.words.fileName);
    } catch {
      return this.say(this.words.unloaded);
    }
    const start = this.get("start");
    start.hidden = false;
    start.addEventListener("click", () => this.run());
  }

  keep(bytes, name) {
    this.bytes = bytes;
    this.name = name;
    this.say(this.words.loaded.replace("{name}", name).replace("{size}", Math.ceil(bytes.byteLength / 1024)));
  }

  async open(file) {
    if (!file) return;
    this.say(this.words.reading);
    this.keep(await file.arrayBuffer(), file.name);
    this.run();
  }

  async addLedger(file) {
    this.ledger = file ? await file.arrayBuffer() : undefined;
    if (this.bytes) this.run();
  }

  run() {
    this.started = performance.now();
    this.show("answer-neutral", this.words.reading, "");
    this.get("checks").hidden = true;
    this.get("save").hidden = true;
    this.get("progress").hidden = false;
    this.get("progress").removeAttribute("value");
    this.worker.postMessage({ file: this.bytes, ledger: this.ledger });
  }

  hear({ progress, found, explanation }) {
    if (progress) return this.progress(progress);
    if (explanation) return this.explained(explanation);
    this.get("progress").hidden = true;
    const { objects, ...verdict } = found;
    this.verdict = { ...verdict, objects: objects.length };
    const wrong = found.checks.find((check) => check.ok === false && check.line) ?? found.checks.find((check) => check.ok === false);
    const message = wrong ? this.message(wrong) : "";
    if (found.unreadable) return this.conclude("answer-err", this.words.unreadable.replace("{message}", message), "");
    this.list(found.checks);
    const took = this.words.took.replace("{seconds}", ((performance.now() - this.started) / 1000).toFixed(1))
      .replace("{objects}", objects.length.toLocaleString("en"));
    const title = found.ok ? this.words.yes : this.words.no.replace("{message}", message);
    this.conclude(found.ok ? "answer-ok" : "answer-err", title, took);
    this.get("save").hidden = false;
  }

  progress({ stage, done, of }) {
    const bar = this.get("progress");
    bar.max = of;
    bar.value = done;
    if (stage === this.stage) return; // said once a stage, not at every row
    this.stage = stage;
    this.say(this.words.working.replace("{total}", of.toLocaleString("en")));
  }

  list(checks) {
    const rows = checks.map((check) => {
      const row = document.createElement("li");
      const isBare = check.ok === null; // nothing to compare with: neither a tick nor a cross
      row.className = isBare ? "check" : `check ${check.ok ? "yes" : "no"}`;
      row.dataset.check = check.id;
      const sign = document.createElement("strong");
      sign.textContent = isBare ? `– ${this.words.open}` : check.ok ? `✓ ${this.words.pass}` : `✕ ${this.words.fail}`;
      const words = document.createElement("span");
      words.textContent = this.message(check);
      row.append(sign, words);
      return row;
    });
    this.get("checks").replaceChildren(...rows);
    this.get("checks").hidden = rows.length === 0;
  }

  show(tone, title, detail) {
    this.get("verdict").className = `answer ${tone}`;
    this.get("verdict-title").textContent = title;
    this.say(detail);
  }

  say(text) { this.get("verdict-detail").textContent = text; }

  conclude(tone, title, detail) {
    this.show(tone, title, detail);
    this.get("verdict-title").focus();
  }

  async why(file) {
    if (!file) return;
    this.get("why-answer").hidden = false;
    if (!this.bytes) return this.answer("answer-neutral", this.words.need);
    try {
      this.worker.postMessage({ file: this.bytes, opening: JSON.parse(await file.text()) });
    } catch (problem) {
      this.answer("answer-err", this.words.unreadable.replace("{message}", problem.message));
    }
  }

  explained(found) { this.answer(found.ok ? "answer-ok" : "answer-err", this.message(found)); }

  answer(tone, text) {
    this.get("why-answer").className = `answer ${tone}`;
    this.get("why-answer").textContent = text;
  }

  // A record of this check for one's own files; made here, sent nowhere.
  save() {
    const record = { file: this.name, at: new Date().toISOString(), browser: navigator.userAgent, ...this.verdict };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(record, null, 1)], { type: "application/json" }));
    link.download = `${this.name.replace(/\.json$/, "")}-verified.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}

new VerifyPage(document.getElementById("verifier"));
