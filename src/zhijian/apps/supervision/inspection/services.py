"""The verbs of an inspection. Each checks, decides, writes and records the fact, in one transaction.

Who acts and when come in as `by` and `at`; `happened_at` is the moment on the phone, which may be earlier
than the moment when the send arrived. A `key` makes a send repeatable: the same key gets the same answer.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import yaml
from django.db import transaction

from zhijian.apps.supervision.inspection import ending_rules, item_list, orders, policies, rules
from zhijian.apps.supervision.inspection.codes import ALL_CODES, Ending, FollowUpKind
from zhijian.apps.supervision.inspection.ending_rules import Asked, Matter, Told
from zhijian.apps.supervision.inspection.models import (
    Check,
    CheckEvent,
    CheckItemResult,
    CheckResult,
    ClientSend,
    Draft,
    DrawnObject,
    Evidence,
    FollowUp,
    FollowUpClosing,
    InspectionItem,
    InspectionTask,
    RecordedCode,
)
from zhijian.apps.supervision.inspection.rules import Finding, State, Verb
from zhijian.engines.draws import services as draws
from zhijian.engines.draws.models import Draw
from zhijian.engines.evidence import examining as files
from zhijian.engines.evidence.kinds import clean_name
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures.models import Case, CaseStatus
from zhijian.security.models import Officer, Organisation, Role
from zhijian.security.permissions import Permission, require
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import ZONE, statutory_day

SOURCE = "inspection"
RESULT_KEY = "/result"  # after the number of the check, the key of the fact that publishes its result
LIMIT_TEXT = 4000
_ORDERED = (FollowUpKind.ORDER_CORRECTION, FollowUpKind.RECHECK)  # the firm was given until a day
CLOCK_TOLERANCE = timedelta(minutes=5)
day_of = statutory_day

T = TypeVar("T")


@dataclass(frozen=True)
class Position:
    """Where the inspectors were: from the device, or in words where the device could not tell."""

    latitude: Decimal | None = None
    longitude: Decimal | None = None
    accuracy_m: int | None = None
    words: str = ""

    @classmethod
    def from_texts(cls, latitude: str, longitude: str, accuracy_m: str, words: str) -> "Position":
        """Read what a form or a phone sent; a half or impossible coordinate counts as none."""
        place = _coordinate(latitude, 90), _coordinate(longitude, 180)
        if None in place:
            place = None, None
        metres = _metres(accuracy_m)
        return cls(place[0], place[1], metres if place[0] is not None else None, words.strip()[:200])

    @property
    def is_known(self) -> bool:
        return self.latitude is not None or bool(self.words)

    def as_payload(self) -> dict[str, Any]:
        return {
            "latitude": None if self.latitude is None else str(self.latitude),
            "longitude": None if self.longitude is None else str(self.longitude),
            "accuracy_m": self.accuracy_m,
            "words": self.words,
        }


LARGEST_ACCURACY_M = 100_000


def _metres(text: str) -> int | None:
    """Read how exact a position is; beyond 100 km it says nothing and counts as 100 km."""
    try:
        value = float(text)
    except ValueError:
        return None
    return round(min(value, LARGEST_ACCURACY_M)) if value >= 0 else None


def _coordinate(text: str, limit: int) -> Decimal | None:
    try:
        value = Decimal(text).quantize(Decimal("0.000001"))
    except (InvalidOperation, ValueError):
        return None
    return value if value.is_finite() and abs(value) <= limit else None


@dataclass(frozen=True)
class DrawnVisit:
    """One drawn object with the inspectors drawn for it, as the draw hands it over."""

    uscc: str
    name: str
    address: str
    division_code: str
    is_synthetic: bool
    inspectors: tuple[Officer, Officer]
    leaf: str = ""
    stratum: str = ""


@dataclass(frozen=True)
class Dispatch:
    """What a finished draw gives to do. `frame_by_prefecture` counts the objects that could be drawn."""

    plan_id: str
    attempt: int
    title: str
    title_en: str
    item_codes: tuple[str, ...]
    organisation: Organisation
    drawn_on: date
    due_on: date
    is_rehearsal: bool
    visits: tuple[DrawnVisit, ...]
    frame_by_prefecture: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ResultEntry:
    """A result as it is handed in. `findings` maps an item's code to (finding, note)."""

    codes: tuple[str, ...]
    findings: Mapping[str, tuple[str, str]]
    summary: str = ""
    unreachable_proof: str = ""
    letters: tuple[date, date] | None = None
    correct_by: date | None = None
    signed: rules.Signed | None = None  # None: not asked for, as in a correction


def publish_item_list(*, by: Officer | None, at: datetime, path: Path | None = None) -> int:
    """Load the shipped item list (or another file of its form); the same list again changes nothing.

    Returns the number of items new or changed. An item that left the list ends the day before `valid_from`.
    """
    text = (
        path.read_text("utf-8")
        if path
        else resources.files(__package__).joinpath("data/items.yaml").read_text("utf-8")
    )
    listed = yaml.safe_load(text)
    with transaction.atomic():
        changed = sum(_publish_item(row, listed) for row in listed["items"])
        gone = InspectionItem.objects.filter(valid_to=None, register_version=0).exclude(
            code__in=[r["code"] for r in listed["items"]]
        )
        return changed + gone.update(valid_to=listed["valid_from"] - timedelta(days=1))


def _publish_item(row: dict[str, Any], listed: dict[str, Any]) -> int:
    values = {key: row[key] for key in ("name", "name_en", "object_type", "level", "legal_basis", "content")}
    values |= {key: row[key] for key in ("content_en", "method", "method_en", "is_desk_checkable")}
    values |= {"class_code": row["class"], "is_basis_verified": row["verified"]}
    values |= {"cap_per_year": row.get("cap_per_year"), "is_jointable": row.get("is_jointable", True)}
    current = InspectionItem.objects.filter(code=row["code"], valid_to=None, register_version=0).first()
    if current and all(getattr(current, key) == value for key, value in values.items()):
        return 0
    if current and current.valid_from < listed["valid_from"]:
        current.valid_to = listed["valid_from"] - timedelta(days=1)
        current.save()
    InspectionItem.objects.update_or_create(
        code=row["code"],
        valid_from=listed["valid_from"],
        register_version=0,
        defaults=values | {"list_version": listed["list_version"]},
    )
    return 1


def items_in_force(
    codes: Iterable[str], day: date, *, unit: Organisation | None = None
) -> list[InspectionItem]:
    """Return the listed items in force on a day, each as the published list says it; for a unit, of lists of its area.

    Raises:
        Incomplete: a code is not on the list that day; what is not listed may not be inspected.
    """
    wanted = list(dict.fromkeys(codes))
    found = item_list.standing(wanted, day, unit)
    missing = [code for code in wanted if code not in found]
    if missing or not wanted:
        raise policies.Incomplete(
            [
                Problem(
                    "items",
                    f"{day.isoformat()}的抽查事项清单里没有{'、'.join(missing) or '任何所选事项'}。清单之外的事项不得检查。",
                    f"The item list of {day.isoformat()} does not hold {', '.join(missing) or 'any chosen item'}. "
                    "What is not listed may not be inspected.",
                )
            ]
        )
    return [found[code] for code in wanted]


def dispatch(plan: Dispatch, *, by: Officer, at: datetime) -> InspectionTask:
    """Make the checks of a finished draw, and record each as a fact. Repeating it changes nothing.

    A rehearsal has no legal effect: its real firms get neither check nor fact, only its invented ones do.

    Raises:
        Forbidden: the officer may not manage draws, or not this unit's.
        Incomplete: an item is not on the list.
        DrawRefused: the draw was voided meanwhile.
    """
    require(by, Permission.MANAGE_DRAW)
    with transaction.atomic():
        earlier = InspectionTask.objects.filter(plan_id=plan.plan_id, attempt=plan.attempt).first()
        if earlier:
            return earlier
        draw = Draw.objects.filter(plan_id=plan.plan_id, attempt=plan.attempt).first()
        if draw:
            draws.mark_dispatched(draw, by=by, at=at)
        items = items_in_force(plan.item_codes, plan.drawn_on)
        task = InspectionTask.objects.create(
            plan_id=plan.plan_id,
            attempt=plan.attempt,
            title=plan.title,
            title_en=plan.title_en,
            organisation=plan.organisation,
            drawn_on=plan.drawn_on,
            due_on=plan.due_on,
            is_rehearsal=plan.is_rehearsal,
            is_synthetic=all(visit.is_synthetic for visit in plan.visits),
            drawn_count=len(plan.visits),
            frame_by_prefecture=dict(plan.frame_by_prefecture),
            dispatched_by=by,
            dispatched_at=at,
        )
        task.items.set(items)
        visits = sorted(plan.visits, key=lambda one: one.uscc)
        DrawnObject.objects.bulk_create([_drawn(task, visit) for visit in visits])
        # Numbers are public: they follow the code, so that they say nothing of the place in the draw.
        for place, visit in enumerate(visits, start=1):
            if visit.is_synthetic or not plan.is_rehearsal:
                _dispatch_one(task, place, visit, by=by, at=at)
        return task


def _drawn(task: InspectionTask, visit: DrawnVisit) -> DrawnObject:
    prefecture = f"{visit.division_code[:4]}00" if visit.division_code else ""
    return DrawnObject(
        task=task, uscc=visit.uscc, prefecture_code=prefecture, is_synthetic=visit.is_synthetic
    )


def _dispatch_one(task: InspectionTask, place: int, visit: DrawnVisit, *, by: Officer, at: datetime) -> Check:
    first, second = visit.inspectors
    organisation = first.organisation or task.organisation
    check = Check.objects.create(
        number=f"{task.plan_id}-{task.attempt}-{place:04d}",
        task=task,
        uscc=visit.uscc,
        entity_name=visit.name,
        address=visit.address,
        division_code=visit.division_code,
        leaf=visit.leaf,
        stratum=visit.stratum,
        inspector_first=first,
        inspector_second=second,
        organisation=organisation,
        due_on=task.due_on,
        is_synthetic=visit.is_synthetic,
    )
    _event(check, Verb.DISPATCH, by=by, at=at)
    facts.record(
        "inspection.dispatched",
        subject=check.uscc,
        occurred_on=task.drawn_on,
        payload={
            "check": check.number,
            "plan": task.plan_id,
            "attempt": task.attempt,
            "items": [item.code for item in task.ordered_items],
            "authority": organisation.name,
            "inspectors": [first.username, second.username],
        },
        source=SOURCE,
        source_key=_dispatch_key(check),
        by=by,
        at=at,
        is_synthetic=check.is_synthetic,
    )
    return check


def _dispatch_key(check: Check) -> str:
    return f"{check.number}/dispatched"


def check_as_dispatched(check: Check) -> None:
    """Refuse a check whose firm or team is not what its dispatch and its replacements say.

    Raises:
        NotAsDrawn: somebody edited the table.
    """
    fact = Fact.objects.filter(source=SOURCE, source_key=_dispatch_key(check), revision=0).first()
    policies.check_as_dispatched(check, fact, replacement_facts(check.number))


def replacement_facts(number: str) -> list[Fact]:
    """Return the facts of a check's replacements, in order."""
    rows = Fact.objects.filter(source=SOURCE, source_key__startswith=f"{number}/replaced/", revision=0)
    return sorted(rows, key=lambda one: int(one.payload["sequence"]))


def begin(
    check: Check,
    position: Position,
    *,
    certificates_shown: bool,
    by: Officer,
    at: datetime,
    happened_at: datetime | None = None,
    key: UUID | None = None,
) -> dict[str, Any]:
    """Write down that both inspectors arrived and showed their certificates, and where.

    Raises:
        Refused: not this officer, not now, fewer than two inspectors, an expired certificate, no position.
    """

    def act(check: Check) -> dict[str, Any]:
        moment = _plausible(check, happened_at, at)
        policies.check_begin(check, by, statutory_day(moment))
        check_as_dispatched(check)
        if problems := _arrival_problems(position, certificates_shown):
            raise policies.Incomplete(problems)
        payload = {"certificates_shown": True, "position": position.as_payload()}
        _event(check, Verb.BEGIN, by=by, at=at, happened_at=moment, payload=payload)
        return {"state": State.ON_SITE.value}

    return _once(check, "begin", act, by=by, at=at, key=key)


def _arrival_problems(position: Position, certificates_shown: bool) -> list[Problem]:
    problems = []
    if not certificates_shown:
        problems.append(
            Problem(
                "certificates_shown",
                "请先向当事人出示执法证件，再勾选。",
                "Show your certificates to the business first, then tick the box.",
            )
        )
    if not position.is_known:
        problems.append(
            Problem(
                "position_words",
                "没有取得位置。请点“取得位置”，或写明所在地点。",
                "There is no position. Get it from the phone, or write where you are.",
            )
        )
    return problems


def save_draft(
    check: Check,
    content: Mapping[str, Any],
    *,
    base_version: int,
    by: Officer,
    at: datetime,
    key: UUID | None = None,
) -> dict[str, Any]:
    """Keep what has been typed as a new version.

    Raises:
        ChangedUnderYou: the other inspector saved after `base_version`; nothing is overwritten.
        NotNow: the result was handed in already.
    """

    def act(check: Check) -> dict[str, Any]:
        policies.check_inspector(check, by)
        if check.state not in {State.DISPATCHED, State.ON_SITE, State.RETURNED}:
            policies.check_step(check, Verb.RECORD)
        latest = check.drafts.order_by("-version").first()
        if latest and latest.version != base_version and latest.saved_by_id != by.pk:
            raise _changed(latest)
        cleaned = clean_draft(content, [item.code for item in check.task.ordered_items])
        if latest and latest.content == cleaned:
            return {"version": latest.version}
        draft = Draft.objects.create(
            check_record=check,
            version=latest.version + 1 if latest else 1,
            content=cleaned,
            saved_by=by,
            saved_at=at,
        )
        return {"version": draft.version}

    return _once(check, "draft", act, by=by, at=at, key=key)


def _changed(latest: Draft) -> policies.ChangedUnderYou:
    clock = latest.saved_at.astimezone(ZONE).strftime("%H:%M")
    return policies.ChangedUnderYou(
        f"{latest.saved_by}{clock}改过这次检查。您填的内容没有丢，还在下面。",
        f"{latest.saved_by} changed this check at {clock}. Your text is kept below.",
        version=latest.version,
        content=latest.content,
    )


_DRAFT_TEXTS = (
    "summary",
    "unreachable_proof",
    "letter_first_on",
    "letter_second_on",
    "correct_by",
    "position_words",
    "signing",
    "refusal_reason",
    "refusal_witness",
)


def clean_draft(content: Mapping[str, Any], item_codes: Iterable[str]) -> dict[str, Any]:
    """Return only what a draft may hold: known fields, as text of at most 4,000 characters."""
    findings = content.get("findings")
    findings = findings if isinstance(findings, Mapping) else {}
    cleaned: dict[str, Any] = {name: _text(content.get(name)) for name in _DRAFT_TEXTS}
    cleaned["certificates_shown"] = content.get("certificates_shown") is True
    chosen = content.get("codes")
    chosen = chosen if isinstance(chosen, list | tuple) else ()
    cleaned["codes"] = [code for code in dict.fromkeys(map(str, chosen)) if code in ALL_CODES]
    cleaned["findings"] = {}
    for code in item_codes:
        row = findings.get(code)
        if isinstance(row, Mapping):
            finding = _text(row.get("finding"))
            cleaned["findings"][code] = {
                "finding": finding if finding in set(Finding) else "",
                "note": _text(row.get("note")),
            }
    return cleaned


def _text(value: object) -> str:
    return value.replace("\x00", "")[:LIMIT_TEXT] if isinstance(value, str) else ""


def add_evidence(
    check: Check,
    data: bytes,
    name: str,
    *,
    media: Path,
    item_code: str = "",
    taken_at: datetime | None = None,
    position: Position | None = None,
    by: Officer,
    at: datetime,
    key: UUID | None = None,
) -> dict[str, Any]:
    """Keep a photo or PDF as delivered, under its hash, with a small copy for the screen.

    Raises:
        RefusedFile: not a photo or PDF, too large, broken.
        Refused: not this officer, or the result was confirmed already.
    """
    policies.check_inspector(check, by)
    examined = files.examine(data, name)
    place = position or Position()

    def act(check: Check) -> dict[str, Any]:
        if check.state in {State.CONFIRMED, State.PUBLISHED}:
            policies.check_step(check, Verb.RECORD)
        item = next((item for item in check.task.ordered_items if item.code == item_code), None)
        is_signature = item_code == Evidence.SIGNATURE
        kept = Evidence.objects.create(
            check_record=check,
            item=item,
            sha256=examined.sha256,
            size_bytes=examined.size_bytes,
            mime=examined.mime,
            width_px=examined.width_px,
            height_px=examined.height_px,
            name=clean_name(name),
            purpose=Evidence.SIGNATURE if is_signature else "",
            taken_at=taken_at,
            latitude=place.latitude,
            longitude=place.longitude,
            accuracy_m=place.accuracy_m,
            uploaded_by=by,
            received_at=at,
        )
        files.keep(media, data, examined)
        return {"id": kept.pk, "sha256": kept.sha256, "received_at": at.isoformat()}

    return _once(check, "evidence", act, by=by, at=at, key=key)


def record_result(
    check: Check,
    entry: ResultEntry,
    *,
    by: Officer,
    at: datetime,
    happened_at: datetime | None = None,
    key: UUID | None = None,
) -> dict[str, Any]:
    """Hand in the result of the visit for the second inspector to confirm.

    Raises:
        Incomplete: something is missing or contradictory; nothing is written.
        Refused: not this officer, or not now.
    """

    def act(check: Check) -> dict[str, Any]:
        policies.check_record(check, by)
        moment = _plausible(check, happened_at, at)
        result = _write_result(check, entry, statutory_day(moment), by=by, at=at)
        payload = {"version": result.version, "codes": list(entry.codes)}
        _event(check, Verb.RECORD, by=by, at=at, happened_at=moment, payload=payload)
        return {"state": State.RESULT_ENTERED.value, "version": result.version}

    return _once(check, "result", act, by=by, at=at, key=key)


def _refuse_contradictions(check: Check, entry: ResultEntry, completed_on: date) -> None:
    problems = rules.result_problems(
        entry.codes,
        entry.findings,
        item_codes=[item.code for item in check.task.ordered_items],
        unreachable_proof=entry.unreachable_proof,
        letters=entry.letters,
        has_proof_on_file=check.evidence.exists(),
        completed_on=completed_on,
        correct_by=entry.correct_by,
    )
    if entry.signed is not None:
        has_signature = check.evidence.filter(purpose=Evidence.SIGNATURE).exists()
        problems += rules.signing_problems(entry.codes, entry.signed, has_signature=has_signature)
    if problems:
        raise policies.Incomplete(problems)


def _write_result(
    check: Check,
    entry: ResultEntry,
    completed_on: date,
    *,
    by: Officer,
    at: datetime,
    reason: str = "",
) -> CheckResult:
    _refuse_contradictions(check, entry, completed_on)
    items, signed = check.task.ordered_items, _signed(check, entry)
    result = CheckResult.objects.create(
        check_record=check,
        version=check.results.count() + 1,
        completed_on=completed_on,
        summary=_text(entry.summary),
        unreachable_proof=entry.unreachable_proof if "5" in entry.codes else "",
        letter_first_on=entry.letters[0] if entry.letters else None,
        letter_second_on=entry.letters[1] if entry.letters else None,
        correct_by=entry.correct_by if "6" in entry.codes else None,
        signing=signed.choice,
        refusal_reason=signed.reason,
        refusal_witness=signed.witness,
        correction_reason=reason,
        recorded_by=by,
        recorded_at=at,
    )
    for place, code in enumerate(dict.fromkeys(entry.codes)):
        RecordedCode.objects.create(result=result, place=place, code=code)
    for item in items:
        finding, note = entry.findings.get(item.code, ("", ""))
        if finding in set(Finding):
            CheckItemResult.objects.create(result=result, item=item, finding=finding, note=_text(note))
    return result


def _signed(check: Check, entry: ResultEntry) -> rules.Signed:
    """Return how the record was signed: as handed in, or as the version before says; only what belongs to the choice."""
    if entry.signed is None:
        earlier = check.result
        if earlier is None:
            return rules.Signed()
        return rules.Signed(earlier.signing, earlier.refusal_reason, earlier.refusal_witness)
    if rules.is_nobody_met(entry.codes):
        return rules.Signed()
    if entry.signed.choice == rules.Signing.SIGNED:
        return rules.Signed(rules.Signing.SIGNED)
    return rules.Signed(rules.Signing.REFUSED, entry.signed.reason.strip()[:300], entry.signed.witness)


def send_back(
    check: Check, reason: str, *, by: Officer, at: datetime, key: UUID | None = None
) -> dict[str, Any]:
    """Return a result to the inspector who recorded it, saying what is missing.

    Raises:
        Incomplete: no reason was given.
        Refused: not the second inspector, or not now.
    """

    def act(check: Check) -> dict[str, Any]:
        policies.check_confirm(check, by)
        if not reason.strip():
            raise policies.Incomplete([Problem("reason", "请写明退回的理由。", "Say why you send it back.")])
        _event(check, Verb.SEND_BACK, by=by, at=at, payload={"reason": reason.strip()[:LIMIT_TEXT]})
        return {"state": State.RETURNED.value}

    return _once(check, "send_back", act, by=by, at=at, key=key)


def confirm_by_second(check: Check, *, by: Officer, at: datetime, key: UUID | None = None) -> dict[str, Any]:
    """Let the other inspector confirm the result, which opens what must follow from it.

    Raises:
        WrongPerson: the officer recorded it, or was not drawn for this check.
        NotNow: there is no result waiting.
    """

    def act(check: Check) -> dict[str, Any]:
        policies.check_confirm(check, by)
        result = check.result
        assert result is not None
        _event(check, Verb.CONFIRM, by=by, at=at, payload={"version": result.version})
        _record_confirmation(check, result, by=by, at=at)
        _open_follow_ups(check, result, by=by, at=at)
        return {"state": State.CONFIRMED.value}

    return _once(check, "confirm", act, by=by, at=at, key=key)


def _record_confirmation(check: Check, result: CheckResult, *, by: Officer, at: datetime) -> None:
    """Seal what the second inspector confirmed, so that nothing else can be published."""
    facts.record(
        "inspection.confirmed",
        subject=check.uscc,
        occurred_on=statutory_day(at),
        payload={
            "check": check.number,
            "version": result.version,
            "result_sha256": result_digest(check, result),
        },
        source=SOURCE,
        source_key=_confirmation_key(check, result),
        by=by,
        at=at,
        is_synthetic=check.is_synthetic,
    )


def _confirmation_key(check: Check, result: CheckResult) -> str:
    return f"{check.number}/confirmed/{result.version}"


def result_digest(check: Check, result: CheckResult) -> str:
    content = json.dumps(result_payload(check, result), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def _check_as_confirmed(check: Check, result: CheckResult) -> None:
    key = _confirmation_key(check, result)
    fact = Fact.objects.filter(source=SOURCE, source_key=key, revision=0).first()
    policies.check_as_confirmed(result_digest(check, result), fact)


def _open_follow_ups(check: Check, result: CheckResult, *, by: Officer, at: datetime) -> None:
    still_open = {rules.same_matter(row.kind, row.code) for row in check.follow_ups.filter(closing=None)}
    codes = [code.code for code in result.codes]
    for due in rules.follow_ups_of(codes, result.completed_on, correct_by=result.correct_by):
        if rules.same_matter(due.kind, due.code) not in still_open:
            _open_follow_up(check, result, due, by=by, at=at)


def _open_follow_up(check: Check, result: CheckResult, due: rules.Due, *, by: Officer, at: datetime) -> None:
    follow_up = FollowUp.objects.create(
        check_record=check,
        result=result,
        kind=due.kind,
        code=due.code,
        starts_on=due.starts_on,
        due_on=due.due_on,
        article=due.article,
        opened_at=at,
    )
    _record_follow_up(follow_up, "opened", {"outcome": ""}, by=by, at=at)


def _record_follow_up(
    follow_up: FollowUp, step: str, told: Mapping[str, str | None], *, by: Officer, at: datetime
) -> None:
    check = follow_up.check_record
    facts.record(
        "inspection.follow_up",
        subject=check.uscc,
        occurred_on=follow_up.starts_on if step == "opened" else statutory_day(at),
        payload={
            "check": check.number,
            "kind": follow_up.kind,
            "code": follow_up.code,
            "step": step,
            "due_on": follow_up.due_on.isoformat() if follow_up.due_on else None,
            **told,
        },
        source=SOURCE,
        source_key=f"{check.number}/follow-up/{follow_up.pk}/{step}",
        by=by,
        at=at,
        is_synthetic=check.is_synthetic,
        legal_basis=follow_up.article,
    )


def close_follow_up(
    follow_up: FollowUp, told: Told, *, by: Officer, at: datetime, key: UUID | None = None
) -> dict[str, Any]:
    """Write down how a follow-up ended and what that hangs on: a case, a letter, a re-check.

    A firm that is ordered again is looked at again: a new follow-up runs until the new day.

    Raises:
        Incomplete: this kind does not end so, or what the ending hangs on is missing or another firm's.
        Refused: closed already, or another area's.
    """

    def act(check: Check) -> dict[str, Any]:
        current = FollowUp.objects.select_related("check_record__organisation").get(pk=follow_up.pk)
        policies.check_close(current, by)
        plain = _plain(told)
        case = _case_of(plain, check.uscc)
        asked = _asked(current, statutory_day(at), case)
        if problems := ending_rules.ending_problems(current.kind, plain, asked):
            raise policies.Incomplete(problems)
        _close(current, plain, case, by=by, at=at)
        if plain.ending == Ending.ORDERED_AGAIN:
            assert plain.acted_on is not None
            due = rules.Due(
                FollowUpKind.RECHECK, current.code, plain.acted_on, plain.until, rules.ORDER_ARTICLE
            )
            _open_follow_up(check, current.result, due, by=by, at=at)
        return {"closed": True}

    return _once(follow_up.check_record, "follow_up", act, by=by, at=at, key=key)


def _asked(follow_up: FollowUp, today: date, case: Case | None) -> Asked:
    check, is_order = follow_up.check_record, follow_up.kind in _ORDERED
    return Asked(
        uscc=check.uscc,
        unit=check.organisation.name,
        starts_on=follow_up.starts_on,
        today=today,
        matter=_matter(case) if case else None,
        code=follow_up.code,
        order_ends_on=orders.order_ends_on(follow_up) if is_order else None,
    )


def _plain(told: Told) -> Told:
    """Return what was told without blanks round it, and only what belongs to the ending."""
    wanted = ending_rules.fields_of(told.ending)
    text = {name: _text(getattr(told, name)).strip()[:100] for name in ("case", "number", "authority")}
    return Told(
        ending=told.ending,
        outcome=_text(told.outcome).strip()[:300],
        case=text["case"] if "case" in wanted else "",
        number=text["number"] if "number" in wanted else "",
        authority=text["authority"] if "authority" in wanted else "",
        acted_on=told.acted_on if "acted_on" in wanted else None,
        until=told.until if "until" in wanted else None,
    )


def _case_of(told: Told, uscc: str) -> Case | None:
    """Return the case that an ending names, this firm's before others of the same number."""
    if told.ending == Ending.LISTED:
        return Case.objects.filter(procedure=ending_rules.LISTING, number=told.case).first()
    if told.ending == Ending.FILED and told.number:
        known = sorted(Case.objects.filter(number=told.number), key=lambda one: one.entity_code != uscc)
        return known[0] if known else None
    return None


def _matter(case: Case) -> Matter:
    return Matter(
        number=case.number,
        procedure=case.procedure,
        uscc=case.entity_code,
        opened_on=statutory_day(case.opened_at),
        is_dropped=case.status == CaseStatus.WITHDRAWN or case.ending == ending_rules.DROPPED,
        ground=str(case.state.data.get("ground", "")),
    )


def cases_to_choose(follow_up: FollowUp) -> list[Case]:
    """Return the cases of listing of the firm that a follow-up may end with, newest first."""
    rows = Case.objects.filter(
        procedure=ending_rules.LISTING, entity_code=follow_up.check_record.uscc
    ).order_by("-opened_at")
    asked = _asked(follow_up, follow_up.starts_on, None)
    return [
        one
        for one in rows
        if not ending_rules.listed_problems(Told(case=one.number), replace(asked, matter=_matter(one)))
    ]


def _close(follow_up: FollowUp, told: Told, case: Case | None, *, by: Officer, at: datetime) -> None:
    FollowUpClosing.objects.create(
        follow_up=follow_up,
        ending=told.ending,
        case=case,
        number=told.number,
        authority=told.authority,
        acted_on=told.acted_on,
        until=told.until,
        outcome=told.outcome,
        closed_by=by,
        closed_at=at,
    )
    words = {
        "ending": told.ending,
        "outcome": told.outcome,
        "case": case.number if case else None,
        "number": told.number or None,
        "authority": told.authority or None,
        "acted_on": told.acted_on.isoformat() if told.acted_on else None,
        "until": told.until.isoformat() if told.until else None,
    }
    _record_follow_up(follow_up, "closed", words, by=by, at=at)


def publish(check: Check, *, by: Officer, at: datetime, key: UUID | None = None) -> dict[str, Any]:
    """Publish a confirmed result: a fact that everybody sees and nobody can withdraw, only correct.

    Publication does not wait for the correction of what was found.

    Raises:
        Forbidden: no publisher, or another area's.
        NotNow: not confirmed, or published already.
    """

    def act(check: Check) -> dict[str, Any]:
        policies.check_publish(check, by)
        check_as_dispatched(check)
        result = check.result
        assert result is not None
        _check_as_confirmed(check, result)
        fact = facts.record(
            "inspection.result",
            subject=check.uscc,
            occurred_on=result.completed_on,
            payload=result_payload(check, result),
            source=SOURCE,
            source_key=f"{check.number}{RESULT_KEY}",
            by=by,
            at=at,
            is_synthetic=check.is_synthetic,
        )
        payload = {"version": result.version, "fact_id": str(fact.fact_id)}
        _event(check, Verb.PUBLISH, by=by, at=at, payload=payload)
        return {"state": State.PUBLISHED.value, "fact_id": str(fact.fact_id)}

    return _once(check, "publish", act, by=by, at=at, key=key)


def propose_correction(
    check: Check, entry: ResultEntry, reason: str, *, by: Officer, at: datetime, key: UUID | None = None
) -> dict[str, Any]:
    """Propose to correct a published result. Nothing changes for the public until another publisher confirms.

    Raises:
        Incomplete: no reason, or the corrected result contradicts itself.
        Refused: not published, another proposal waits, or another area's.
    """

    def act(check: Check) -> dict[str, Any]:
        policies.check_propose(check, by)
        words = _said(reason, "请写明更正的理由。", "Say why it is corrected.")
        earlier = check.result
        assert earlier is not None
        _refuse_contradictions(check, entry, earlier.completed_on)
        content = _content_of(entry)
        payload = {
            "reason": words,
            "content": content,
            "number": check.events.filter(verb=Verb.PROPOSE).count() + 1,
        }
        _record_step(check, payload, "proposed", {"proposed_by": by.username}, by=by, at=at)
        _event(check, Verb.PROPOSE, by=by, at=at, payload=payload)
        return {"state": State.PUBLISHED.value, "proposal": payload["number"]}

    return _once(check, "propose_correction", act, by=by, at=at, key=key)


def confirm_correction(check: Check, *, by: Officer, at: datetime, key: UUID | None = None) -> dict[str, Any]:
    """Let another publisher confirm a proposed correction, which publishes it. The earlier version stays beside it.

    The fact that supersedes the earlier one says whose offices proposed and confirmed it and by which facts; the
    accounts stand in those facts, which officers and auditors see, and in the check's own record. Follow-ups that the corrected result no longer calls for are
    closed; new ones are opened.

    Raises:
        WrongPerson: the officer proposed it.
        NotAsDrawn: the proposal was changed since.
        Refused: nothing waits, or another area's.
    """

    def act(check: Check) -> dict[str, Any]:
        policies.check_confirm_correction(check, by)
        proposal, earlier = check.proposal, check.result
        assert proposal is not None and earlier is not None
        words, step = proposal.payload["reason"], f"{proposal.payload['number']}/proposed"
        sealed = Fact.objects.filter(
            source=SOURCE, source_key=_correction_key(check, step), revision=0
        ).first()
        policies.check_as_proposed(_content_digest(proposal.payload), sealed)
        both = {"proposed_by": proposal.actor.username, "confirmed_by": by.username}
        entry = _entry_of(proposal.payload["content"])
        result = _write_result(check, entry, earlier.completed_on, by=proposal.actor, at=at, reason=words)
        assert sealed is not None
        confirmed = _record_step(check, proposal.payload, "confirmed", both, by=by, at=at)
        steps = {
            "proposed": _step_in_public(proposal.actor, sealed),
            "confirmed": _step_in_public(by, confirmed),
        }
        published = check.last(Verb.CORRECT) or check.last(Verb.PUBLISH)
        assert published is not None
        fact = facts.correct(
            Fact.objects.get(fact_id=published.payload["fact_id"]),
            payload=result_payload(check, result) | {"correction": steps},
            reason=words,
            by=by,
            at=at,
        )
        payload = {"version": result.version, "fact_id": str(fact.fact_id), "reason": words, **both}
        _event(check, Verb.CORRECT, by=by, at=at, payload=payload)
        _realign_follow_ups(check, result, by=by, at=at)
        return {"state": State.PUBLISHED.value, "fact_id": str(fact.fact_id), "version": result.version}

    return _once(check, "confirm_correction", act, by=by, at=at, key=key)


def refuse_correction(
    check: Check, reason: str, *, by: Officer, at: datetime, key: UUID | None = None
) -> dict[str, Any]:
    """Refuse a proposed correction, or take one's own back, saying why.

    Raises:
        Incomplete: no reason was given.
        Refused: nothing waits, or another area's.
    """

    def act(check: Check) -> dict[str, Any]:
        policies.check_proposal(check, by)
        words = _said(reason, "请写明不予更正的理由。", "Say why it is not corrected.")
        proposal = check.proposal
        assert proposal is not None
        names = {"proposed_by": proposal.actor.username, "refused_by": by.username, "refusal": words}
        _record_step(check, proposal.payload, "refused", names, by=by, at=at)
        _event(
            check, Verb.REFUSE, by=by, at=at, payload={"reason": words, "number": proposal.payload["number"]}
        )
        return {"state": State.PUBLISHED.value}

    return _once(check, "refuse_correction", act, by=by, at=at, key=key)


def _said(reason: str, zh: str, en: str) -> str:
    if not reason.strip():
        raise policies.Incomplete([Problem("reason", zh, en)])
    return reason.strip()[:300]


def _record_step(
    check: Check,
    proposal: Mapping[str, Any],
    step: str,
    more: Mapping[str, str],
    *,
    by: Officer,
    at: datetime,
) -> Fact:
    """Seal that a correction was proposed, confirmed or refused, by whom, and exactly which one."""
    return facts.record(
        "inspection.correction",
        subject=check.uscc,
        occurred_on=statutory_day(at),
        payload={
            "check": check.number,
            "step": step,
            "number": proposal["number"],
            "content_sha256": _content_digest(proposal),
            "reason": proposal["reason"],
            **more,
        },
        source=SOURCE,
        source_key=_correction_key(check, f"{proposal['number']}/{step}"),
        by=by,
        at=at,
        is_synthetic=check.is_synthetic,
    )


def _step_in_public(by: Officer, fact: Fact) -> dict[str, str]:
    """Return what everybody sees of a step: the office, its role and the fact, never the person."""
    unit = by.organisation
    office = {"office": unit.name, "office_code": unit.code} if unit else {}
    return office | {"role": Role.PUBLISHER.value, "fact_id": str(fact.fact_id)}


def _correction_key(check: Check, step: str) -> str:
    return f"{check.number}/correction/{step}"


def _content_digest(proposal: Mapping[str, Any]) -> str:
    content = json.dumps([proposal["content"], proposal["reason"]], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def _content_of(entry: ResultEntry) -> dict[str, Any]:
    return {
        "codes": list(entry.codes),
        "findings": {code: [str(finding), _text(note)] for code, (finding, note) in entry.findings.items()},
        "summary": _text(entry.summary),
        "unreachable_proof": entry.unreachable_proof,
        "letters": [day.isoformat() for day in entry.letters] if entry.letters else None,
        "correct_by": entry.correct_by.isoformat() if entry.correct_by else None,
    }


def _entry_of(content: Mapping[str, Any]) -> ResultEntry:
    letters = content["letters"]
    return ResultEntry(
        codes=tuple(content["codes"]),
        findings={code: (finding, note) for code, (finding, note) in content["findings"].items()},
        summary=content["summary"],
        unreachable_proof=content["unreachable_proof"],
        letters=(date.fromisoformat(letters[0]), date.fromisoformat(letters[1])) if letters else None,
        correct_by=date.fromisoformat(content["correct_by"]) if content["correct_by"] else None,
    )


def _realign_follow_ups(check: Check, result: CheckResult, *, by: Officer, at: datetime) -> None:
    codes = [code.code for code in result.codes]
    wanted = {
        rules.same_matter(due.kind, due.code)
        for due in rules.follow_ups_of(codes, result.completed_on, correct_by=result.correct_by)
    }
    for follow_up in check.follow_ups.filter(closing=None):
        if rules.same_matter(follow_up.kind, follow_up.code) in wanted:
            continue
        told = Told(Ending.SUPERSEDED, f"结论已更正：{result.correction_reason}"[:300])
        _close(follow_up, told, None, by=by, at=at)
    _open_follow_ups(check, result, by=by, at=at)


def result_payload(check: Check, result: CheckResult) -> dict[str, Any]:
    """Return what the public sees of a result, without photos, notes or names of inspectors."""
    task = check.task
    rows = result.item_results.select_related("item").order_by("item__code")
    return {
        "check_id": check.number,
        "plan": task.plan_id,
        "attempt": task.attempt,
        "task_title": task.title,
        # The organising authority: the inspectors' unit would link a named firm to a team in the draw file.
        "authority": task.organisation.name,
        "authority_code": task.organisation.code,
        "items": [{"code": row.item.code, "name": row.item.name, "finding": row.finding} for row in rows],
        "item_codes": [item.code for item in task.ordered_items],
        "codes": [code.code for code in result.codes],
        "codes_text": [code.label_zh for code in result.codes],
        "completed_on": result.completed_on.isoformat(),
        "version": result.version,
        "note": _evidence_note(check),
    }


def _evidence_note(check: Check) -> str:
    """Bind the photos to the published fact without showing them: their number and a hash of their hashes."""
    hashes = sorted(check.evidence.values_list("sha256", flat=True))
    digest = hashlib.sha256("\n".join(hashes).encode()).hexdigest()
    words = f"证据{len(hashes)}件，摘要sha256:{digest}"
    return f"演练，没有法律效力。{words}" if check.task.is_rehearsal else words


def _once(
    check: Check,
    verb: str,
    act: Callable[[Check], dict[str, Any]],
    *,
    by: Officer,
    at: datetime,
    key: UUID | None,
) -> dict[str, Any]:
    """Do something to a check once: under its lock, and for a repeated key with the answer given before.

    Raises:
        KeyReused: the key belongs to another send.
    """
    with transaction.atomic():
        locked = Check.objects.select_for_update(of=("self",)).select_related("task").get(pk=check.pk)
        earlier = ClientSend.objects.filter(key=key).first() if key else None
        if earlier:
            if (earlier.officer_id, earlier.check_record_id, earlier.verb) != (by.pk, check.pk, verb):
                raise policies.KeyReused(
                    "这个编号已用于另一次提交。请重新打开任务后再试。",
                    "This key was used for another send. Open the task again.",
                )
            return dict(earlier.answer)
        answer = act(locked)
        if key:
            ClientSend.objects.create(
                key=key, officer=by, check_record=locked, verb=verb, answer=answer, received_at=at
            )
    return answer


def _event(
    check: Check,
    verb: Verb,
    *,
    by: Officer,
    at: datetime,
    happened_at: datetime | None = None,
    payload: dict[str, Any] | None = None,
) -> CheckEvent:
    return CheckEvent.objects.create(
        check_record=check,
        sequence=check.events.count() + 1,
        verb=verb.value,
        actor=by,
        happened_at=happened_at or at,
        recorded_at=at,
        payload=payload or {},
    )


def _plausible(check: Check, happened_at: datetime | None, at: datetime) -> datetime:
    """Return the phone's moment where it can be true, otherwise the moment of arrival.

    A phone's clock may be wrong: nothing happens after it arrived here or before what came before it.
    """
    if happened_at is None or happened_at.tzinfo is None or happened_at > at + CLOCK_TOLERANCE:
        return at
    return max(min(happened_at, at), check.history[-1].happened_at)
