"""A form with every kind of question, and a browser that hands in what stands in the HTML."""

from decimal import Decimal
from html.parser import HTMLParser

from zhijian.engines.forms import declaration

SCHEMA = {
    "type": "object",
    "title": "投诉",
    "x-title-en": "Complaint",
    "required": ["name", "way", "bought_on", "amount", "agreed", "shop", "goods"],
    "properties": {
        "name": {
            "type": "string",
            "title": "姓名",
            "x-title-en": "Name",
            "minLength": 2,
            "maxLength": 30,
            "x-autocomplete": "name",
        },
        "way": {
            "type": "string",
            "title": "怎样联系您",
            "x-title-en": "How we reach you",
            "description": "我们只为这件事联系您。",
            "x-description-en": "Only about this matter.",
            "oneOf": [
                {"const": "phone", "title": "电话", "x-title-en": "Telephone"},
                {"const": "mail", "title": "电子邮件", "x-title-en": "E-mail"},
            ],
        },
        "bought_on": {
            "type": "string",
            "format": "date",
            "title": "购买日期",
            "x-title-en": "Day of purchase",
        },
        "amount": {
            "type": "number",
            "title": "金额",
            "x-title-en": "Amount",
            "x-widget": "money",
            "minimum": 0,
            "multipleOf": Decimal("0.01"),
        },
        "people": {"type": "integer", "title": "受影响人数", "x-title-en": "People affected", "minimum": 1},
        "wants": {
            "type": "array",
            "title": "您要求什么",
            "x-title-en": "What you ask for",
            "uniqueItems": True,
            "items": {
                "type": "string",
                "enum": ["refund", "repair"],
                "x-labels": {
                    "refund": {"zh": "退款", "en": "Refund"},
                    "repair": {"zh": "修理", "en": "Repair"},
                },
            },
        },
        "agreed": {
            "type": "boolean",
            "title": "以上情况属实",
            "x-title-en": "What I say is true",
            "const": True,
        },
        "shop": {
            "type": "object",
            "title": "商家",
            "x-title-en": "Shop",
            "required": ["code"],
            "properties": {
                "code": {
                    "type": "string",
                    "title": "统一社会信用代码",
                    "x-title-en": "Credit code",
                    "pattern": "^[0-9A-Z]{18}$",
                    "x-pattern-words": {
                        "zh": "应为18位数字或大写字母。",
                        "en": "It has 18 digits or capitals.",
                    },
                },
                "told": {
                    "type": "string",
                    "title": "商家怎么说",
                    "x-title-en": "What the shop said",
                    "x-widget": "textarea",
                },
            },
        },
        "goods": {
            "type": "array",
            "title": "商品",
            "x-title-en": "Goods",
            "minItems": 1,
            "maxItems": 3,
            "items": {
                "type": "object",
                "required": ["what"],
                "properties": {
                    "what": {"type": "string", "title": "名称", "x-title-en": "Name of the article"},
                    "price": {
                        "type": "number",
                        "title": "单价",
                        "x-title-en": "Price",
                        "multipleOf": Decimal("0.01"),
                    },
                },
            },
        },
    },
}
FORM = declaration.parse(SCHEMA, "sample")
FILLED = {
    "name": "陈小丽",
    "way": "phone",
    "bought_on": "2026-11-02",
    "amount": "1280.50",
    "people": 2,
    "wants": ["refund"],
    "agreed": True,
    "shop": {"code": "91440106MA9XH0TW2T", "told": "第一行\n第二行"},
    "goods": [{"what": "年卡", "price": "1280.50"}],
}


class Browser(HTMLParser):
    """Reads a form as a browser does: which controls would be sent, which label and which words belong to each."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.sent, self.ids, self.labels, self.described, self.links = {}, [], set(), set(), set()
        self.controls, self.unnamed_fieldsets = [], 0
        self._select = self._textarea = None
        self._fieldset_waits = False
        self.feed(html)
        self.close()

    def send(self, name, value):
        self.sent.setdefault(name, []).append(value)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if "id" in a:
            self.ids.append(a["id"])
        self.described.update((a.get("aria-describedby") or "").split())
        if self._fieldset_waits and tag != "legend":
            self.unnamed_fieldsets += 1
        self._fieldset_waits = tag == "fieldset"
        if tag == "label":
            self.labels.add(a["for"])
        elif tag == "a" and (a.get("href") or "").startswith("#"):
            self.links.add(a["href"][1:])
        elif tag == "input" and a["type"] in {"checkbox", "radio"}:
            self.controls.append(a["id"])
            if "checked" in a:
                self.send(a["name"], a["value"])
        elif tag == "input":
            self.controls.append(a["id"])
            self.send(a["name"], a.get("value") or "")
        elif tag == "select":
            self.controls.append(a["id"])
            self._select, self._chosen = a["name"], None
        elif tag == "option" and ("selected" in a or self._chosen is None):
            self._chosen = a["value"]
        elif tag == "textarea":
            self.controls.append(a["id"])
            self._textarea, self._text = a["name"], ""

    def handle_endtag(self, tag):
        if tag == "select":
            self.send(self._select, self._chosen or "")
        elif tag == "textarea":
            self.send(self._textarea, self._text.removeprefix("\n"))
            self._textarea = None

    def handle_data(self, data):
        if self._textarea:
            self._text += data


class Sent(dict):
    """What a browser sent, as a request gives it."""

    def getlist(self, name):
        return self.get(name, [])
