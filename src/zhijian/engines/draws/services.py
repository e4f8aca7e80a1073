"""The steps of a draw, in the order of the ceremony: check, decide, write, record; one transaction each."""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction

from zhijian.engines.draws import (
    balancing,
    core,
    ledger,
    matching,
    methods,
    outcomes,
    policies,
    publication,
    roster,
    store,
)
from zhijian.engines.draws.disclosure import Stratum
from zhijian.engines.draws.errors import Tampered, WrongValue
from zhijian.engines.draws.models import CeremonyEvent, Draw, EventKind, Selection
from zhijian.engines.draws.outcomes import Outcome as Outcome
from zhijian.engines.draws.plan import Plan
from zhijian.engines.draws.queries import State, events_of, state_of
from zhijian.engines.draws.roster import Exclusion, PoolInspector, Record, RosterObject
from zhijian.engines.facts import services as facts
from zhijian.security.models import Officer
from zhijian.standards.calendar import statutory_day

SOURCE = "zhijian/draws"
FACT_FIELDS = ("objects", "roster_root", "inspectors", "inspector_root", "party", "commitment", "value", "nonce",
               "seed", "drawn", "reserve", "file", "sha256", "reason", "requester", "approver")  # fmt: skip


def new_salt() -> bytes:
    """Return 16 random bytes."""
    return secrets.token_bytes(16)


@dataclass(frozen=True)
class DrawResult:
    """Who was drawn, with inspectors by their ids. Internal: names and leaves stand side by side."""

    draw: Draw
    seed: str
    drawn: tuple[Selection, ...]
    reserve: tuple[Selection, ...]


def announce(plan: Plan, *, by: Officer, at: datetime) -> Draw:
    """Publish the plan of a draw before anything else happens.

    Raises:
        TooLate: the freeze that the plan names has passed.
        WrongOrder: an earlier attempt still stands, or the attempt is misnumbered.
    """
    policies.check_announce(plan, by=by, at=at)
    body = plan.as_announcement()
    with transaction.atomic():
        draw = Draw.objects.create(
            plan_id=plan.plan_id, attempt=plan.attempt, title=plan.title, announcement=core.canonical(body),
            is_synthetic=plan.is_synthetic, rehearsal=plan.rehearsal, announced_at=at, organisation=by.organisation,
        )  # fmt: skip
        _step(draw, EventKind.ANNOUNCED, body, by=by, at=at)
    return draw


def freeze(
    draw: Draw,
    objects: Iterable[RosterObject],
    inspectors: Iterable[PoolInspector],
    *,
    by: Officer,
    at: datetime,
    register_counts: Mapping[str, int] | None = None,
    exclusions: Iterable[Exclusion] = (),
    salt: Callable[[], bytes] = new_salt,
) -> CeremonyEvent:
    """Fix roster, strata and inspector pool, and publish their fingerprints and the roster's public table.

    ``register_counts`` gives the register's number of objects per division (six digits) in the frame
    of this plan; together with ``exclusions`` it must account for every one.

    Raises:
        TooEarly, TooLate, WrongOrder: not this step's moment.
        DisclosureRisk: the published design would reveal classes.
        NotEnoughInspectors: some object could be left without a team.
        DrawRefused: roster and register do not agree.
    """
    frame, pool = list(objects), list(inspectors)
    with _locked(draw) as locked:
        policies.check_freeze(locked, by=by, at=at)
        plan = locked.plan
        frozen = roster.build(
            plan, frame, pool, salt=salt, register_counts=register_counts, exclusions=exclusions
        )
        _check_pool(plan, frozen)
        store.keep(locked, "objects", frozen.openings)
        store.keep(locked, "inspectors", frozen.inspector_openings)
        columns = ["leaf", "stratum", "weight", *(["sort"] if plan.design.is_extended else []), "probability"]
        columns += ["object", "name"] if plan.mode == "open" else []
        strata = {stratum.label: asdict(stratum) for stratum in frozen.strata}
        rows = (
            line | {"probability": methods.line_chance(line, strata[line["stratum"]])}
            for line in frozen.objects
        )
        publication.write(
            store.public_path(locked, "roster", ".csv"),
            publication.table(columns, rows, protocol=plan.protocol),
        )
        return _step(locked, EventKind.FROZEN, frozen.as_body(), by=by, at=at)


def commit(draw: Draw, party: str, commitment_hash: str, *, by: Officer, at: datetime) -> CeremonyEvent:
    """Publish a party's commitment. Its hash in the ledger is the party's receipt: keep it.

    Raises:
        WrongPerson: somebody else acts for this party.
        TooLate: the public value could be known by now.
    """
    with _locked(draw) as locked:
        policies.check_commit(locked, party, commitment_hash, by=by, at=at)
        body = {"party": party, "commitment": commitment_hash}
        return _step(locked, EventKind.COMMITTED, body, by=by, at=at)


def record_public_value(draw: Draw, value: str, *, by: Officer, at: datetime) -> CeremonyEvent:
    """Record the announced source's value, written in the announced shape.

    Raises:
        TooEarly: the value cannot exist yet.
        WrongValue: it does not have the announced shape.
    """
    with _locked(draw) as locked:
        policies.check_public_value(locked, value, by=by, at=at)
        return _step(locked, EventKind.PUBLIC_VALUE, {"value": value}, by=by, at=at)


def reveal(draw: Draw, party: str, nonce: str, *, by: Officer, at: datetime) -> CeremonyEvent:
    """Open a party's commitment; ``nonce`` is hex.

    Raises:
        WrongValue: the nonce does not open the commitment.
    """
    with _locked(draw) as locked:
        policies.check_reveal(locked, party, nonce, by=by, at=at)
        return _step(locked, EventKind.REVEALED, {"party": party, "nonce": nonce}, by=by, at=at)


def run(draw: Draw, *, by: Officer, at: datetime) -> DrawResult:
    """Draw objects and inspectors. Killed on the way, it leaves nothing, and run again gives the same.

    Raises:
        WrongOrder: a step is missing.
        Tampered: the kept roster is not the one that was frozen.
    """
    with _locked(draw) as locked:
        state = policies.check_run(locked, by=by, at=at)
        computed = _compute(locked, state)
        Selection.objects.bulk_create(computed.selections, batch_size=500)
        body = {
            "seed": computed.seed,
            "drawn": sum(not one.is_reserve for one in computed.selections),
            "reserve": sum(one.is_reserve for one in computed.selections),
            "sample_root": core.merkle_root(map(core.canonical, computed.records)),
        }
        _step(locked, EventKind.DRAWN, body, by=by, at=at)
    return result_of(draw, computed.seed)


def publish(draw: Draw, *, by: Officer, at: datetime) -> Path:
    """Publish the draw file and the table of leaves drawn; return the draw file's path.

    Raises:
        WrongOrder: nothing was drawn, or it was published already.
    """
    with _locked(draw) as locked:
        state = policies.check_publish(locked, by=by, at=at)
        computed = _check_kept(locked, state)
        path = _write_file(locked, computed, part="", extra=())
        told = {record["leaf"] for record in computed.records}
        chances = _chances(state, (line for line in computed.objects if line["leaf"] in told))
        rows = (_table_row(record, chances) for record in computed.records)
        columns = ["kind", "leaf", "stratum", "order", "probability", "inspectors", "standby", "pool"]
        publication.write(
            store.public_path(locked, "drawn", ".csv"),
            publication.table(columns, rows, protocol=locked.plan.protocol),
        )
        _published(locked, path, by=by, at=at)
    return path


def publish_outcomes(
    draw: Draw,
    results: Iterable[Outcome],
    *,
    by: Officer,
    at: datetime,
    salt: Callable[[], bytes] = new_salt,
) -> Path:
    """Publish results of drawn objects, in a salted draw once and whole; earlier files stay.

    In an open draw results may come in parts, with those not yet in as pending.

    Raises:
        WrongValue: a drawn object is missing, a result is for an object that was not drawn, or one is taken back.
        WrongOrder: a salted draw still has pending results, or has published them.
    """
    given = {outcome.object_id: outcome for outcome in results}
    with _locked(draw) as locked:
        state = policies.check_outcomes(locked, by=by, at=at)
        policies.check_outcomes_once(locked, state)
        computed = _check_kept(locked, state)
        selections = {one.object_id: one for one in Selection.objects.filter(draw=locked)}
        outcomes.check_complete(given, selections)
        records, openings = outcomes.records_of(locked, given, selections, salt)
        leaves = {one.object_id: one.leaf for one in selections.values()}
        outcomes.check_progress(locked, len(state.outcomes), given, openings, leaves)
        part = f"results-{len(state.outcomes) + 1}"
        store.keep(locked, part, openings)
        body = {
            "root": core.merkle_root(map(core.canonical, records)),
            "published": sum(record["kind"] == "result" for record in records),
            "pending": sum("pending" in record for record in records),
        }
        _step(locked, EventKind.OUTCOMES, body, by=by, at=at)
        path = _write_file(locked, computed, part=part, extra=records)
        _published(locked, path, by=by, at=at)
    return path


def mark_dispatched(draw: Draw, *, by: Officer, at: datetime) -> None:
    """Note that checks of this draw went out, after which it can no longer be voided. Repeating it changes nothing.

    Raises:
        Forbidden: the draw belongs to a unit outside the officer's area.
        WrongOrder: the draw was voided, or is not published.
        Tampered: the rows that say who was drawn, with whom, are not what the draw gives.
    """
    with _locked(draw) as locked:
        if locked.dispatched_at is None:
            state = policies.check_dispatch(locked, by=by, at=at)
            _check_kept(locked, state)
            locked.dispatched_at = at
            locked.save(update_fields=["dispatched_at"])


def request_void(draw: Draw, reason: str, *, by: Officer, at: datetime) -> None:
    """Ask for an attempt to be voided. Nothing changes until another officer approves; asking again mends the reason.

    Raises:
        TooLate: results are public, or checks went out.
        WrongOrder: somebody else's request is waiting.
    """
    with _locked(draw) as locked:
        policies.check_request_void(locked, reason, by=by, at=at)
        locked.void_reason, locked.void_requested_by, locked.void_requested_at = reason.strip(), by, at
        locked.save(update_fields=["void_reason", "void_requested_by", "void_requested_at"])


def approve_void(draw: Draw, reason: str, *, by: Officer, at: datetime) -> CeremonyEvent:
    """Void an attempt as another officer asked; it stays visible, with reason, requester and approver.

    ``reason`` is the request as the approver read it.

    Raises:
        WrongPerson: the approver is the one who asked.
        WrongOrder: there is no such request.
        TooLate: results are public, or checks went out.
    """
    with _locked(draw) as locked:
        policies.check_approve_void(locked, reason, by=by, at=at)
        assert locked.void_requested_by is not None
        body = {"reason": reason, "requester": locked.void_requested_by.username, "approver": by.username}
        return _step(locked, EventKind.VOIDED, body, by=by, at=at)


def opening_of(draw: Draw, object_id: str) -> Record:
    """Return what an object needs to open its own leaf, and its results' leaves. For it and for auditors only.

    Raises:
        WrongValue: the object is not in the roster.
    """
    for row in store.kept(draw, "objects"):
        if row["object"] == object_id:
            own = {
                key: row[key]
                for key in ("object", "name", "salt", "stratum", "weight", "sort", "leaf")
                if key in row
            }
            head = {"protocol": draw.plan.protocol, "plan": draw.plan_id, "attempt": draw.attempt}
            chance = _chances(state_of(draw), [row])[row["leaf"]]
            return head | own | {"chance": chance, "results": _result_openings(draw, row["leaf"])}
    raise WrongValue(
        f"{object_id}不在抽签{draw}的名单里。若应在其中，请向抽查机关或审计部门反映。",
        f"{object_id} is not in the roster of draw {draw}. If it should be, tell the authority or its auditors.",
    )


def chances_of(draw: Draw) -> dict[str, Fraction]:
    """Return the exact chance with which each drawn object was drawn, by its id; reserves are left out.

    Internal: in a draw by class the chance tells the class.
    """
    strata = {one["label"]: one for one in state_of(draw).frozen["strata"]}
    chosen = Selection.objects.filter(draw=draw, is_reserve=False)
    if not draw.plan.design.is_extended:
        labels = chosen.values_list("object_id", "stratum")
        return {one: Fraction(strata[s]["drawn"], strata[s]["objects"]) for one, s in labels}
    leaves = set(chosen.values_list("leaf", flat=True))
    rows = (row for row in store.kept(draw, "objects") if row["leaf"] in leaves)
    return {row["object"]: Fraction(methods.line_chance(row, strata[row["stratum"]])) for row in rows}


def result_of(draw: Draw, seed: str = "") -> DrawResult:
    """Return who was drawn, after `run`."""
    rows = list(Selection.objects.filter(draw=draw))
    return DrawResult(
        draw,
        seed,
        tuple(row for row in rows if not row.is_reserve),
        tuple(row for row in rows if row.is_reserve),
    )


@dataclass(frozen=True)
class Succession:
    """Who follows on the team of a drawn object, by user name, first one first, as the seed of the draw orders them."""

    standby: tuple[str, ...]  # published with the draw
    further: tuple[str, ...]  # the rest of the frozen list, ranked by the same seed

    @property
    def all(self) -> tuple[str, ...]:
        return self.standby + self.further


def succession_of(draw: Draw, leaf: str) -> Succession:
    """Return who follows on the team of a drawn object. The whole draw is recomputed, so that no edited row decides it.

    Raises:
        Tampered: the kept lists, the sample or the selections are not what the draw gives.
        WrongValue: the leaf was not drawn.
    """
    state = state_of(draw)
    computed = _check_kept(draw, state)
    record = next((one for one in computed.records if one["leaf"] == leaf and one["kind"] == "drawn"), None)
    if record is None:
        raise WrongValue(f"抽签{draw}没有抽中{leaf[:16]}…。", f"Draw {draw} did not draw {leaf[:16]}….")
    members = {area["code"]: area["members"] for area in state.frozen["areas"]}
    area = next(members[one["area"]] for one in state.frozen["strata"] if one["label"] == record["stratum"])
    rest = matching.further(
        bytes.fromhex(computed.seed), leaf, area, computed.inspectors, rules_of(draw.plan),
        [*record["inspectors"], *record["standby"]],
    )  # fmt: skip
    names = {row["leaf"]: str(row["inspector"]) for row in store.kept(draw, "inspectors")}
    return Succession(tuple(names[one] for one in record["standby"]), tuple(names[one] for one in rest))


def _result_openings(draw: Draw, leaf: str) -> list[Record]:
    folder = store.private_folder(draw)
    parts = sorted(folder.glob("results-*.jsonl"), key=lambda path: int(path.stem.split("-")[1]))
    return [row for path in parts for row in store.kept(draw, path.stem) if row["leaf"] == leaf]


@contextmanager
def _locked(draw: Draw) -> Iterator[Draw]:
    """Hold the draw's row in a transaction, so that two people cannot take one step twice."""
    with transaction.atomic():
        yield Draw.objects.select_for_update().get(pk=draw.pk)


def _step(
    draw: Draw, kind: EventKind, body: Mapping[str, Any], *, by: Officer, at: datetime
) -> CeremonyEvent:
    """Append one event and record it as a fact about the plan."""
    event = ledger.append(draw, kind.value, body, actor=by.username, at=at)
    name = EventKind.PUBLISHED if kind is EventKind.OUTCOMES else kind
    facts.record(
        f"draw.{name.value}",
        subject=draw.plan_id,
        occurred_on=statutory_day(at),
        payload=fact_payload(event),
        source=SOURCE,
        source_key=f"event/{event.n}/{event.hash[:16]}",
        by=by.username,
        at=at,
        is_synthetic=draw.is_synthetic,
    )
    return event


def fact_payload(event: CeremonyEvent) -> dict[str, Any]:
    """Return what the fact about an event says."""
    draw, body = event.draw, event.as_body()
    payload = {"attempt": draw.attempt, "title": draw.title, "event": event.n, "event_hash": event.hash}
    return payload | {key: body[key] for key in FACT_FIELDS if key in body}


def _check_pool(plan: Plan, frozen: roster.Roster) -> None:
    rules = rules_of(plan)
    if plan.design.teams is None:
        matching.check_pool((line["leaf"] for line in frozen.objects), frozen.inspectors, rules)
        return
    area_of = {stratum.label: stratum.area for stratum in frozen.strata}
    leaves = defaultdict(list)
    for line in frozen.objects:
        leaves[area_of[line["stratum"]]].append(line["leaf"])
    areas = {area.code: (area.members, leaves[area.code]) for area in frozen.areas}
    balancing.check_pool(areas, frozen.inspectors, rules, plan.design.teams)


def match(
    plan: Plan,
    seed: bytes,
    drawn: Iterable[tuple[str, Sequence[str]]],
    inspectors: Sequence[Mapping[str, Any]],
) -> dict[str, matching.Team]:
    """Return every drawn leaf's team by the rules of a plan. ``drawn`` gives (leaf, members of its area)."""
    if plan.design.teams is None:
        return matching.assign(seed, drawn, inspectors, rules_of(plan))
    return balancing.assign(seed, drawn, inspectors, rules_of(plan), plan.design.teams).teams


def rules_of(plan: Plan) -> matching.Rules:
    """Return what a plan asks of a team."""
    return matching.Rules(
        plan.skills, plan.inspection_until.isoformat(), plan.design.team_size, plan.design.max_load
    )


@dataclass(frozen=True)
class _Computed:
    seed: str
    objects: list[Record]
    inspectors: list[Record]
    records: list[Record]  # drawn by leaf, then reserve by leaf
    selections: list[Selection]


def _compute(draw: Draw, state: State) -> _Computed:
    """Recompute the whole draw from what was kept and what was published."""
    plan, openings = draw.plan, list(store.kept(draw, "objects"))
    people = {row["leaf"]: row for row in store.kept(draw, "inspectors")}
    objects = [roster.public_object(row, plan.mode) for row in openings]
    private = ("inspector", "name", "organisation", "salt")
    inspectors = [{key: value for key, value in row.items() if key not in private} for row in people.values()]
    _check_roots(draw, state, objects, inspectors)
    seed = core.draw_seed(
        draw.plan_id,
        draw.attempt,
        announcement_sha256=core.sha256(draw.announcement),
        roster_root=state.frozen["roster_root"],
        inspector_root=state.frozen["inspector_root"],
        nonces=[state.nonces[party.key] for party in plan.parties],
        value=state.value,
    )
    samples = _sample(seed, state.frozen["strata"], objects)
    members = {area["code"]: area["members"] for area in state.frozen["areas"]}
    area_of = {stratum["label"]: members[stratum["area"]] for stratum in state.frozen["strata"]}
    drawn = [(objects[i]["leaf"], area_of[objects[i]["stratum"]]) for s in samples.values() for i in s.drawn]
    teams = match(plan, seed, drawn, inspectors)
    records = _sample_records(samples, objects, teams)
    by_leaf = {row["leaf"]: row for row in openings}
    selections = [_selection(draw, record, by_leaf[record["leaf"]], people) for record in records]
    return _Computed(seed.hex(), objects, inspectors, records, selections)


def _check_kept(draw: Draw, state: State) -> _Computed:
    """Recompute the whole draw, and refuse it where the sample or the rows that were kept are not what it gives."""
    computed = _compute(draw, state)
    _check_sample(draw, state, computed)
    _check_selections(draw, computed)
    return computed


def _check_roots(draw: Draw, state: State, objects: Sequence[Record], inspectors: Sequence[Record]) -> None:
    roots = [core.merkle_root(map(core.canonical, lines)) for lines in (objects, inspectors)]
    if roots != [state.frozen["roster_root"], state.frozen["inspector_root"]]:
        raise Tampered(
            f"抽签{draw}保存的名单与冻结时公布的指纹不符，可能被改动。请停止抽取，从备份恢复并查明原因。",
            f"The kept roster of draw {draw} does not match the fingerprint published at the freeze. Stop, and find out why.",
        )


def _check_sample(draw: Draw, state: State, computed: _Computed) -> None:
    if core.merkle_root(map(core.canonical, computed.records)) != state.drawn["sample_root"]:
        raise Tampered(
            f"抽签{draw}复算的结果与抽取时记录的不符。请停止公布并查明原因。",
            f"Recomputing draw {draw} gives another sample than the one recorded. Stop, and find out why.",
        )


_SELECTED = ("leaf", "object_id", "name", "division", "stratum", "order", "is_reserve", "inspectors", "standby",
             "pool", "is_synthetic")  # fmt: skip


def _check_selections(draw: Draw, computed: _Computed) -> None:
    """The checks are made from these rows: nobody swaps a firm or an inspector in them on the way."""
    kept = {one.leaf: one for one in Selection.objects.filter(draw=draw)}
    wanted = {one.leaf: one for one in computed.selections}
    for leaf in sorted(kept.keys() | wanted.keys()):
        one, other = kept.get(leaf), wanted.get(leaf)
        if not one or not other or any(getattr(one, key) != getattr(other, key) for key in _SELECTED):
            raise Tampered(
                f"抽签{draw}保存的抽中名单在{leaf[:16]}…处与复算的不符，可能被改动。请停止派发和公布，并查明原因。",
                f"The kept sample of draw {draw} is not what the draw gives at leaf {leaf[:16]}…. Stop, and find out why.",
            )


def _sample(seed: bytes, strata: Sequence[Record], objects: Sequence[Record]) -> dict[str, core.Sample]:
    leaves = core.leaf_array([line["leaf"] for line in objects])
    heads = core.rank(seed, leaves)
    weights = np.array([line["weight"] for line in objects], np.int64)
    sorts = np.array([line.get("sort", 0) for line in objects], np.int64)
    members: dict[str, list[int]] = defaultdict(list)
    for index, line in enumerate(objects):
        members[line["stratum"]].append(index)
    return {
        stratum["label"]: methods.draw_stratum(
            seed, leaves, heads, np.array(members[stratum["label"]], np.int64), weights, sorts, Stratum(**stratum)
        )
        for stratum in strata
    }  # fmt: skip


def _sample_records(
    samples: Mapping[str, core.Sample], objects: Sequence[Record], teams: Mapping[str, matching.Team]
) -> list[Record]:
    drawn, reserve = [], []
    for stratum, sample in samples.items():
        for order, index in enumerate(sample.drawn, start=1):
            leaf = objects[index]["leaf"]
            team = {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(teams[leaf]).items()}
            drawn.append({"kind": "drawn", "leaf": leaf, "stratum": stratum, "order": order} | team)
        for order, index in enumerate(sample.reserve, start=1):
            reserve.append(
                {"kind": "reserve", "leaf": objects[index]["leaf"], "stratum": stratum, "order": order}
            )
    return sorted(drawn, key=_leaf) + sorted(reserve, key=_leaf)


def _leaf(record: Record) -> str:
    return str(record["leaf"])


def _selection(draw: Draw, record: Record, opening: Record, people: Mapping[str, Record]) -> Selection:
    return Selection(
        draw=draw,
        leaf=record["leaf"],
        object_id=opening["object"],
        name=opening["name"],
        division=opening["division"],
        stratum=record["stratum"],
        order=record["order"],
        is_reserve=record["kind"] == "reserve",
        inspectors=[people[leaf]["inspector"] for leaf in record.get("inspectors", [])],
        standby=[people[leaf]["inspector"] for leaf in record.get("standby", [])],
        pool=record.get("pool", 0),
        is_synthetic=opening["is_synthetic"],
    )


def _chances(state: State, objects: Iterable[Record]) -> dict[str, str]:
    """Return the exact chance of each of some lines of a roster by its leaf, as a fraction in lowest terms."""
    strata = {one["label"]: one for one in state.frozen["strata"]}
    return {line["leaf"]: methods.line_chance(line, strata[line["stratum"]]) for line in objects}


def _table_row(record: Record, chances: Mapping[str, str]) -> Record:
    joined = {key: " ".join(record[key]) for key in ("inspectors", "standby") if key in record}
    return record | joined | {"probability": chances[record["leaf"]]}


def _write_file(draw: Draw, computed: _Computed, *, part: str, extra: Sequence[Record]) -> Path:
    """Write a draw file: the draw's events so far, objects, inspectors, sample, and results if any."""

    def lines() -> Iterator[Record]:
        yield from (ledger.record_of(event) for event in events_of(draw))
        yield from computed.objects
        yield from computed.inspectors
        yield from computed.records
        yield from extra

    path = store.public_path(draw, part, ".json")
    publication.write(path, publication.seal(lines()))
    return path


def _published(draw: Draw, path: Path, *, by: Officer, at: datetime) -> None:
    with path.open("rb") as file:
        sha256 = publication.digest_of(iter(lambda: file.read(1 << 20), b""))
    _step(draw, EventKind.PUBLISHED, {"file": path.name, "sha256": sha256}, by=by, at=at)
