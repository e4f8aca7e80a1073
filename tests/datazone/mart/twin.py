"""The credit score again: slow, obvious, fact by fact, without tables."""

from collections import defaultdict
from math import floor

from zhijian.standards.calendar import add_months, add_years

OPENS = {
    "penalty.decided": "penalty",
    "abnormal_list.listed": "abnormal_list",
    "serious_list.listed": "serious_list",
}
CLOSES = {"penalty.repaired": "penalty", "abnormal_list.removed": "abnormal_list", "serious_list.removed": "serious_list"}  # fmt: skip


def twin_scores(register, facts, as_of, weights):
    """The score of each entity by its id."""
    known = [f for f in facts if f["occurred_on"] <= as_of]
    records = {
        e["entity_id"]: Record(e, [f for f in known if f["entity_id"] == e["entity_id"]]) for e in register
    }
    indicators = [i for d in weights["dimensions"] for g in d["groups"] for i in g["indicators"]]
    found = {}
    for number, record in records.items():
        others = [
            r for n, r in records.items()
            if n != number and record.entity["representative_id"] and r.entity["representative_id"] == record.entity["representative_id"]
        ]  # fmt: skip
        total = weights["base_points"]
        if record.has_conduct(weights):
            total += sum(points(i, record, others, as_of, weights) for i in indicators)
        found[number] = max(0, min(1000, total))
    return found


class Record:
    def __init__(self, entity, facts):
        self.entity, self.facts, self.cases = entity, facts, []
        by_case = defaultdict(list)
        for f in facts:
            family = OPENS.get(f["kind"]) or CLOSES.get(f["kind"])
            if family:
                by_case[family, f["ground_code"] if family == "abnormal_list" else f["reference"]].append(f)
        for (family, _), members in by_case.items():
            self.cases.append(Case(family, members))

    def has_conduct(self, weights):
        return bool(self.cases) or any(f["kind"] in weights["conduct_kinds"] for f in self.facts)

    def standing_penalties(self):
        return [c for c in self.cases if c.family == "penalty" and c.opened and not c.closed]


class Case:
    def __init__(self, family, members):
        self.family = family
        self.opened = [f for f in members if f["kind"] in OPENS]
        self.closed = [f for f in members if f["kind"] in CLOSES]
        self.left = max(0, len(self.opened) - len(self.closed))
        self.day = max((f["occurred_on"] for f in self.opened), default=None)
        self.closed_on = max((f["occurred_on"] for f in self.closed), default=None)
        self.yuan = max((f["amount_yuan"] for f in self.opened if f["amount_yuan"] is not None), default=None)
        self.field = max((f["field_code"] for f in self.opened if f["field_code"]), default=None)


def points(i, record, others, as_of, weights):
    count, weighed = measured(i, record, others, as_of, weights)
    if i["formula"] == "decayed":
        total = floor(weighed * i["weight"] / 1000 + 0.5)
    elif i["formula"] in ("present", "closed", "years", "listed"):
        total = i["weight"] if count else 0
    else:
        total = max(0, count - i.get("beyond", 0)) * i["weight"]
    return min(total, i["cap"]) if i["weight"] > 0 else max(total, -i["cap"])


def measured(i, record, others, as_of, weights):
    """How many, and with how many thousandths in all."""
    formula, what, entity = i["formula"], i.get("what", {}), record.entity
    if formula == "years":
        day = entity["registered_on"]
        if day is None:
            return 0, 0
        return (
            day > add_years(as_of, -i["below"]) if "below" in i else day <= add_years(as_of, -i["from"])
        ), 0
    if formula == "listed":
        return any((entity[i["column"]] or "").startswith(c) for c in i["codes"]), 0
    if formula == "related":
        return sum(related(i, other, as_of) for other in others), 0
    if formula == "open":
        return sum(c.left for c in record.cases if c.family == what["family"]), 0
    if formula == "closed":
        start = add_months(as_of, -i["window_months"])
        return sum(
            c.family == what["family"] and bool(c.closed) and c.closed_on > start for c in record.cases
        ), 0
    if "family" in what:
        kept = [
            c for c in record.standing_penalties() if in_window(i, c.day, as_of) and case_matches(what, c)
        ]
        if formula == "amount":
            return sum(floor(c.yuan or 0) for c in kept) // 10_000, 0
        days = [c.day for c in kept]
    else:
        days = [
            f["occurred_on"]
            for f in record.facts
            if in_window(i, f["occurred_on"], as_of) and fact_matches(what, f)
        ]
    return len(days), sum(thousandths(day, as_of, weights["half_life_months"]) for day in days)


def related(i, other, as_of):
    if i["of"] == "revoked":
        return other.entity["status_code"] == "revoked"
    if i["of"] == "serious":
        return sum(c.left for c in other.cases if c.family == "serious_list")
    return sum(in_window(i, c.day, as_of) for c in other.standing_penalties())


def in_window(i, day, as_of):
    start, end = add_months(as_of, -i["window_months"]), add_months(as_of, -i.get("skip_months", 0))
    return start < day <= end


def case_matches(what, case):
    enough = case.yuan is not None and case.yuan >= what.get("amount_from_yuan", 0)
    return ("amount_from_yuan" not in what or enough) and (
        "fields" not in what or case.field in what["fields"]
    )


def fact_matches(what, f):
    codes = set((f["codes"] or "").split(","))
    return (
        f["kind"] in what["kinds"]
        and ("codes" not in what or codes & set(what["codes"]))
        and ("not_codes" not in what or not codes & set(what["not_codes"]))
        and ("months" not in what or f["occurred_on"].month in what["months"])
    )


def thousandths(day, as_of, half_life):
    months = (as_of - day).days * 16 // 487
    return floor(0.5 ** (months / half_life) * 1000 + 0.5)
