"""Verbs on facts: record, correct, withdraw. What is read is in `queries`, what is sealed in `seals`."""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from django.db import IntegrityError, transaction

from zhijian.engines.facts import kinds, stored
from zhijian.engines.facts.canonical import NotCanonical, canonical
from zhijian.engines.facts.errors import (
    AlreadySealed,
    AlreadySuperseded,
    FactProblem,
    MayNotRecord,
    RecordedDifferently,
)
from zhijian.engines.facts.leaves import fact_id_of, hash_of, leaf_members, marks_of, texts_of
from zhijian.engines.facts.models import Fact, Seal
from zhijian.engines.facts.publicity import public_until
from zhijian.engines.facts.queries import facts_of, newest_of, public_facts
from zhijian.standards.calendar import statutory_day

__all__ = ["Counts", "Draft", "correct", "facts_of", "public_facts", "record", "record_many", "withdraw"]

BATCH = 1000


@runtime_checkable
class Signer(Protocol):
    """An officer who is signed in. A plain text names a program or a person outside instead."""

    roles: Any

    def get_username(self) -> str: ...


@dataclass(frozen=True)
class Draft:
    """A fact before it is recorded."""

    kind: str
    subject: str
    occurred_on: date
    payload: Mapping[str, Any]
    source: str
    source_key: str
    is_synthetic: bool = False
    legal_basis: str | None = None  # None: the article of the kind


@dataclass(frozen=True)
class Counts:
    """What `record_many` did."""

    recorded: int
    known: int  # said the same already


def record(
    kind: str,
    *,
    subject: str,
    occurred_on: date,
    payload: Mapping[str, Any],
    source: str,
    source_key: str,
    by: Signer | str,
    at: datetime,
    is_synthetic: bool = False,
    legal_basis: str | None = None,
) -> Fact:
    """Record a fact, or return the one that says the same under this source and key.

    Raises:
        UnknownKind, PayloadRefused: the kind is not declared, or the payload breaks its schema.
        MayNotRecord: the officer has no role that may record this kind.
        RecordedDifferently: source and key are taken by a fact that says something else.
        AlreadySealed: `at` lies in days that are sealed.
    """
    draft = Draft(kind, subject, occurred_on, payload, source, source_key, is_synthetic, legal_basis)
    fact = _made(draft, by=by, at=at)
    if known := _known(draft):
        return _same(known, fact, draft)
    try:
        return _added(fact)
    except IntegrityError:  # somebody recorded it between the look and the writing
        if known := _known(draft):
            return _same(known, fact, draft)
        raise


def record_many(drafts: Iterable[Draft], *, by: Signer | str, at: datetime) -> Counts:
    """Record many facts in one transaction: all or none.

    Raises:
        FactProblem: as `record`, for the first draft that is refused; nothing is recorded then.
    """
    recorded = known = 0
    stream = iter(drafts)
    with transaction.atomic():
        while batch := list(islice(stream, BATCH)):
            added = _record_batch(batch, by=by, at=at)
            recorded, known = recorded + added, known + len(batch) - added
    return Counts(recorded, known)


def correct(
    fact: Fact,
    *,
    payload: Mapping[str, Any],
    reason: str,
    by: Signer | str,
    at: datetime,
    occurred_on: date | None = None,
) -> Fact:
    """Record a fact that supersedes `fact`, which stays; the same correction again returns the first.

    Raises:
        AlreadySuperseded: a newer version says something else; correct that one.
        FactProblem: as `record`, or no reason is given.
    """
    draft = replace(_draft_of(fact), payload=payload, occurred_on=occurred_on or fact.occurred_on)
    return _supersede(fact, draft, reason=reason, is_withdrawal=False, by=by, at=at)


def withdraw(fact: Fact, *, reason: str, by: Signer | str, at: datetime) -> Fact:
    """Record that `fact` no longer stands (annulled, or recorded about the wrong subject); it stays in the log.

    Raises:
        AlreadySuperseded: a newer version exists; withdraw that one.
        FactProblem: as `record`, or no reason is given.
    """
    return _supersede(fact, _draft_of(fact), reason=reason, is_withdrawal=True, by=by, at=at)


def _supersede(
    fact: Fact, draft: Draft, *, reason: str, is_withdrawal: bool, by: Signer | str, at: datetime
) -> Fact:
    if not reason.strip():
        raise FactProblem("请写明更正或撤回的理由。", "Say why the fact is corrected or withdrawn.")
    newer = _made(draft, by=by, at=at, supersedes=fact, reason=reason.strip(), is_withdrawal=is_withdrawal)
    known = Fact.objects.filter(supersedes_id=fact.pk).first()
    if known is None:
        try:
            return _added(newer)
        except IntegrityError:
            known = Fact.objects.filter(supersedes_id=fact.pk).first()
            if known is None:
                raise
    if not _differences(known, newer, draft):
        return known
    newest = newest_of(fact)
    raise AlreadySuperseded(
        f"事实 {fact.pk} 已被 {newest.pk} 更正，请在最新一条上更正。",
        f"Fact {fact.pk} was superseded; the newest version is {newest.pk}. Correct that one.",
    )


def _record_batch(batch: list[Draft], *, by: Signer | str, at: datetime) -> int:
    """Add what is new in a batch and return how many that were."""
    made: dict[UUID, Fact] = {}
    drafts: dict[UUID, Draft] = {}
    for draft in batch:
        fact = _made(draft, by=by, at=at)
        _same(made.setdefault(fact.pk, fact), fact, draft)
        drafts[fact.pk] = draft
    taken: dict[UUID, Fact] = Fact.objects.in_bulk(list(made))
    for key, first in taken.items():
        fact = made.pop(key)
        if _differences(first, fact, drafts[key]):  # a later version may say the same
            _same(_known(drafts[key]) or first, fact, drafts[key])
    if made:
        _check_time(at)
        stored.insert(list(made.values()))
    return len(made)


def _made(
    draft: Draft,
    *,
    by: Signer | str,
    at: datetime,
    supersedes: Fact | None = None,
    reason: str = "",
    is_withdrawal: bool = False,
) -> Fact:
    """Check a draft and make the row, not yet stored."""
    kind = kinds.get(draft.kind)
    payload_text = kind.check(draft.payload if isinstance(draft.payload, dict) else dict(draft.payload))
    _check_draft(draft, at)
    revision = supersedes.revision + 1 if supersedes else 0
    salts = secrets.token_hex(32)
    fact = Fact(
        fact_id=fact_id_of(draft.source, draft.source_key, revision),
        subject=draft.subject,
        kind=draft.kind,
        occurred_on=draft.occurred_on,
        recorded_at=at,
        source=draft.source,
        source_key=draft.source_key,
        revision=revision,
        payload=json.loads(payload_text),  # as it will be read back: lists, not tuples
        legal_basis=kind.article if draft.legal_basis is None else draft.legal_basis,
        public_until=_last_public_day(kind, draft, supersedes, at),
        is_synthetic=draft.is_synthetic,
        supersedes_id=supersedes.pk if supersedes else None,
        is_withdrawal=is_withdrawal,
        reason=reason,
        recorded_by=_recorder(kind, by),
        recorder_salt=salts[:32],
        salt=salts[32:],
    )
    texts = _checked_texts(fact, payload_text)
    fact.leaf_hash, fact.marks = hash_of(texts).hex(), marks_of(texts)
    return fact


def _checked_texts(fact: Fact, payload_text: str) -> list[str]:
    try:
        return texts_of(leaf_members(fact), payload_text)
    except NotCanonical as problem:
        raise FactProblem(f"事实无法保存：{problem}", str(problem)) from problem


def _last_public_day(kind: kinds.Kind, draft: Draft, supersedes: Fact | None, at: datetime) -> date | None:
    """A correction does not start the term anew: it counts from the first recording."""
    if not kind.is_public:
        return None
    first_at = _first_of(supersedes).recorded_at if supersedes else at
    recorded_on = statutory_day(first_at)
    return public_until(kind, draft.payload, occurred_on=draft.occurred_on, recorded_on=recorded_on)


def _first_of(fact: Fact) -> Fact:
    return (
        fact
        if fact.revision == 0
        else Fact.objects.get(source=fact.source, source_key=fact.source_key, revision=0)
    )


_LONGEST = {"subject": 80, "source": 80, "source_key": 200, "legal_basis": 300}


def _check_draft(draft: Draft, at: datetime) -> None:
    for name, longest in _LONGEST.items():
        length = len(getattr(draft, name) or "")
        if not length and name != "legal_basis":
            raise FactProblem(f"事实缺少 {name}。", f"A fact needs '{name}'.")
        if length > longest:
            raise FactProblem(
                f"{name} 有 {length} 个字符，最多 {longest} 个。",
                f"'{name}' has {length} characters; at most {longest} are kept.",
            )
    if isinstance(draft.occurred_on, datetime) or at.tzinfo is None:
        raise FactProblem(
            "occurred_on 应为日期，at 应为带时区的时间。",
            "'occurred_on' is a date, 'at' a time with its zone.",
        )


def _recorder(kind: kinds.Kind, by: Signer | str) -> str:
    """Return the name to write down.

    Raises:
        MayNotRecord: the officer has none of the roles of the kind.
    """
    if isinstance(by, str):
        return by
    if not kind.officers & set(by.roles):
        needed = "、".join(sorted(kind.officers))
        raise MayNotRecord(
            f"记录“{kind.label_zh}”需要以下角色之一：{needed}。",
            f"Recording '{kind.name}' needs one of the roles {needed}; {by.get_username()} has {list(by.roles)}.",
        )
    return by.get_username()


def _check_time(at: datetime) -> None:
    last = Seal.objects.order_by("-day").first()
    if last and at <= last.sealed_through:
        raise AlreadySealed(
            f"{last.day} 已封存（截至 {last.sealed_through:%Y-%m-%d %H:%M:%S%z}），不能补记在封存之前。发生日期请写入 occurred_on。",
            f"Everything recorded up to {last.sealed_through.isoformat()} is sealed; {at.isoformat()} lies before. "
            "Record with the present time; when it happened belongs in 'occurred_on'.",
        )


def _added(fact: Fact) -> Fact:
    _check_time(fact.recorded_at)
    with transaction.atomic():
        fact.save()
    return fact


def _known(draft: Draft) -> Fact | None:
    """Return the fact of this key that says the same, otherwise the first, otherwise None."""
    versions: list[Fact] = list(
        Fact.objects.filter(source=draft.source, source_key=draft.source_key).order_by("-revision")
    )
    for fact in versions:
        if canonical(fact.payload) == canonical(draft.payload) and not fact.is_withdrawal:
            return fact
    return versions[-1] if versions else None


_COMPARED = ("kind", "subject", "occurred_on", "payload", "legal_basis", "is_synthetic", "is_withdrawal")


def _differences(known: Fact, fact: Fact, draft: Draft) -> list[str]:
    """Name the fields that differ. The article counts only where the draft names one: kinds may be re-worded."""
    compared = [name for name in _COMPARED if name != "legal_basis" or draft.legal_basis is not None]
    return [name for name in compared if getattr(known, name) != getattr(fact, name)]


def _same(known: Fact, fact: Fact, draft: Draft) -> Fact:
    """Return `known` if `fact` says the same.

    Raises:
        RecordedDifferently: it says something else.
    """
    different = _differences(known, fact, draft)
    if not different:
        return known
    names = "、".join(different)
    raise RecordedDifferently(
        f"来源“{fact.source}”、编号“{fact.source_key}”已有事实 {known.pk}，但 {names} 不同。"
        "已记录的内容不能改写，请用更正（correct）。",
        f"Source '{fact.source}' and key '{fact.source_key}' are taken by fact {known.pk}, which differs in {names}. "
        "Nothing recorded is rewritten: call correct(fact, …).",
    )


def _draft_of(fact: Fact) -> Draft:
    return Draft(
        fact.kind,
        fact.subject,
        fact.occurred_on,
        fact.payload,
        fact.source,
        fact.source_key,
        fact.is_synthetic,
        fact.legal_basis,
    )
