"""Ten ways to cheat, each done by somebody who knows the protocol and mends every check value he can."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from zhijian.engines.draws import core, publication

Record = dict[str, Any]


@dataclass(frozen=True)
class Honest:
    """Files of one honest draw, with results, and the ledger that a citizen kept."""

    salted: bytes
    open: bytes
    salted_ledger: bytes
    open_ledger: bytes
    other_world: dict[str, bytes] = field(default_factory=dict)  # name: a whole second history, file only


@dataclass(frozen=True)
class Forgery:
    """A forged file, the check that must fail, and the line that it must name (None: no line)."""

    file: bytes
    check: str
    line: int | None
    ledger: bytes | None = None


def records_of(file: bytes) -> list[Record]:
    return [record for _, record in json.loads(file)["lines"]]


def sealed(records: list[Record]) -> bytes:
    """Write records with fresh check values, as any cheat with the published tool can."""
    return b"".join(publication.seal(records))


def rechained(records: list[Record]) -> list[Record]:
    """Recompute the body hashes and the links of all events."""
    last: Record | None = None
    for record in records:
        if record["kind"] == "event":
            event = record["event"]
            event["body_sha256"] = core.sha256(core.canonical(record["body"]))
            if last and event["n"] == last["n"] + 1:
                event["previous"] = core.digest("event", core.canonical(last)).hex()
            last = event
    return records


def where(records: list[Record], test: Callable[[Record], bool]) -> int:
    """Return the index of the first record that passes; its line in the file is the index plus 2."""
    return next(index for index, record in enumerate(records) if test(record))


def of_kind(kind: str) -> Callable[[Record], bool]:
    return lambda record: record["kind"] == kind


def event(kind: str) -> Callable[[Record], bool]:
    return lambda record: record["kind"] == "event" and record["event"]["kind"] == kind


def edited_roster(honest: Honest) -> list[Forgery]:
    records = records_of(honest.open)
    at = where(records, of_kind("object"))
    records[at]["object"] = "91440101MA99999999"
    hidden = records_of(honest.salted)
    hidden[where(hidden, of_kind("object"))]["leaf"] = "0" * 64
    naive = honest.open.replace("示例企业7".encode(), "示例企业8".encode(), 1)
    line = honest.open[: honest.open.index("示例企业7".encode())].count(b"\n") + 1
    return [
        Forgery(sealed(records), "roster", at + 2),
        Forgery(sealed(hidden), "roster", where(hidden, event("frozen")) + 2),
        Forgery(naive, "file", line),
    ]


def dropped_firm(honest: Honest) -> list[Forgery]:
    records = records_of(honest.salted)
    at = where(records, of_kind("object"))
    naive = honest.salted.split(b"\n")
    del naive[at + 1]
    del records[at]
    counted = copy.deepcopy(records_of(honest.other_world["dropped"]))
    frozen = where(counted, event("frozen"))
    area = next(a for a in counted[frozen]["body"]["areas"] if a["register"] == a["objects"])
    area["register"] += 1  # what the register of that day says
    return [
        Forgery(sealed(records), "roster", frozen + 2),
        Forgery(b"\n".join(naive), "file", at + 2),
        Forgery(sealed(rechained(counted)), "roster", frozen + 2),
        Forgery(honest.other_world["dropped"], "ledger", frozen + 2, honest.salted_ledger),
    ]


def late_addition(honest: Honest) -> list[Forgery]:
    records = records_of(honest.salted)
    at = where(records, of_kind("object"))
    records.insert(at, {**records[at], "leaf": "0" * 63 + "1"})
    frozen = where(records, event("frozen"))
    return [
        Forgery(sealed(records), "roster", frozen + 2),
        Forgery(honest.other_world["added"], "ledger", frozen + 2, honest.salted_ledger),
    ]


def second_run(honest: Honest) -> list[Forgery]:
    records = records_of(honest.salted)
    at = where(records, event("drawn"))
    again = copy.deepcopy(records[at])
    again["event"]["n"] += 1
    again["body"]["seed"] = "ab" * 32
    records.insert(at + 1, again)
    for later in records[at + 2 :]:
        if later["kind"] == "event":
            later["event"]["n"] += 1
    other = where(
        records_of(honest.other_world["rerun"]), lambda record: record["body"].get("party") == "chamber"
    )
    return [
        Forgery(sealed(rechained(records)), "ledger", at + 3),
        Forgery(honest.other_world["rerun"], "ledger", other + 2, honest.salted_ledger),
    ]


def changed_weight(honest: Honest) -> list[Forgery]:
    records, hidden = records_of(honest.open), records_of(honest.salted)
    at = where(records, of_kind("object"))
    records[at]["weight"] = 5
    line = where(hidden, of_kind("object"))
    hidden[line]["weight"] = 5
    return [Forgery(sealed(records), "roster", at + 2), Forgery(sealed(hidden), "weights", line + 2)]


def swapped_inspector(honest: Honest) -> list[Forgery]:
    records = records_of(honest.salted)
    at = where(records, lambda one: one["kind"] == "drawn" and bool(one["standby"]))
    team = records[at]
    team["inspectors"][0], team["standby"][0] = team["standby"][0], team["inspectors"][0]
    picked = [record for record in records if record["kind"] in ("drawn", "reserve")]
    records[where(records, event("drawn"))]["body"]["sample_root"] = core.merkle_root(
        map(core.canonical, picked)
    )
    return [Forgery(sealed(rechained(records)), "inspectors", at + 2)]


def ground_seed(honest: Honest) -> list[Forgery]:
    records, stated = records_of(honest.salted), records_of(honest.salted)
    at = where(records, event("revealed"))
    records[at]["body"]["nonce"] = "99" * 32
    drawn = where(stated, event("drawn"))
    stated[drawn]["body"]["seed"] = "cd" * 32
    return [
        Forgery(sealed(rechained(records)), "seed", at + 2),
        Forgery(sealed(rechained(stated)), "seed", drawn + 2),
    ]


def shifted_time(honest: Honest) -> list[Forgery]:
    records, subtle = records_of(honest.salted), records_of(honest.salted)
    exists_at = records[0]["body"]["source"]["exists_at"]
    commits = [index for index, record in enumerate(records) if event("committed")(record)]
    for at in commits:
        records[at]["event"]["at"] = exists_at
    subtle[commits[0]]["event"]["at"] = subtle[commits[0]]["event"]["at"].replace(":00+", ":01+")
    subtle[commits[1]]["event"]["at"] = subtle[commits[0]]["event"]["at"]
    return [
        Forgery(sealed(rechained(records)), "times", commits[0] + 2),
        Forgery(sealed(rechained(subtle)), "ledger", commits[0] + 2, honest.salted_ledger),
    ]


def _reroot(records: list[Record]) -> None:
    results = [record for record in records if record["kind"] in ("slot", "result")]
    body = records[where(records, event("outcomes"))]["body"]
    body["root"] = core.merkle_root(map(core.canonical, results))
    body["published"] = sum(record["kind"] == "result" for record in results)
    body["pending"] = sum("pending" in record for record in results)


def _edit_result(records: list[Record]) -> None:
    """Change what one result says, and put the results back into their order."""
    records[where(records, of_kind("result"))]["result"]["codes"] = ["9"]
    _sort_results(records)


def _sort_results(records: list[Record]) -> None:
    first = where(records, of_kind("result"))
    records[first:] = sorted(
        records[first:], key=lambda record: core.sha256(core.canonical(record["result"]))
    )


def edited_result(honest: Honest) -> list[Forgery]:
    records, hidden, whole = records_of(honest.open), records_of(honest.salted), records_of(honest.salted)
    for one in (records, hidden, whole):
        _edit_result(one)
    at = where(records, lambda record: record["kind"] == "result" and record["result"]["codes"] == ["9"])
    _reroot(records)
    _reroot(whole)
    outcomes = where(whole, event("outcomes"))
    return [
        Forgery(sealed(rechained(records)), "results", at + 2),
        Forgery(sealed(hidden), "results", outcomes + 2),
        Forgery(sealed(rechained(whole)), "ledger", outcomes + 2, honest.salted_ledger),
    ]


def withheld_result(honest: Honest) -> list[Forgery]:
    records, hidden = records_of(honest.open), records_of(honest.salted)
    result = where(records, of_kind("result"))
    leaf = records[result]["result"]["leaf"]
    kept = [
        r for r in records if not (r["kind"] == "slot" and r["leaf"] == leaf) and r is not records[result]
    ]
    _reroot(kept)
    drawn = where(kept, lambda record: record["kind"] == "drawn" and record["leaf"] == leaf)
    del hidden[where(hidden, of_kind("result"))]
    return [
        Forgery(sealed(rechained(kept)), "results", drawn + 2),
        Forgery(sealed(hidden), "results", where(hidden, event("outcomes")) + 2),
    ]


CHEATS = [edited_roster, dropped_firm, late_addition, second_run, changed_weight, swapped_inspector, ground_seed,
          shifted_time, edited_result, withheld_result]  # fmt: skip
