// Quickens what already works without script: the menu, the search box's suggestions, copying, a button pressed twice, sorting out forms.
"use strict";

const PAUSE_MS = 200;

function closeMenuElsewhere() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("[data-menu][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

// A combobox with a list of eight. Enter without a choice goes to the full results, as without script.
class Suggestions {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[type=search]");
    this.status = form.querySelector("[data-suggest-status]");
    this.list = document.createElement("ul");
    this.list.className = "suggestions";
    this.list.id = `${this.input.id}-list`;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", form.querySelector("label").textContent);
    this.list.hidden = true;
    form.append(this.list);
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-autocomplete", "list");
    this.input.setAttribute("aria-controls", this.list.id);
    this.current = -1;
    this.close();
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
  }

  later() {
    clearTimeout(this.timer);
    const text = this.input.value.trim();
    if (text.length < 2) return this.close();
    this.timer = setTimeout(() => this.fetch(text), PAUSE_MS);
  }

  async fetch(text) {
    try {
      const answer = await fetch(`${this.form.dataset.suggest}?q=${encodeURIComponent(text)}`);
      if (!answer.ok || this.input.value.trim() !== text) return;
      this.show(await answer.json());
    } catch {
      this.close(); // no network: the form still works when it is back
    }
  }

  show(items) {
    this.list.replaceChildren(...items.map((item, number) => this.option(item, number)));
    this.current = -1;
    this.list.hidden = items.length === 0;
    this.input.setAttribute("aria-expanded", String(items.length > 0));
    this.status.textContent = items.length ? this.status.dataset.some.replace("{n}", items.length) : "";
  }

  option(item, number) {
    const row = document.createElement("li");
    row.id = `${this.list.id}-${number}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    row.dataset.href = item.href;
    const name = document.createElement("span");
    name.append(...item.parts.map(([text, matched]) => {
      const piece = document.createElement(matched ? "mark" : "span");
      piece.textContent = text;
      return piece;
    }));
    const hint = document.createElement("span");
    hint.className = "hint";
    hint.textContent = item.hint;
    row.append(name, hint);
    row.addEventListener("mousedown", (event) => { event.preventDefault(); location.href = item.href; });
    return row;
  }

  key(event) {
    const rows = this.list.children;
    if (event.key === "Escape") return this.close();
    if (this.list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.choose((this.current + step + rows.length) % rows.length);
    } else if (event.key === "Enter" && this.current >= 0) {
      event.preventDefault();
      location.href = rows[this.current].dataset.href;
    }
  }

  choose(number) {
    this.list.children[this.current]?.setAttribute("aria-selected", "false");
    this.current = number;
    const row = this.list.children[number];
    row.setAttribute("aria-selected", "true");
    this.input.setAttribute("aria-activedescendant", row.id);
  }

  close() {
    this.list.hidden = true;
    this.current = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

// A copy button is hidden until script is here; it says what it did.
function offerCopying() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.querySelector("[data-copy-label]").textContent = button.dataset.done;
    });
  }
}

// Where details have no ::details-content, a wide screen opens the menu itself.
function openMenuOnWideScreens() {
  if (CSS.supports("selector(::details-content)")) return;
  const wide = matchMedia("(min-width: 900px)");
  for (const menu of document.querySelectorAll("[data-menu]")) menu.open = wide.matches;
}

// Filters stand open where there is room for them.
function openPanelsOnWideScreens() {
  if (!matchMedia("(min-width: 1024px)").matches) return;
  for (const panel of document.querySelectorAll("[data-open-wide]")) panel.open = true;
}

// A button that was pressed twice sends once: the second press within four seconds of the first is dropped. It can be
// pressed again later, for an answer may be a file that leaves the page as it is.
function sendOnce() {
  const sent = new WeakMap();
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.getAttribute("method")?.toLowerCase() !== "post") return;
    const pressed = event.submitter ?? event.target;
    const again = sent.get(pressed) > Date.now() - 4000;
    if (again) return event.preventDefault();
    sent.set(pressed, Date.now());
    pressed.setAttribute("aria-busy", "true");
    setTimeout(() => pressed.removeAttribute("aria-busy"), 4000);
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) for (const one of document.querySelectorAll("form [aria-busy]")) sent.delete(one);
  });
}

sendOnce();
closeMenuElsewhere();
openPanelsOnWideScreens();
openMenuOnWideScreens();
offerCopying();
for (const form of document.querySelectorAll("[data-suggest]")) new Suggestions(form);

// Signing out takes an officer's kept pages off this device; field pages do it themselves, with what is unsent.
for (const form of document.querySelectorAll("[data-sign-out]")) {
  form.addEventListener("submit", async (event) => {
    if (form.dataset.cleared || !window.caches || document.querySelector("[data-sync]")) return;
    event.preventDefault();
    for (const name of await caches.keys()) if (name.startsWith("zhijian-pages-")) await caches.delete(name);
    form.dataset.cleared = "1";
    form.requestSubmit();
  });
}
