// The modeller's page: bpmn-js draws, a plain form beside it holds what the law asks of each step.
// Without script the page still has the XML itself to edit. Nothing is sent before "save".
"use strict";

const DESCRIPTOR = {
  name: "SpiffWorkflow",
  uri: "http://spiffworkflow.org/bpmn/schema/1.0/core",
  prefix: "spiffworkflow",
  xml: { tagAlias: "lowerCase" },
  types: [
    { name: "Properties", superClass: ["Element"], properties: [{ name: "properties", type: "Property", isMany: true }] },
    {
      name: "Property",
      superClass: ["Element"],
      properties: [
        { name: "name", type: "String", isAttr: true },
        { name: "value", type: "String", isAttr: true },
      ],
    },
  ],
};

// The modellers speak English of themselves; what an officer meets most is said in Chinese on Chinese pages.
const CHINESE = {
  "Activate hand tool": "拖动画布", "Activate lasso tool": "框选", "Activate create/remove space tool": "增减空白",
  "Activate global connect tool": "连线", "Create start event": "开始", "Create intermediate/boundary event": "中间或边界事件",
  "Create end event": "结束", "Create gateway": "网关", "Create task": "步骤", "Create expanded sub-process": "子流程",
  "Create data object reference": "数据对象", "Create data store reference": "数据库", "Create pool/participant": "泳池",
  "Create group": "分组", "Append end event": "接结束", "Append gateway": "接网关", "Append task": "接步骤",
  "Append intermediate/boundary event": "接中间事件", "Add text annotation": "加注释", "Change element": "换类型",
  "Delete": "删除", "Connect to other element": "连到别处", "User task": "办理步骤", "Service task": "系统步骤",
  "Business rule task": "决策表步骤", "Receive task": "等待消息", "Exclusive gateway": "选择", "Parallel gateway": "并行",
  "Event-based gateway": "等待其一", "Call activity": "调用流程", "End event": "结束", "Start event": "开始",
  "Append {type}": "接{type}", "Search": "搜索", "Lane": "泳道", "Add lane above": "上方加泳道", "Add lane below": "下方加泳道",
  "Divide into two lanes": "分为两条泳道", "Divide into three lanes": "分为三条泳道", "Task": "步骤",
  "Hit policy:": "命中规则：", "When": "条件", "Then": "结果", "And": "且", "Annotations": "说明", "View DRD": "决策关系图",
  "Add rule": "加一行", "Add input": "加条件列", "Add output": "加结果列", "Edit": "编辑", "Decision table": "决策表",
};
const TRANSLATING = {
  translate: ["value", (text, given = {}) => {
    const said = document.documentElement.lang.startsWith("zh") ? CHINESE[text] || text : text;
    return said.replace(/{([^}]+)}/g, (whole, name) => given[name] ?? whole);
  }],
};

class DrawingEditor {
  constructor(form) {
    this.form = form;
    this.source = form.querySelector("[data-drawing]");
    this.status = form.querySelector("[data-modeller-status]");
    this.panel = form.querySelector("[data-properties]");
    this.choice = this.panel.querySelector("[data-element-choice]");
    this.fields = [...this.panel.querySelectorAll("[data-property]")];
    this.name = this.panel.querySelector("[data-name]");
    this.condition = this.panel.querySelector("[data-condition]");
    this.modeller = new BpmnJS({
      container: form.querySelector("[data-canvas]"),
      moddleExtensions: { spiffworkflow: DESCRIPTOR },
      additionalModules: [TRANSLATING],
    });
    this.changed = false;
  }

  async open() {
    try {
      await this.modeller.importXML(this.source.value);
    } catch (problem) {
      this.say(`${this.status.dataset.failed} ${problem.message}`);
      return;
    }
    this.fit();
    this.listElements();
    const bus = this.modeller.get("eventBus");
    bus.on("selection.changed", ({ newSelection }) => newSelection.length === 1 && this.show(newSelection[0]));
    bus.on("commandStack.changed", () => { this.changed = true; this.listElements(); });
    this.choice.addEventListener("change", () => this.select(this.choice.value));
    this.name.addEventListener("change", () => this.rename());
    this.condition.addEventListener("change", () => this.setCondition());
    for (const field of this.fields) field.addEventListener("change", () => this.setProperty(field));
    for (const button of this.form.querySelectorAll("[data-modeller]")) {
      button.addEventListener("click", () => this.do(button.dataset.modeller));
    }
    this.form.querySelector("[data-canvas]").dataset.ready = "1";
    this.say(this.status.dataset.ready);
  }

  // The whole drawing, clear of the tools at the left edge.
  fit() {
    const canvas = this.modeller.get("canvas");
    canvas.zoom("fit-viewport");
    canvas.zoom(canvas.zoom() * 0.88);
    canvas.scroll({ dx: 48, dy: 0 });
  }

  say(text) { this.status.textContent = text; }

  do(what) {
    const canvas = this.modeller.get("canvas");
    if (what === "undo") this.modeller.get("commandStack").undo();
    if (what === "redo") this.modeller.get("commandStack").redo();
    if (what === "in") canvas.zoom(canvas.zoom() * 1.2);
    if (what === "out") canvas.zoom(canvas.zoom() / 1.2);
    if (what === "fit") this.fit();
  }

  elements() {
    return this.modeller.get("elementRegistry").filter((one) => one.businessObject?.$instanceOf("bpmn:FlowElement") && !one.labelTarget);
  }

  listElements() {
    const chosen = this.choice.value;
    const options = this.elements().map((one) => {
      const option = document.createElement("option");
      option.value = one.id;
      option.textContent = this.title(one.businessObject);
      return option;
    });
    const none = document.createElement("option");
    none.value = "";
    none.textContent = this.choice.dataset.none;
    this.choice.replaceChildren(none, ...options);
    this.choice.value = options.some((one) => one.value === chosen) ? chosen : "";
    if (!this.choice.value) this.show(null);
  }

  title(object) {
    if (object.name) return `${object.name}（${object.id}）`;
    if (object.sourceRef && object.targetRef) {
      return `${object.sourceRef.name || object.sourceRef.id} → ${object.targetRef.name || object.targetRef.id}`;
    }
    return object.id;
  }

  select(id) {
    const element = this.modeller.get("elementRegistry").get(id);
    if (!element) return;
    this.modeller.get("selection").select(element);
    this.modeller.get("canvas").scrollToElement(element);
    this.show(element);
  }

  show(element) {
    const object = element?.businessObject;
    this.current = element ? (element.labelTarget || element) : null;
    this.choice.value = this.current ? this.current.id : "";
    const isTask = Boolean(object?.$instanceOf("bpmn:Activity"));
    const isFlow = Boolean(object?.$instanceOf("bpmn:SequenceFlow"));
    this.name.disabled = !this.current;
    this.name.value = object?.name || "";
    this.condition.disabled = !isFlow;
    this.condition.value = isFlow ? object.conditionExpression?.body || "" : "";
    for (const field of this.fields) {
      field.disabled = !isTask;
      field.value = isTask ? this.read(object, field.dataset.property) : "";
    }
  }

  holder(object) {
    return object.extensionElements?.values?.find((one) => one.$type === "spiffworkflow:Properties");
  }

  read(object, name) {
    return this.holder(object)?.properties?.find((one) => one.name === name)?.value || "";
  }

  rename() {
    this.modeller.get("modeling").updateProperties(this.current, { name: this.name.value.trim() });
  }

  setCondition() {
    const body = this.condition.value.trim();
    const moddle = this.modeller.get("moddle");
    const conditionExpression = body ? moddle.create("bpmn:FormalExpression", { body }) : undefined;
    this.modeller.get("modeling").updateProperties(this.current, { conditionExpression });
  }

  setProperty(field) {
    const moddle = this.modeller.get("moddle");
    const object = this.current.businessObject;
    const kept = (this.holder(object)?.properties || []).filter((one) => one.name !== field.dataset.property);
    const value = field.value.trim();
    const made = kept.map((one) => moddle.create("spiffworkflow:Property", { name: one.name, value: one.value }));
    if (value) made.push(moddle.create("spiffworkflow:Property", { name: field.dataset.property, value }));
    const others = (object.extensionElements?.values || []).filter((one) => one.$type !== "spiffworkflow:Properties");
    const values = made.length ? [...others, moddle.create("spiffworkflow:Properties", { properties: made })] : others;
    const extensionElements = values.length ? moddle.create("bpmn:ExtensionElements", { values }) : undefined;
    this.modeller.get("modeling").updateProperties(this.current, { extensionElements });
  }

  async write() {
    if (this.changed) this.source.value = (await this.modeller.saveXML({ format: true })).xml;
  }
}

class TableEditor {
  constructor(form) {
    this.form = form;
    this.source = form.querySelector("[data-decisions]");
    this.modeller = new DmnJS({
      container: form.querySelector("[data-tables]"),
      decisionTable: { additionalModules: [TRANSLATING] },
      drd: { additionalModules: [TRANSLATING] },
    });
    this.changed = false;
  }

  async open() {
    await this.modeller.importXML(this.source.value);
    const choice = this.form.querySelector("[data-table-choice]");
    const tables = this.modeller.getViews().filter((view) => view.type === "decisionTable");
    choice.replaceChildren(...tables.map((view, number) => {
      const option = document.createElement("option");
      option.value = String(number);
      option.textContent = view.element.name || view.element.id;
      return option;
    }));
    const open = async () => {
      if (!tables.length) return;
      await this.modeller.open(tables[Number(choice.value)]);
      this.modeller.getActiveViewer().get("eventBus").on("elements.changed", () => { this.changed = true; });
    };
    choice.addEventListener("change", open);
    await open();
    this.form.querySelector("[data-tables]").dataset.ready = "1";
  }

  async write() {
    if (this.changed) this.source.value = (await this.modeller.saveXML({ format: true })).xml;
  }
}

for (const form of document.querySelectorAll("[data-modeller-form]")) {
  const editors = [];
  if (form.querySelector("[data-canvas]") && window.BpmnJS) editors.push(new DrawingEditor(form));
  if (form.querySelector("[data-tables]") && window.DmnJS) editors.push(new TableEditor(form));
  for (const one of form.querySelectorAll("[data-with-script]")) one.hidden = false;
  for (const one of form.querySelectorAll("[data-without-script]")) one.open = false;
  for (const editor of editors) editor.open();
  for (const button of form.querySelectorAll("[data-check]")) {
    button.addEventListener("click", async () => {
      for (const editor of editors) await editor.write();
      const answer = await fetch(button.dataset.check, { method: "POST", body: new FormData(form) });
      // A fragment of the site's own, parsed in a document where no script runs.
      const read = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
      form.querySelector("[data-check-result]").replaceChildren(...read.body.childNodes);
    });
  }
  form.addEventListener("submit", async (event) => {
    if (form.dataset.written) return;
    event.preventDefault();
    for (const editor of editors) await editor.write();
    form.dataset.written = "1";
    setTimeout(() => form.requestSubmit(event.submitter)); // not while the first submission is still being handled
  });
  window.addEventListener("beforeunload", (event) => {
    if (!form.dataset.written && editors.some((one) => one.changed)) event.preventDefault();
  });
}
