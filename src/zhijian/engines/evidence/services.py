"""Receive, look at, hand over, take out: each is a link in the chain of the file, written with the act."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection, transaction

from zhijian.engines.evidence import custody, examining
from zhijian.engines.evidence.kinds import clean_name
from zhijian.engines.evidence.models import CustodyEvent, CustodyVerb, EvidenceFile
from zhijian.engines.evidence.purposes import PHOTO, Purpose
from zhijian.engines.evidence.refusal import RefusedFile
from zhijian.security.audit import record_look
from zhijian.security.models import Officer

MOST_FILES = 20  # of one owner

_ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}


@dataclass(frozen=True)
class Owner:
    """The case that a file belongs to."""

    kind: str
    id: str


def receive(
    chunks: Iterable[bytes],
    name: str,
    owner: Owner,
    *,
    purpose: Purpose = PHOTO,
    note: str = "",
    media: Path,
    by: Officer | str,
    at: datetime,
) -> EvidenceFile:
    """Examine and keep a file; the same bytes for the same owner are kept once. `by` is an officer or a person in words.

    Raises:
        RefusedFile: what is wrong with it, and what to do; nothing is kept.
    """
    data = examining.read_limited(chunks, purpose)
    examined = examining.examine(data, name, purpose)
    examining.keep(media, data, examined)
    officer = by if isinstance(by, Officer) else None
    with transaction.atomic():
        _one_at_a_time(f"{owner.kind} {owner.id}")
        there = EvidenceFile.objects.filter(owner_kind=owner.kind, owner_id=owner.id)
        known: EvidenceFile | None = there.filter(sha256=examined.sha256).first()
        if known is not None:
            return known
        if there.count() >= MOST_FILES:
            raise RefusedFile(
                f"最多交{MOST_FILES}个文件，已交满。请把几张合成一个PDF再交。",
                f"At most {MOST_FILES} files are taken. Put several into one PDF.",
            )
        file: EvidenceFile = EvidenceFile.objects.create(
            owner_kind=owner.kind,
            owner_id=owner.id,
            sha256=examined.sha256,
            size_bytes=examined.size_bytes,
            mime=examined.mime,
            width_px=examined.width_px,
            height_px=examined.height_px,
            name=_honest_name(clean_name(name), examined.mime),
            note=note[:200],
            received_by=officer,
            received_from="" if officer else str(by)[:60],
            received_at=at,
        )
        _link(file, CustodyVerb.RECEIVED, by=by, at=at)
    return file


def view(file: EvidenceFile, subject: str, size: str, *, media: Path, by: Officer, at: datetime) -> Path:
    """Return where the file lies, after writing down who looks. `size` is thumbnail, display or original.

    Raises:
        FileNotFoundError: there is no such size of it, or it is gone from the disk.
    """
    place = _place(file, size, media)
    record_look(by, subject[:60], f"file_{size}", at=at, reason=file.sha256)
    if size != "thumbnail":  # a list of thumbnails is a look, the file in hand is custody
        _link(file, CustodyVerb.VIEWED, by=by, at=at, reason=size)
    return place


def show(file: EvidenceFile, size: str, *, media: Path, by: str, at: datetime) -> Path:
    """As `view` for somebody without an account, named in words: the look is a link of the file's own chain.

    Raises:
        FileNotFoundError: there is no such size of it, or it is gone from the disk.
    """
    place = _place(file, size, media)
    _link(file, CustodyVerb.VIEWED, by=by, at=at, reason=size)
    return place


def _place(file: EvidenceFile, size: str, media: Path) -> Path:
    is_original = size == "original"
    if not is_original and not (file.is_picture and size in {"display", "thumbnail"}):
        raise FileNotFoundError(size)
    return _present(file.sha256, size, media)


def _present(sha256: str, size: str, media: Path) -> Path:
    place = examining.path_of(media, sha256, size)
    if place.exists():
        return place
    aside = examining.aside_path(media, sha256, size)
    if aside.exists():
        raise FileNotFoundError(
            f"{place.name}: set aside at {aside}; `zhijian complaints sweep` brings it back"
        )
    raise FileNotFoundError(place.name)


def hand_over(file: EvidenceFile, *, to: str, reason: str, by: Officer, at: datetime) -> CustodyEvent:
    """Write down that the file went to another body.

    Raises:
        RefusedFile: nobody, or no reason, is named.
    """
    if not to.strip() or not reason.strip():
        raise RefusedFile("请写明移交给谁、为什么。", "Say to whom it is handed over, and why.")
    return _link(file, CustodyVerb.HANDED_OVER, by=by, at=at, whom=to.strip(), reason=reason.strip())


def export(
    files: Iterable[EvidenceFile],
    *,
    reason: str,
    media: Path,
    by: Officer,
    at: datetime,
    names_officers: bool = True,
) -> bytes:
    """Return a ZIP of the originals and of `custody.json`, the chains as they stand after this export.

    Where it goes to somebody outside, `names_officers` is false: of an officer's link only the verb, the unit, the moment
    and the hash are told.

    Raises:
        FileNotFoundError: an original is gone from the disk; RefusedFile: it is not what was handed in, or no reason is given.
    """
    if not reason.strip():
        raise RefusedFile("请写明为什么导出。", "Say why the files are taken out.")
    out = io.BytesIO()
    chains = []
    with transaction.atomic(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            data = _present(file.sha256, "original", media).read_bytes()
            if hashlib.sha256(data).hexdigest() != file.sha256:
                raise RefusedFile(
                    f"文件 {file.name} 与收到时不同，不能导出。请报告管理员。",
                    f"{file.name} is not what was received; it is not exported. Tell the administrator.",
                    500,
                )
            _link(file, CustodyVerb.EXPORTED, by=by, at=at, reason=reason.strip())
            archive.writestr(f"{file.sha256[:8]}-{file.name}", data)
            chains.append(_written(file, names_officers=names_officers))
        archive.writestr("custody.json", json.dumps(chains, ensure_ascii=False, indent=1))
    return out.getvalue()


def chain_of(file: EvidenceFile) -> list[CustodyEvent]:
    return list(CustodyEvent.objects.filter(file=file).select_related("officer").order_by("sequence"))


def broken_links(file: EvidenceFile) -> list[tuple[int, str]]:
    """Return the places of the chain that were changed or are missing; empty if it holds."""
    return list(custody.broken(file, chain_of(file)))


def _written(file: EvidenceFile, *, names_officers: bool) -> dict[str, object]:
    links = [
        {
            "sequence": one.sequence,
            "verb": one.verb,
            **_people_of(one, names_officers=names_officers),
            "at": one.at.astimezone(UTC).isoformat(),
            "hash": one.row_hash,
        }
        for one in chain_of(file)
    ]
    return {"file": str(file.pk), "name": file.name, "sha256": file.sha256, "links": links}


def _people_of(link: CustodyEvent, *, names_officers: bool) -> dict[str, str]:
    """Return who had the file, for whom and why; of an officer who is not named, the unit as it was called then."""
    if names_officers or link.officer_id is None:
        return {"who": link.who, "whom": link.whom, "reason": link.reason}
    _name, _comma, unit = link.who.partition("，")
    return {"who": f"工作人员，{unit}" if unit else "工作人员", "whom": "", "reason": ""}


def _honest_name(name: str, mime: str) -> str:
    """Give the name the ending of what the file is, whatever it said."""
    ending = _ENDINGS[mime]
    stem = Path(name).stem if Path(name).suffix else name
    if name.lower().endswith((ending, ".jpeg" if ending == ".jpg" else ending)):
        return name
    return f"{stem[: 150 - len(ending)]}{ending}"


def _link(
    file: EvidenceFile,
    verb: CustodyVerb,
    *,
    by: Officer | str,
    at: datetime,
    whom: str = "",
    reason: str = "",
) -> CustodyEvent:
    """Add to the file's chain."""
    officer = by if isinstance(by, Officer) else None
    unit = officer.organisation.name if officer and officer.organisation else ""
    with transaction.atomic():
        _one_at_a_time(str(file.pk))
        last = CustodyEvent.objects.filter(file=file).order_by("-sequence").first()
        event = CustodyEvent(
            file=file,
            sequence=last.sequence + 1 if last else 1,
            verb=verb,
            officer=officer,
            who=f"{by}，{unit}"[:160] if unit else str(by)[:160],
            whom=whom[:160],
            reason=reason[:200],
            at=at,
            previous_hash=last.row_hash if last else custody.start_of(file),
        )
        event.row_hash = custody.link_hash(event)
        event.save()
    return event


def _one_at_a_time(what: str) -> None:
    """Let nobody else add for the same file or owner now. SQLite's transaction does so by itself."""
    if connection.vendor == "postgresql":
        key = int.from_bytes(hashlib.sha256(f"evidence {what}".encode()).digest()[:8], "big", signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
