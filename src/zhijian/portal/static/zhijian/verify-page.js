// The page around verify-draw.js: takes files from this device, runs the check in a worker, says yes or no.
// The same file is the worker: there it only listens.
import { explain, verifyDraw } from "./verify-draw.js";

const inWorker = typeof document === "undefined";

// ---- in the worker ----
if (inWorker) {
  self.addEventListener("message", async (event) => {
    const { text, ledgerText } = event.data;
    try {
      const onProgress = (done, total) => self.postMessage({ done, total });
      self.postMessage({ verdict: await verifyDraw(text, { onProgress, ledgerText }) });
    } catch (problem) {
      self.postMessage({ unreadable: String(problem.message ?? problem) });
    }
  });
}

// ---- on the page ----
class VerifyPage {
  constructor(root) {
    this.root = root;
    this.words = root.dataset;
    this.worker = new Worker(import.meta.url, { type: "module" }); // made now, so that it works offline later
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
      this.keep(await answer.text(), this.words.fileName);
    } catch {
      return this.say(this.words.unloaded);
    }
    const start = this.get("start");
    start.hidden = false;
    start.addEventListener("click", () => this.run());
  }

  keep(text, name) {
    this.text = text;
    this.name = name;
    this.say(this.words.loaded.replace("{name}", name).replace("{size}", Math.ceil(text.length / 1024)));
  }

  async open(file) {
    if (!file) return;
    this.say(this.words.reading);
    this.keep(await file.text(), file.name);
    this.run();
  }

  async addLedger(file) {
    this.ledgerText = file ? await file.text() : undefined;
    if (this.text) this.run();
  }

  run() {
    this.started = performance.now();
    this.show("answer-neutral", this.words.reading, "");
    this.get("checks").hidden = true;
    this.get("save").hidden = true;
    this.get("progress").hidden = false;
    this.get("progress").removeAttribute("value");
    this.worker.postMessage({ text: this.text, ledgerText: this.ledgerText });
  }

  hear(data) {
    if (data.total) return this.progress(data);
    this.get("progress").hidden = true;
    if (data.unreadable) return this.conclude("answer-err", this.words.unreadable.replace("{message}", data.unreadable), "");
    this.verdict = data.verdict;
    this.list(data.verdict.checks);
    const took = this.words.took.replace("{seconds}", ((performance.now() - this.started) / 1000).toFixed(1))
      .replace("{objects}", Number(data.verdict.objects).toLocaleString("en"));
    const wrong = data.verdict.checks.find((check) => !check.ok);
    const title = data.verdict.ok ? this.words.yes : this.words.no.replace("{message}", wrong ? this.message(wrong) : "");
    this.conclude(data.verdict.ok ? "answer-ok" : "answer-err", title, took);
    this.get("save").hidden = false;
  }

  progress({ done, total }) {
    const bar = this.get("progress");
    bar.max = total;
    bar.value = done;
    const part = Math.floor((done / total) * 4); // said four times, not at every row
    if (part !== this.part) {
      this.part = part;
      this.say(this.words.working.replace("{done}", done.toLocaleString("en")).replace("{total}", total.toLocaleString("en")));
    }
  }

  list(checks) {
    const rows = checks.map((check) => {
      const row = document.createElement("li");
      row.className = `check ${check.ok ? "yes" : "no"}`;
      row.dataset.check = check.id;
      const sign = document.createElement("strong");
      sign.textContent = check.ok ? `✓ ${this.words.pass}` : `✕ ${this.words.fail}`;
      const words = document.createElement("span");
      const line = check.line ? `${this.words.line.replace("{n}", Number(check.line).toLocaleString("en"))}  ` : "";
      words.textContent = (check.ok ? "" : line) + this.message(check);
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
    const answer = this.get("why-answer");
    answer.hidden = false;
    if (!this.text) return void (answer.textContent = this.words.need);
    try {
      const found = await explain(this.text, JSON.parse(await file.text()));
      answer.className = `answer ${found.ok ? "answer-ok" : "answer-err"}`;
      answer.textContent = this.message(found);
    } catch (problem) {
      answer.className = "answer answer-err";
      answer.textContent = this.words.unreadable.replace("{message}", String(problem.message ?? problem));
    }
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

if (!inWorker) new VerifyPage(document.getElementById("verifier"));
