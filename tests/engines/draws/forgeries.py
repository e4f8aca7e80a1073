"""Whole files forged with care: consistent in themselves, wrong in what they were allowed to say."""

import copy
from collections.abc import Callable
from typing import Any

from tests.engines.draws.cheats import (
    Forgery,
    Honest,
    Record,
    _reroot,
    _sort_results,
    event,
    of_kind,
    rechained,
    records_of,
    sealed,
    where,
)
from zhijian.engines.draws import core

Edit = Callable[[list[Record]], None]


def _forged(file: bytes, edit: Edit, check: str, at: Callable[[Record], bool] | int) -> Forgery:
    """Edit an honest file and mend every hash; ``at`` is the record, or its index, that must be named."""
    records = records_of(file)
    edit(records)
    index = at if isinstance(at, int) else where(records, at)
    return Forgery(sealed(rechained(records)), check, index + 2)


def _plan(change: Callable[[Record], Any]) -> Edit:
    return lambda records: change(records[0]["body"])


def _frozen(change: Callable[[Record], Any]) -> Edit:
    return lambda records: change(records[where(records, event("frozen"))]["body"])


def no_chance(honest: Honest) -> list[Forgery]:
    def one_account(records: list[Record]) -> None:
        for party in records[0]["body"]["parties"]:
            party["account"] = "d"
        for record in records:
            if event("committed")(record) or event("revealed")(record):
                record["event"]["actor"] = "d"

    def another_actor(records: list[Record]) -> None:
        records[where(records, event("revealed"))]["event"]["actor"] = "drawer"

    def short_nonce(records: list[Record]) -> None:
        party = records[where(records, event("revealed"))]["body"]
        promise = next(
            r["body"] for r in records if event("committed")(r) and r["body"]["party"] == party["party"]
        )
        party["nonce"] = "11"
        promise["commitment"] = core.commitment("2026-0312", 1, party["party"], "11")

    def fixed_value(records: list[Record]) -> None:
        records[0]["body"]["source"]["shape"] = "OK"
        records[where(records, event("public_value"))]["body"]["value"] = "OK"

    return [
        _forged(honest.salted, one_account, "ledger", 0),
        _forged(honest.salted, another_actor, "ledger", event("revealed")),
        _forged(honest.salted, short_nonce, "seed", event("revealed")),
        _forged(honest.salted, fixed_value, "seed", event("public_value")),
        _forged(honest.salted, _plan(lambda plan: plan.update(protocol="zhijian-draw/0")), "ledger", 0),
    ]


def _match_slots(records: list[Record]) -> None:
    """Recompute the commitments of an open draw from its results, and the event over them."""
    seals = {
        r["result"]["leaf"]: core.result_commitment("2026-0312", 1, r["result"]["leaf"], "", r["result"])
        for r in records
        if r["kind"] == "result"
    }
    for record in records:
        if record["kind"] == "slot" and "commitment" in record:
            record["commitment"] = seals.get(record["leaf"], record["commitment"])
    _sort_results(records)
    _reroot(records)


def _repeat(records: list[Record]) -> None:
    """Publish one object's result a second time, in place of another's."""
    results = [index for index, record in enumerate(records) if record["kind"] == "result"]
    records[results[1]] = copy.deepcopy(records[results[0]])
    _reroot(records)


def _swap(records: list[Record]) -> None:
    one, other = [record["result"] for record in records if record["kind"] == "result"][:2]
    one["object"], other["object"] = other["object"], one["object"]
    _match_slots(records)


def _first_wrong_name(records: list[Record]) -> int:
    names = {r["leaf"]: r["object"] for r in records if r["kind"] == "object"}
    return where(
        records, lambda r: r["kind"] == "result" and names[r["result"]["leaf"]] != r["result"]["object"]
    )


def untrue_results(honest: Honest) -> list[Forgery]:
    def no_hash(records: list[Record]) -> None:
        records[where(records, of_kind("slot"))]["commitment"] = "not even a hash"
        _reroot(records)

    def in_parts(records: list[Record]) -> None:
        slot = records[where(records, of_kind("slot"))]
        del slot["commitment"]
        slot["pending"] = True
        del records[where(records, of_kind("result"))]
        _reroot(records)

    def neither(records: list[Record]) -> None:
        slot = records[where(records, lambda r: "pending" in r)]
        slot["pending"] = False
        _reroot(records)

    def slot_twice(records: list[Record]) -> None:
        at = where(records, of_kind("slot"))
        records[at + 1] = copy.deepcopy(records[at])

    swapped = records_of(honest.open)
    _swap(swapped)
    second = where(records_of(honest.open), of_kind("result")) + 1
    hidden = where(records_of(honest.salted), of_kind("result")) + 1
    slot = where(records_of(honest.salted), of_kind("slot")) + 1
    withheld = records_of(honest.salted)
    slot_twice(withheld)
    gone = _leaf_without_slot(withheld)
    return [
        _forged(honest.open, _repeat, "results", second),
        _forged(honest.salted, _repeat, "results", hidden),
        _forged(honest.open, _swap, "results", _first_wrong_name(swapped)),
        _forged(honest.salted, no_hash, "results", slot - 1),
        _forged(honest.salted, in_parts, "results", event("outcomes")),
        _forged(honest.open, neither, "results", where(records_of(honest.open), lambda r: "pending" in r)),
        _forged(honest.salted, slot_twice, "results", gone),
        _forged(honest.open, _plan(lambda plan: plan.update(mode="public")), "ledger", 0),
    ]


def _leaf_without_slot(records: list[Record]) -> int:
    slots = {record["leaf"] for record in records if record["kind"] == "slot"}
    return where(records, lambda record: record["kind"] == "drawn" and record["leaf"] not in slots)


def balanced_counts(honest: Honest) -> list[Forgery]:
    def negative(frozen: Record) -> None:
        area = frozen["areas"][0]
        area["excluded"].append({"reason": "本年已查", "count": -20})
        area["register"] -= 20

    def unreasoned(frozen: Record) -> None:
        frozen["areas"][0]["excluded"].append({"reason": " ", "count": 1})
        frozen["areas"][0]["register"] += 1

    return [_forged(honest.salted, _frozen(one), "roster", event("frozen")) for one in (negative, unreasoned)]


def untrue_areas(honest: Honest) -> list[Forgery]:
    def everywhere(frozen: Record) -> None:
        frozen["areas"][0]["members"] = ["000000"]

    def nowhere(frozen: Record) -> None:
        frozen["areas"][0]["members"] = []

    def shared(frozen: Record) -> None:
        frozen["areas"][0]["members"] = [*frozen["areas"][0]["members"], *frozen["areas"][1]["members"]]

    def unlisted(frozen: Record) -> None:
        frozen["areas"].pop()

    def doubled(frozen: Record) -> None:
        frozen["areas"].append(frozen["areas"][0] | {"members": ["445100"]})

    edits = (everywhere, nowhere, shared, unlisted, doubled)
    return [_forged(honest.salted, _frozen(one), "roster", event("frozen")) for one in edits]


def look_alike(honest: Honest) -> list[Forgery]:
    """The same firm twice in an open roster, the second time with a sign that nobody sees."""
    records = records_of(honest.open)
    own = [record for record in records if record["kind"] == "object"]
    double = copy.deepcopy(own[0])
    double["object"] += "\u200b"
    double["leaf"] = core.object_leaf(
        "2026-0312",
        1,
        salt="",
        object_id=double["object"],
        stratum=double["stratum"],
        weight=double["weight"],
    )
    first = where(records, of_kind("object"))
    records[first : first + len(own)] = sorted([*own, double], key=lambda record: str(record["leaf"]))
    frozen = records[where(records, event("frozen"))]["body"]
    frozen["objects"] += 1
    frozen["roster_root"] = core.merkle_root(
        core.canonical(record) for record in records if record["kind"] == "object"
    )
    at = records.index(double)
    return [Forgery(sealed(rechained(records)), "roster", at + 2)]


def loose_form(honest: Honest) -> list[Forgery]:
    def notice(records: list[Record]) -> None:
        records.append({"kind": "notice", "text": "示例企业7 was drawn"})

    def almost_drawn(records: list[Record]) -> None:
        records.append({"kind": "drawn ", "leaf": "0" * 64})

    def turned(records: list[Record]) -> None:
        records[:] = [r for r in records if r["kind"] != "event"] + [
            r for r in records if r["kind"] == "event"
        ]

    def rate_twice(plan: Record) -> None:
        plan["design"]["rates"].insert(0, {"key": "R1", "per_10000": 1})

    def homoglyph(records: list[Record]) -> None:
        records[0]["body"]["plan_id"] = "2026-О312"  # a Cyrillic letter
        for record in records:
            if record["kind"] == "event":
                record["event"]["plan"] = "2026-О312"

    count = len(records_of(honest.salted))
    events = sum(record["kind"] == "event" for record in records_of(honest.salted))
    return [
        _forged(honest.salted, notice, "file", count),
        _forged(honest.salted, almost_drawn, "file", count),
        _forged(honest.salted, turned, "file", count - events),
        _forged(honest.salted, _plan(rate_twice), "weights", 0),
        _forged(
            honest.salted, _plan(lambda p: p["design"]["rates"][0].update(per_10000=20000)), "weights", 0
        ),
        _forged(honest.salted, homoglyph, "ledger", 0),
        _forged(honest.salted, _plan(lambda plan: plan.update(reveal_until="2026-11-30 24:00")), "times", 0),
    ]


def true_for_one(honest: Honest) -> list[Forgery]:
    """``true`` where the protocol has the number 1, which some languages hold for equal."""

    def resampled(records: list[Record], edit: Callable[[Record], Any]) -> None:
        edit(records[where(records, lambda one: one["kind"] == "drawn" and one["order"] == 1)])
        picked = [one for one in records if one["kind"] in ("drawn", "reserve")]
        records[where(records, event("drawn"))]["body"]["sample_root"] = core.merkle_root(
            map(core.canonical, picked)
        )

    def order(records: list[Record]) -> None:
        resampled(records, lambda one: one.update(order=True))

    def pool(records: list[Record]) -> None:
        resampled(records, lambda one: one.update(pool=bool(one["pool"])))

    def attempt(records: list[Record]) -> None:
        records[where(records, event("drawn"))]["event"]["attempt"] = True

    def sizes(frozen: Record) -> None:
        stratum = next(one for one in frozen["strata"] if one["drawn"] == 1)
        stratum["drawn"] = True

    first = where(records_of(honest.salted), lambda one: one["kind"] == "drawn" and one["order"] == 1)
    return [
        _forged(honest.salted, order, "sample", first),
        _forged(honest.salted, pool, "inspectors", first),
        _forged(honest.salted, attempt, "ledger", event("drawn")),
        _forged(honest.salted, _frozen(sizes), "weights", event("frozen")),
    ]


def text_for_a_list(honest: Honest) -> list[Forgery]:
    """A text, number or object where the protocol has a list or an object: one language walks through it, another does not."""

    def skills(records: list[Record]) -> None:
        at = where(records, of_kind("inspector"))
        records[at]["skills"] = records[at]["skills"][0]
        frozen = records[where(records, event("frozen"))]["body"]
        frozen["inspector_root"] = core.merkle_root(
            core.canonical(one) for one in records if one["kind"] == "inspector"
        )

    def body(records: list[Record]) -> None:
        records[where(records, event("published"))]["body"] = 5

    first = where(records_of(honest.salted), of_kind("inspector"))
    return [
        _forged(honest.salted, body, "ledger", event("published")),
        _forged(honest.salted, skills, "roster", first),
        _forged(
            honest.salted,
            _frozen(lambda frozen: frozen["areas"][0].update(excluded={})),
            "roster",
            event("frozen"),
        ),
    ]


def firm_twice(honest: Honest) -> list[Forgery]:
    """The same line again: the second is named, not only the freeze."""
    forged = []
    for file in (honest.open, honest.salted):
        at = where(records_of(file), of_kind("object"))

        def twice(records: list[Record], at: int = at) -> None:
            records.insert(at, copy.deepcopy(records[at]))

        forged.append(_forged(file, twice, "roster", at + 1))
    return forged


FORGERIES = [no_chance, untrue_results, balanced_counts, untrue_areas, look_alike, loose_form, true_for_one,
             text_for_a_list, firm_twice]  # fmt: skip
