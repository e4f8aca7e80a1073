"""The verbs of recordings: register one, take in a station's list, tell a file's standing, write down a use."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from zhijian.apps.supervision.inspection import policies
from zhijian.apps.supervision.inspection.models import Check
from zhijian.apps.supervision.inspection.rules import Verb
from zhijian.apps.supervision.recordings import rules
from zhijian.apps.supervision.recordings.models import Recording, RecordingUse, RefusedRow
from zhijian.apps.supervision.visit_codes import queries as visit_codes
from zhijian.engines.facts import services as facts
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden, Permission, require
from zhijian.standards.bilingual import BilingualError, Problem
from zhijian.standards.calendar import ZONE, statutory_day
from zhijian.standards.whole_number import whole_number

SOURCE = "recordings"
COLUMNS = ("check", "sha256", "size_bytes", "device", "begun_at", "ended_at", "keeper")
MOST_ROWS, MOST_BYTES = 5000, 5_000_000


class RecordingRefused(BilingualError):
    """A recording cannot be registered, or a list not be read; each problem names its field."""

    wording = "{zh}"

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(
            "".join(one.message_zh for one in problems), " ".join(one.message_en for one in problems)
        )
        self.problems = problems


def refusal(field: str, zh: str, en: str) -> RecordingRefused:
    """Return the refusal of one field."""
    return RecordingRefused([Problem(field, zh, en)])


@dataclass(frozen=True)
class Typed:
    """What was typed, or stands in one row of a station's list."""

    sha256: str = ""
    size_bytes: str = ""
    device: str = ""
    begun_at: str = ""
    ended_at: str = ""
    keeper: str = ""


def moment(text: str) -> datetime | None:
    """Read a time; one without a zone is Beijing time."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


def register(check: Check, typed: Typed, *, by: Officer, at: datetime, origin: str = "browser") -> Recording:
    """Register one recording of a check by its hash; the same file twice changes nothing.

    Raises:
        WrongPerson, Forbidden: the officer is none of the two inspectors.
        RecordingRefused: something is missing or contradicts itself, or the file belongs to another check.
    """
    policies.check_inspector(check, by)
    values: dict[str, Any] = {
        "sha256": typed.sha256.strip().lower(),
        "size_bytes": whole_number(typed.size_bytes.strip(), most_digits=15) or 0,
        "device": typed.device.strip()[:40],
        "keeper": typed.keeper.strip()[:100],
        "begun_at": moment(typed.begun_at),
        "ended_at": moment(typed.ended_at),
    }
    if found := rules.problems(**values, now=at):
        raise RecordingRefused(found)
    if known := Recording.objects.filter(sha256=values["sha256"]).first():
        return _same(known, check)
    made = Recording(
        check_record=check, **values, keep_until=rules.keep_until(statutory_day(values["begun_at"])), origin=origin,
        registered_by=by, registered_at=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save()
            _seal(made, by=by, at=at)
    except IntegrityError:  # sent twice at the same moment
        return _same(Recording.objects.get(sha256=values["sha256"]), check)
    return made


def _same(known: Recording, check: Check) -> Recording:
    if known.check_record_id != check.pk:
        raise refusal(
            "sha256", "这个文件已经登记在另一次检查下。", "This file is registered with another check."
        )
    return known


def _seal(made: Recording, *, by: Officer, at: datetime) -> None:
    check = made.check_record
    facts.record(
        "inspection.recorded",
        subject=check.uscc,
        occurred_on=statutory_day(made.begun_at),
        payload={
            "check": check.number,
            "sha256": made.sha256,
            "size_bytes": made.size_bytes,
            "device": made.device,
            "begun_at": made.begun_at.isoformat(),
            "ended_at": made.ended_at.isoformat(),
            "keeper": made.keeper,
            "keep_until": made.keep_until.isoformat(),
            "origin": made.origin,
        },
        source=SOURCE,
        source_key=made.sha256,
        by=by,
        at=at,
        is_synthetic=check.is_synthetic,
    )


def take_in(name: str, data: bytes, *, by: Officer, at: datetime) -> tuple[int, int]:
    """Take in the list of a collecting station (CSV); return how many rows were registered and how many set aside.

    Raises:
        Forbidden: no inspector. RecordingRefused: the file is no such list.
    """
    require(by, Permission.INSPECT)
    taken = refused = 0
    for line, row in enumerate(_rows(data), start=2):
        if reasons := _one(row, by=by, at=at):
            RefusedRow(
                file_name=name[:150], line=line, row=row, reasons=reasons, sent_by=by, sent_at=at
            ).save()
            refused += 1
        else:
            taken += 1
    return taken, refused


def _rows(data: bytes) -> list[dict[str, str]]:
    if len(data) > MOST_BYTES:
        raise refusal("file", "文件超过5兆字节，请分批。", "The file is larger than 5 MB: send it in parts.")
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        rows = [{key: (row.get(key) or "")[:300] for key in COLUMNS} for row in reader]
    except (UnicodeDecodeError, csv.Error) as problem:
        raise refusal("file", "文件应当是UTF-8的CSV。", "The file is a CSV in UTF-8.") from problem
    missing = [key for key in COLUMNS if key not in (reader.fieldnames or ())]
    if missing or not rows or len(rows) > MOST_ROWS:
        raise refusal(
            "file",
            f"列应当是{'、'.join(COLUMNS)}，1至{MOST_ROWS}行。缺：{'、'.join(missing) or '无'}。",
            f"The columns are {', '.join(COLUMNS)}, with 1 to {MOST_ROWS} rows. Missing: {', '.join(missing) or 'none'}.",
        )
    return rows


def _one(row: dict[str, str], *, by: Officer, at: datetime) -> list[str]:
    check = Check.objects.filter(number=row["check"].strip()).first()
    if check is None:
        return [
            "没有这个检查编号，或者不是您的检查。"
        ]  # the same words for both: numbers are not searched by this
    try:
        register(
            check,
            Typed(**{key: row[key] for key in COLUMNS if key != "check"}),
            by=by,
            at=at,
            origin="station",
        )
    except RecordingRefused as refused:
        return [one.message_zh for one in refused.problems]
    except (policies.Refused, Forbidden):
        return ["没有这个检查编号，或者不是您的检查。"]
    return []


def use(recording: Recording, purpose: str, matter: str, *, by: Officer, at: datetime) -> RecordingUse:
    """Write down that an officer asks the keeper for the film.

    Raises:
        Forbidden: the check lies outside the officer's rights. RecordingRefused: no purpose of the list, or no matter.
    """
    policies.check_view(recording.check_record, by)
    if purpose not in rules.PURPOSES or not matter.strip():
        raise refusal(
            "purpose", "请选用途，并写明案件或者事项的编号。", "Choose the purpose and name the matter."
        )
    made = RecordingUse(recording=recording, purpose=purpose, matter=matter.strip()[:100], by=by, at=at)
    made.save()
    return made


def find(sha256: str, *, by: Officer) -> Recording | None:
    """Return the recording of a hash where the officer may see its check.

    Raises:
        Forbidden: the officer sees no checks at all.
    """
    require(by, Permission.VIEW_CHECK)
    found = (
        Recording.objects.select_related("check_record__organisation")
        .filter(sha256=sha256.strip().lower())
        .first()
    )
    try:
        if found is not None:
            policies.check_view(found.check_record, by)
    except Forbidden:
        return None
    return found


def gaps_of(check: Check) -> list[tuple[datetime, datetime]]:
    """Return what of a visit is not on any recording: from arrival until the business saw the team leave, or the result."""
    begun = check.last(Verb.BEGIN)
    if begun is None:
        return []
    told = visit_codes.times_of([check.number]).get(check.number, {})
    entered = check.last(Verb.RECORD)
    left = told.get("left") or (entered.happened_at if entered else None)
    seconds = int(rules.SETTING.on(statutory_day(begun.happened_at))["gap_seconds"])
    spans = list(check.recordings.values_list("begun_at", "ended_at"))
    return rules.gaps(begun.happened_at, left, spans, seconds=seconds)
