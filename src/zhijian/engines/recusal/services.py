"""Declare a tie, end it, and open somebody's ties: the last leaves a record of the look."""

import json
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from zhijian.engines.recusal.errors import RecusalRefused
from zhijian.engines.recusal.models import Interest, InterestEnd
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden, Permission, require
from zhijian.security.sealed_text import fingerprint, seal, unseal
from zhijian.standards.calendar import statutory_day
from zhijian.standards.uscc import InvalidCode, UnifiedSocialCreditCode

KEY = "interests"
PART = "interests"
KINDS = {
    "shares": ("本人持有股份、出资", "Own shares"),
    "former_employer": ("曾在该单位任职", "Former employer"),
    "family": ("近亲属任职或者持股", "Family works there or holds shares"),
    "other": ("其他可能影响公正的关系", "Another tie that may affect fairness"),
}


@dataclass(frozen=True)
class Opened:
    """A tie that somebody may read: the firm's code and what the officer wrote."""

    interest: Interest
    uscc: str
    note: str

    @property
    def words(self) -> tuple[str, str]:
        return KINDS[self.interest.kind]

    @property
    def last_day(self) -> date | None:
        ending = getattr(self.interest, "ending", None)
        return ending.last_day if ending else None


@transaction.atomic
def declare(kind: str, uscc: str, note: str, *, starts_on: date, by: Officer, at: datetime) -> Interest:
    """Declare an own tie to a firm; from now on the officer is not drawn for it.

    Raises:
        RecusalRefused: an unknown kind, a code that is none, a day ahead, or the tie stands already.
    """
    code = _code(uscc)
    if kind not in KINDS:
        raise RecusalRefused("请选择关系的种类。", "Choose the kind of tie.")
    if starts_on > statutory_day(at):
        raise RecusalRefused("开始日期在将来，请核对。", "The first day lies ahead; check it.")
    mark = fingerprint(f"{kind}/{code}", key=KEY)
    if _standing(statutory_day(at)).filter(officer=by, mark=mark).exists():
        raise RecusalRefused("这一关系已经申报过。", "This tie is declared already.")
    text = json.dumps({"uscc": code, "note": note.strip()[:300]}, ensure_ascii=False)
    made = Interest(officer=by, kind=kind, mark=mark, starts_on=starts_on, declared_at=at)
    made.sealed = seal(text, key=KEY, context=made.context)
    made.save()
    return made


def _code(typed: str) -> str:
    try:
        return UnifiedSocialCreditCode.parse(typed).value
    except InvalidCode as problem:
        first = problem.problems[0]
        raise RecusalRefused(
            f"统一社会信用代码不对：{first.message_zh}", f"No credit code: {first.message_en}"
        ) from None


@transaction.atomic
def end(interest: Interest, *, last_day: date, reason: str, by: Officer, at: datetime) -> InterestEnd:
    """Write down that an own tie is over. The declaration stays.

    Raises:
        Forbidden: somebody else's tie.
        RecusalRefused: no reason, it is over already, or the last day lies before the first or ahead.
    """
    held = Interest.objects.select_for_update().get(pk=interest.pk)
    if held.officer_id != by.pk:
        raise Forbidden("只能终止本人申报的关系。", "Only one's own tie can be ended.")
    if InterestEnd.objects.filter(interest=held).exists():
        raise RecusalRefused("这一关系已经终止。", "This tie is over already.")
    if len(reason.strip()) < 4:
        raise RecusalRefused("请写明终止的原因（至少4个字）。", "Give a reason of at least four characters.")
    if not held.starts_on <= last_day <= statutory_day(at):
        raise RecusalRefused(
            "最后一天应在开始之后、今天以前。", "The last day lies after the first and not ahead."
        )
    return InterestEnd.objects.create(
        interest=held, last_day=last_day, reason=reason.strip()[:200], ended_by=by, ended_at=at
    )


def own(officer: Officer) -> list[Opened]:
    """Return an officer's own ties, those ended included."""
    return [_open(one) for one in Interest.objects.filter(officer=officer).select_related("ending")]


def opened(officer: Officer, *, reason: str, by: Officer, at: datetime) -> list[Opened]:
    """Open the ties of an officer of one's area, for a reason; the look is written down, also where there is none.

    Raises:
        Forbidden: no right to it, or not in this area.
        RecusalRefused: no reason.
    """
    unit = officer.organisation
    require(by, Permission.VIEW_INTERESTS, division=unit.division_code if unit else None)
    if len(reason.strip()) < 4:
        raise RecusalRefused(
            "请写明查看的原因（至少4个字），它会留在查看记录里。",
            "Give a reason of at least four characters; it is kept with the look.",
        )
    record_look(by, officer.username[:60], PART, at=at, reason=reason.strip()[:200])
    return own(officer)


def recused_on(day: date) -> dict[str, frozenset[str]]:
    """Return, for a draw alone, whom each officer must not inspect on a day, by user name. No person reads it."""
    found: dict[str, set[str]] = {}
    for one in _standing(day).select_related("officer"):
        found.setdefault(one.officer.username, set()).add(_open(one).uscc)
    return {username: frozenset(codes) for username, codes in found.items()}


def _standing(day: date) -> QuerySet[Interest]:
    found: QuerySet[Interest] = Interest.objects.filter(starts_on__lte=day).filter(
        Q(ending__isnull=True) | Q(ending__last_day__gte=day)
    )
    return found


def _open(interest: Interest) -> Opened:
    said = json.loads(unseal(interest.sealed, key=KEY, context=interest.context))
    return Opened(interest, said["uscc"], said["note"])
