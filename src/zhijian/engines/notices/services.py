"""Tell people, send what is due, try again, give up where all can see it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from zhijian.engines.exchange.webhooks import next_try
from zhijian.engines.notices import declaration, gateways, quiet
from zhijian.engines.notices.declaration import NoticeKind, NoticeProblem
from zhijian.engines.notices.gateways import Gateways
from zhijian.engines.notices.models import Channel, Dispatch, Notice, State
from zhijian.security.models import Officer

STUCK = timedelta(minutes=45)
"""A dispatch that was taken up so long ago and never finished is taken up again: its sender died. Longer than a push may last."""

_BATCH = 50


@dataclass(frozen=True)
class Contact:
    """A person without an account: by which ways they asked to be told. The ways are those of `Channel`."""

    ways: Mapping[str, str]
    language: str = "zh"
    key: str = field(default="", repr=False)  # who it is, for telling nothing twice; by default the ways


def notify(
    kind: str,
    *,
    to: Iterable[Officer | Contact],
    data: Mapping[str, Any],
    at: datetime,
    once: str = "",
) -> list[Notice]:
    """Tell people; return the notices, new or told before.

    Officers see it in the bell and get e-mail where they have an address. `once` names the occasion (e.g.
    "case 7, day 2026-12-01"): the same kind on the same occasion is told to a person once; without it, the same text is.
    The messages leave with `send_due`, which the worker of `zhijian serve` runs.

    Raises:
        NoticeProblem: the kind is not known, data are missing, or a way is none of ours.
    """
    declared = declaration.get(kind)
    written = declared.written(data)
    ways_out = Gateways.configured()
    with transaction.atomic():
        people = dict.fromkeys(map(_Hashable, to))
        return [_told(declared, written, one, ways_out, once, at=at) for one in people]


class _Hashable:
    """Lets one person who is named twice be told once."""

    def __init__(self, person: Officer | Contact) -> None:
        self.person = person
        self.key = _who(person)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashable) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)


def _who(person: Officer | Contact) -> str:
    if isinstance(person, Officer):
        return f"officer {person.pk}"
    if unknown := set(person.ways) - set(Channel.values):
        raise NoticeProblem(f"no such way: {', '.join(sorted(unknown))}")
    return person.key or json.dumps(dict(person.ways), sort_keys=True)


def _told(
    kind: NoticeKind,
    written: tuple[str, str, str, str],
    one: _Hashable,
    ways_out: Gateways,
    once: str,
    *,
    at: datetime,
) -> Notice:
    zh, en, link, leave = written
    officer = one.person if isinstance(one.person, Officer) else None
    occasion = json.dumps([kind.code, one.key, once or [zh, link]], ensure_ascii=False)
    notice, is_new = Notice.objects.get_or_create(
        dedupe=hashlib.sha256(occasion.encode()).hexdigest(),
        defaults={
            "kind": kind.code,
            "officer": officer,
            "title_zh": kind.title_zh,
            "title_en": kind.title_en,
            "text_zh": zh[:1000],
            "text_en": en[:1500],
            "link": link[:300],
            "leave": leave[:200],
            "is_urgent": kind.is_urgent,
            "created_at": at,
        },
    )
    if is_new:
        due_at = at if kind.is_urgent else quiet.after(at)
        Dispatch.objects.bulk_create(_dispatches(notice, one.person, ways_out, due_at))
    return notice


def _dispatches(
    notice: Notice, person: Officer | Contact, ways_out: Gateways, due_at: datetime
) -> list[Dispatch]:
    """One for each way that the person has and this installation can use."""
    if isinstance(person, Officer):
        ways: Mapping[str, str] = {Channel.EMAIL: person.email} if person.email else {}
        language = "zh"
    else:
        ways, language = person.ways, person.language
    return [
        Dispatch(
            notice=notice,
            channel=channel,
            address=address,
            address_shown=masked(address),
            language="en" if language == "en" else "zh",
            due_at=due_at,
        )
        for channel, address in ways.items()
        if address and ways_out.has(channel)
    ]


def masked(address: str) -> str:
    """Return an address so that its owner knows it and nobody else does: 138****0021, w***@example.com."""
    name, at, host = address.partition("@")
    if at:
        return f"{name[:1]}***@{host}"[:60]
    return f"{address[:3]}****{address[-4:]}" if len(address) >= 11 else f"{address[:1]}****"


def send_due(*, at: datetime, limit: int = 500) -> dict[str, int]:
    """Send what is due; return how many were sent, will be tried again, and were given up.

    Each is taken up in a transaction of its own before it leaves, so two workers never send the same one. A worker that
    dies after sending and before writing it down sends again later, under the same number.
    """
    counts = {"sent": 0, "later": 0, "dead": 0}
    ways_out = Gateways.configured()
    for _ in range(0, limit, _BATCH):
        taken = _take_up(min(_BATCH, limit), at=at)
        for dispatch in taken:
            counts[_ended(dispatch, gateways.send(dispatch, ways_out, at=at), at=at)] += 1
        if len(taken) < _BATCH:
            break
    return counts


def has_due(at: datetime) -> bool:
    """Say whether anything waits to be sent."""
    return _due(at).exists()


def _due(at: datetime) -> Any:
    return Dispatch.objects.filter(
        Q(state=State.WAITING, due_at__lte=at) | Q(state=State.SENDING, due_at__lte=at - STUCK)
    )


def _take_up(count: int, *, at: datetime) -> list[Dispatch]:
    with transaction.atomic():
        rows = _due(at).order_by("due_at")
        if connection.vendor == "postgresql":
            rows = rows.select_for_update(skip_locked=True)
        numbers = [one.pk for one in rows[:count]]
        Dispatch.objects.filter(pk__in=numbers).update(state=State.SENDING, due_at=at)
    return list(Dispatch.objects.filter(pk__in=numbers).select_related("notice").order_by("due_at", "pk"))


def _ended(dispatch: Dispatch, outcome: str, *, at: datetime) -> str:
    """Write down how a try ended; an address that was reached is forgotten, or given up where its kind says so."""
    dispatch.tries += 1
    dispatch.problem = "" if outcome == "sent" else outcome[:200]
    wait = next_try(dispatch.tries)
    if outcome == "sent":
        dispatch.state, dispatch.sent_at, dispatch.address = State.SENT, at, ""
        told = "sent"
    elif wait is None:
        dispatch.state, told = State.DEAD, "dead"
        if declaration.forgets_dead(dispatch.notice.kind):
            dispatch.address = ""
    else:
        dispatch.state, told = State.WAITING, "later"
        dispatch.due_at = at + wait if dispatch.notice.is_urgent else quiet.after(at + wait)
    dispatch.save()
    return told


def try_again(dispatch: Dispatch, *, by: Officer, at: datetime) -> None:
    """Send a dead letter once more, from its first try; `by` is the steward who mended the gateway."""
    Dispatch.objects.filter(pk=dispatch.pk, state=State.DEAD).update(
        state=State.WAITING, tries=0, due_at=at, problem=f"again by {by.get_username()}"[:200]
    )


def forget(dispatch: Dispatch, *, by: Officer, at: datetime) -> None:
    """Give a dead letter up for good: the address is forgotten, the notice stays."""
    Dispatch.objects.filter(pk=dispatch.pk, state=State.DEAD).exclude(address="").update(
        address="", problem=f"given up by {by.get_username()}, {at:%Y-%m-%d}"[:200]
    )


def drop_waiting(address: str, *, kinds: Iterable[str]) -> None:
    """Send nothing more of these kinds to an address that wants no more; it is forgotten here, too."""
    waiting = Dispatch.objects.filter(address=address, state__in=(State.WAITING, State.DEAD))
    waiting.filter(notice__kind__in=list(kinds)).update(
        state=State.DEAD, address="", problem="no longer wanted"
    )


def unread_count(officer: Officer) -> int:
    return Notice.objects.filter(officer=officer, read_at__isnull=True).count()


def mark_read(officer: Officer, numbers: Iterable[int] | None = None, *, at: datetime) -> int:
    """Mark an officer's own notices as read, all or those of these numbers; return how many were unread."""
    unread = Notice.objects.filter(officer=officer, read_at__isnull=True)
    if numbers is not None:
        unread = unread.filter(pk__in=list(numbers))
    return unread.update(read_at=at)


def dead_letters() -> Any:
    """Return what did not arrive and was not given up, newest first."""
    return (
        Dispatch.objects.filter(state=State.DEAD)
        .exclude(address="")
        .select_related("notice")
        .order_by("-due_at")
    )
