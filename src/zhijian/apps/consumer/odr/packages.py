"""Hand-over packages to the court: what it wants, the record, the list of evidence with hashes, under one digest.

A package holds no contact data, no caucus note, and of a document that was not disclosed only what its own side hands in.
The consumer takes the small claim away: it holds the consumer's own originals, and of the firm's documents what the room
showed, a picture without the place where it was taken. No officer is named. Names, identity and telephone numbers stand as
blanks in the form, which each applicant fills in by hand.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from zhijian.apps.consumer.complaints.codes import ComplaintState
from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.apps.consumer.odr import forms_of_court, opening, rooms, rules, services
from zhijian.apps.consumer.odr.errors import BadInput, NotJoint, OdrRefused
from zhijian.apps.consumer.odr.models import (
    ALL,
    CONSUMER,
    MEDIATOR,
    PARTIES,
    CourtRequest,
    Disclosure,
    Package,
    Room,
    RoomFile,
)
from zhijian.apps.consumer.odr.record import head_of, tell
from zhijian.apps.consumer.odr.words import VERB_WORDS
from zhijian.engines.documents import services as documents
from zhijian.engines.evidence import services as evidence
from zhijian.engines.evidence.examining import write_once
from zhijian.security.models import Officer
from zhijian.standards.calendar import statutory_day

OVER = {ComplaintState.NOT_AGREED, ComplaintState.TERMINATED, ComplaintState.CLOSED}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # of every member: the same content gives the same bytes


@dataclass(frozen=True)
class Claim:
    """What a small claim asks for, and which wants of the court the officer checked with the consumer."""

    amount_yuan: Decimal | None
    ticked: Mapping[str, bool]


@transaction.atomic
def issue_judicial(room: Room, *, by: Officer, at: datetime) -> Package:
    """Issue the package for confirmation by the court, once both sides asked within the 30 days.

    Raises:
        Forbidden; OdrRefused: no mediation agreement. TermOver; NotJoint: one side has not asked.
    """
    rooms.officer_in(room, by)
    room = rooms.locked(room)
    made = services.check_court_is_open(room, at=at)
    asked = set(CourtRequest.objects.filter(room=room).values_list("side", flat=True))
    if asked != set(PARTIES):
        raise NotJoint(
            "司法确认须双方共同申请，还有一方没有提出。",
            "Both must ask together; one side has not asked yet.",
        )
    assert made.document is not None
    paper = documents.path_of(settings.HOME.media, made.document.sha256).read_bytes()
    complaint = rooms.complaint_of(room)
    due_on = rules.confirmation_due_on(made.effective_on)
    files = _disclosed(room)
    members = {
        "01-司法确认申请书.docx": forms_of_court.confirmation(
            complaint, made.document.number, made.effective_on, due_on, on=statutory_day(at)
        ),
        "02-调解书.pdf": paper,
        **_common(room, files),
    }
    facts = {
        "kind": Package.JUDICIAL,
        "law": "《人民调解法》第三十三条；《民事诉讼法》第二百零五条",
        "agreement_sha256": made.agreement.digest,
        "paper_number": made.document.number,
        "effective_on": made.effective_on.isoformat(),
        "ask_by": due_on.isoformat(),
        "asked_by": sorted(asked),
    }
    return _issue(room, Package.JUDICIAL, members, facts, by=by, at=at)


@transaction.atomic
def issue_small_claim(room: Room, claim: Claim, *, by: Officer, at: datetime) -> Package:
    """Issue the package with which the consumer goes to the court after mediation failed.

    Raises:
        Forbidden; OdrRefused: mediation is not over, or both agreed. BadInput: what the court wants is lacking.
    """
    rooms.officer_in(room, by)
    room = rooms.locked(room)
    complaint = rooms.complaint_of(room)
    if not may_sue(room, complaint):
        raise OdrRefused(
            "调解终止、没有达成协议的，才能出具小额诉讼移送材料。",
            "A small-claims package is issued once mediation ended without an agreement.",
        )
    today = statutory_day(at)
    lacking = rules.small_claims_lacks(claim.ticked, claim.amount_yuan, on=today)
    if lacking:
        raise BadInput(
            "wants",
            "法院要求的还缺：" + "；".join(f"{one.words_zh}（{one.article}）" for one in lacking) + "。",
            "The court still wants: " + "; ".join(one.words_en for one in lacking) + ".",
        )
    assert claim.amount_yuan is not None
    limits = rules.thresholds(today)
    files = _disclosed(room, own=CONSUMER)
    members = {
        "01-民事起诉状.docx": forms_of_court.statement_of_claim(complaint, claim.amount_yuan, on=today),
        "02-法院要求核对表.csv": _checklist(claim, today),
        **_common(room, files),
    }
    try:
        members |= _evidence_for_consumer(room, complaint, files, by=by, at=at)
    except FileNotFoundError:
        raise OdrRefused(
            "有一份材料的文件不在库里，材料没有出具。请报告管理员。",
            "The file of a document is gone from the store; nothing was issued. Tell the administrator.",
        ) from None
    facts = {
        "kind": Package.SMALL_CLAIM,
        "law": "《民事诉讼法》第一百六十五条",
        "amount_yuan": str(claim.amount_yuan),
        "way": str(rules.way_of(claim.amount_yuan, on=today)),
        "plain_limit_yuan": str(limits.plain_yuan),
        "agreed_limit_yuan": str(limits.agreed_yuan),
        "limits_from": limits.source,
    }
    return _issue(room, Package.SMALL_CLAIM, members, facts, by=by, at=at)


def may_sue(room: Room, complaint: Complaint) -> bool:
    """Say whether mediation is over without an agreement, in the room or elsewhere."""
    is_agreed = hasattr(room, "conclusion") or complaint.moment_of(ComplaintState.AGREED) is not None
    return complaint.state in OVER and not is_agreed


def path_of(package: Package) -> Path:
    return settings.HOME.media / "odr" / package.sha256[:2] / package.sha256


def open_to(package: Package, side: str) -> bool:
    """Say whether a side may take a package: the joint one both, the claim the consumer alone."""
    return side in (MEDIATOR, CONSUMER) or package.kind == Package.JUDICIAL


def _disclosed(room: Room, own: str = "") -> list[RoomFile]:
    """Return the documents that both saw, and those of one's own side."""
    seen = set(Disclosure.objects.filter(room_file__room=room).values_list("room_file_id", flat=True))
    files = room.files.select_related("file").order_by("number")
    return [one for one in files if one.pk in seen or one.side == own]


def _evidence_for_consumer(
    room: Room, complaint: Complaint, files: Sequence[RoomFile], *, by: Officer, at: datetime
) -> dict[str, bytes]:
    """Return the consumer's own originals with their chains, and the firm's documents as the room showed them."""
    members = {}
    mine = [one.file for one in files if one.side == CONSUMER]
    if mine:
        members["07-证据原件.zip"] = evidence.export(
            mine,
            reason=f"小额诉讼移送 {room.number}",
            media=settings.HOME.media,
            by=by,
            at=at,
            names_officers=False,
        )
    for one in files:
        if one.side != CONSUMER:
            name, data = _as_shown(one, complaint, by=by, at=at)
            members[f"08-对方公开的材料/{name}"] = data
    return members


def shown_size(file: RoomFile) -> str:
    """Return what of a document the other side sees: of a picture the copy for the screen, without its place."""
    return "display" if file.file.is_picture else "original"


def _as_shown(file: RoomFile, complaint: Complaint, *, by: Officer, at: datetime) -> tuple[str, bytes]:
    """Return a document as the other side saw it in the room, under the number that it has there."""
    size = shown_size(file)
    place = evidence.view(file.file, complaint.number, size, media=settings.HOME.media, by=by, at=at)
    ending = ".pdf" if file.file.mime == "application/pdf" else ".jpg" if size == "display" else ""
    return f"{services.SIDE_WORDS[file.side][0]}材料{file.number}{ending}", place.read_bytes()


def _common(room: Room, files: Sequence[RoomFile]) -> dict[str, bytes]:
    events = _open_events(room)
    return {
        "03-调解室记录.json": _json({"room": room.number, "head": head_of(room), "events": events}),
        "04-调解室记录.txt": _told(events).encode("utf-8"),
        "05-证据清单.csv": _listed(files),
        "06-说明.txt": _READ_ME.encode("utf-8"),
    }


_READ_ME = (
    "本包由在线调解室生成。manifest.json列出每个文件的SHA-256；记录只含双方都能看到的内容，调解员与一方的单独沟通不在内。\n"
    "申请人、被申请人的身份证件和联系方式由当事人在申请书上自行填写，本包不含任何一方的联系方式。\n"
    "证据清单列出哈希值，可以与法院收到的原件核对。对方的照片是调解室里看到的样子（不含拍摄地点），原件由提交方保存，法院可以向经办单位调取。\n"
)


def _open_events(room: Room) -> list[dict[str, Any]]:
    """Return what both sides could read; looks of who came in are left to the file of the office."""
    return [
        {
            "sequence": one.sequence,
            "at": one.at.isoformat(),
            "side": one.side,
            "verb": one.verb,
            "text": one.text,
            "data": {key: value for key, value in one.data.items() if key != "mark"},
            "hash": one.row_hash,
        }
        for one in room.events.filter(audience=ALL).exclude(verb="entered").order_by("sequence")
    ]


def _told(events: Iterable[Mapping[str, Any]]) -> str:
    lines = []
    for one in events:
        side = services.SIDE_WORDS[one["side"]][0]
        verb = VERB_WORDS[one["verb"]][0]
        data = one["data"]
        more = [f"第{data['offer']}号方案" if "offer" in data else ""]
        more += [f"{data['amount_yuan']}元，{data['what']}" if "amount_yuan" in data else "", one["text"]]
        lines.append(
            f"{one['sequence']}. {one['at'][:16]} {side} {verb} {' '.join(filter(None, more))}".rstrip()
        )
    return "\n".join(lines) + "\n"


def _listed(files: Iterable[RoomFile]) -> bytes:
    rows = [
        [
            "编号 number",
            "提交方 side",
            "名称 name",
            "类型 mime",
            "字节 bytes",
            "SHA-256",
            "收到 received_at",
            "双方可见 disclosed",
        ]
    ]
    for one in files:
        shown = "是" if Disclosure.objects.filter(room_file=one).exists() else "否"
        file = one.file
        name = f"{services.SIDE_WORDS[one.side][0]}材料{one.number}"
        rows.append(
            [str(one.number), services.SIDE_WORDS[one.side][0], name, file.mime, str(file.size_bytes), file.sha256, file.received_at.isoformat(), shown]
        )  # fmt: skip
    return _csv(rows)


def _checklist(claim: Claim, today: Any) -> bytes:
    limits = rules.thresholds(today)
    rows = [["要求 want", "条文 article", "核对 checked"]]
    rows += [
        [want.words_zh, want.article, "是" if claim.ticked.get(want.code) else "否"] for want in rules.WANTS
    ]
    rows.append([f"金额{claim.amount_yuan}元（当然适用上限{limits.plain_yuan}元，约定适用上限{limits.agreed_yuan}元）", limits.source, "是"])  # fmt: skip
    return _csv(rows)


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return ("\ufeff" + out.getvalue()).encode("utf-8")


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8")


def _issue(
    room: Room,
    kind: str,
    members: Mapping[str, bytes],
    about: Mapping[str, object],
    *,
    by: Officer,
    at: datetime,
) -> Package:
    """Write the manifest, pack, keep, and put the issue on record."""
    complaint: Complaint = rooms.complaint_of(room)
    manifest = {
        **about,
        "room": room.number,
        "complaint": complaint.number,
        "authority": complaint.organisation.name,
        "issued_at": at.isoformat(),
        "is_synthetic": room.is_synthetic,
        "files": [
            {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in sorted(members.items())
        ],
    }
    packed = _zip({**members, "manifest.json": _json(manifest)})
    digest = hashlib.sha256(packed).hexdigest()
    package: Package = Package.objects.create(
        room=room,
        kind=kind,
        sha256=digest,
        size_bytes=len(packed),
        manifest=manifest,
        issued_by=by,
        issued_at=at,
    )
    write_once(path_of(package), packed)
    tell(room, "package", side=MEDIATOR, by=by, at=at, data={"kind": kind, "sha256": digest})
    opening.record_fact(
        room, "odr.handed_over", f"package/{package.pk}", by=by, at=at, kind=kind, package_sha256=digest
    )
    return package


def _zip(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(members.items()):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return out.getvalue()
