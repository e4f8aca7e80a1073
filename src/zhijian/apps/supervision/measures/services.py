"""Verbs: a department asks and answers, a head of a listed firm is barred, what lost its ground ends. All is written down."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from unicodedata import normalize

from django.conf import settings
from django.db import IntegrityError, transaction

from zhijian.apps.supervision.measures import policies, queries, rules
from zhijian.apps.supervision.measures.models import (
    MeasureEnd,
    MeasureLook,
    MeasureMatch,
    MeasureResponse,
    PositionBar,
    PositionBarLift,
    Recognition,
)
from zhijian.apps.supervision.measures.queries import Applies
from zhijian.apps.supervision.measures.registers import RECOGNITIONS
from zhijian.engines.exchange import services as exchange
from zhijian.engines.exchange.models import Application
from zhijian.engines.exchange.policies import Refused
from zhijian.engines.notices.services import notify
from zhijian.engines.registers.declared import services as registers
from zhijian.engines.registers.public_records import place_of
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.security.persons import is_same_person
from zhijian.standards import resident_number
from zhijian.standards.calendar import statutory_day

SERVICE = queries.SERVICE
SERIOUS = "serious_list.listed"


@dataclass(frozen=True)
class Told:
    """What a department is told about a firm at a matter: measures, each with its number to answer to, and incentives."""

    uscc: str
    on: date
    measures: list[tuple[Applies, MeasureMatch]]
    recognition: Recognition | None


@dataclass(frozen=True)
class ToldOfPerson:
    """Whether a person is barred from posts as head of a firm, until when, and for the listing of which firm."""

    bar: PositionBar | None
    until: date | None


def granted(key: str, purpose: str, *, at: datetime) -> Application:
    """Return the grant that a key opens for matching.

    Raises:
        Refused: unknown, ended, or for another service or purpose.
    """
    return exchange.granted(key, SERVICE, purpose, at=at)


def ask(grant: Application, code: str, matter: str, reference: str, *, at: datetime) -> Told:
    """Say which measures apply to a firm now, and write down who asked for what; asked again, nothing is told twice.

    Raises:
        Refused: no such code or matter; the grant ended or its quota is used up.
    """
    uscc, on = policies.check_code(code), statutory_day(at)
    policies.check_matter(matter)
    found = queries.applicable(uscc, matter, on=on)
    with transaction.atomic():
        locked = _locked(grant, at)
        told = [(one, _match(locked, uscc, matter, reference, one, on)) for one in found]
        _write_look(locked, matter, reference, found=len(told), at=at, uscc=uscc)
    return Told(uscc, on, told, queries.recognition_of(uscc, on=on))


def ask_person(grant: Application, name: str, number: str, reference: str, *, at: datetime) -> ToldOfPerson:
    """Say whether the person of a given identity is barred from posts; the identity itself is not kept.

    Raises:
        Refused: the number cannot be one; the grant is not for personal data, ended, or its quota is used up.
    """
    policies.check_personal(grant)
    person, on = _person(name, number), statutory_day(at)
    bar = queries.bar_of(person, on=on)
    with transaction.atomic():
        locked = _locked(grant, at)
        _write_look(locked, "post", reference, found=int(bar is not None), at=at, person=person)
    return ToldOfPerson(bar, rules.barred_until(bar.listed_on) if bar else None)


def answer(
    number: int,
    *,
    action: str,
    decision_no: str,
    reason: str,
    acted_on: date,
    by: Application,
    at: datetime,
) -> tuple[MeasureResponse, bool]:
    """Keep what a department did about a measure, `by` its grant; the same again changes nothing. Return it, and whether it is new.

    Raises:
        Refused: not told to this grant; not whole; answered otherwise before; the listing ended before it was answered.
    """
    match = MeasureMatch.objects.filter(pk=number, application=by).first()
    if match is None:
        raise Refused(
            404, "not_told", "没有告知过贵单位这个编号。", "No measure of this number was told to you."
        )
    said: dict[str, Any] = {
        "action": action,
        "decision_no": decision_no.strip(),
        "reason": reason.strip(),
        "acted_on": acted_on,
    }
    known = MeasureResponse.objects.filter(match=match).first()
    if known is None:
        policies.check_answer(
            action, decision_no=said["decision_no"], reason=said["reason"], acted_on=acted_on,
            told_on=match.told_on, on=statutory_day(at),
        )  # fmt: skip
        try:
            with transaction.atomic():
                MeasureMatch.objects.select_for_update().get(
                    pk=match.pk
                )  # an answer and an end wait for each other
                if MeasureEnd.objects.filter(match=match).exists():
                    raise Refused(409, "ended", "列入记录已经终止，不再需要反馈。", "The listing has ended; no answer is needed.")  # fmt: skip
                return MeasureResponse.objects.create(match=match, told_at=at, **said), True
        except IntegrityError:
            known = MeasureResponse.objects.get(match=match)
    if any(getattr(known, name) != value for name, value in said.items()):
        raise Refused(
            409, "answered", "这个编号已经反馈过，内容不同，没有收。", "This was answered before with other content; it was not taken."
        )  # fmt: skip
    return known, False


def ask_as_officer(number: int, code: str, matter: str, reference: str, *, by: Officer, at: datetime) -> Told:
    """Ask, under a grant of the own unit, which measures apply to a firm; the look is recorded twice, as any officer's.

    Raises:
        Refused: no such grant of the own unit, no number of the own case; or as `ask`.
        Forbidden: not the role.
    """
    officer, plain = require(by, Permission.ANSWER_MEASURES), reference.strip()
    grant = next((one for one in queries.grants_of(officer, on=statutory_day(at)) if one.pk == number), None)
    if grant is None:
        raise Refused(403, "no_grant", "贵单位没有这项查询授权，请先申请数据。", "Your unit has no such grant; apply for the data first.")  # fmt: skip
    if len(plain) < 4:
        raise Refused(422, "reference", "请写明贵单位所办事项的编号（4字以上）。", "Give the number of your own case, in four characters or more.")  # fmt: skip
    record_look(officer, policies.check_code(code), "measures", at=at, reason=plain[:200])
    return ask(grant, code, matter, plain, at=at)


def answer_as_officer(
    number: int, *, action: str, decision_no: str, reason: str, acted_on: date, by: Officer, at: datetime
) -> tuple[MeasureResponse, bool]:
    """Keep what the officer's own department did about a measure that it was told; the look says who answered.

    Raises:
        Refused: not told to the own unit; or as `answer`.
        Forbidden: not the role.
    """
    officer = require(by, Permission.ANSWER_MEASURES)
    match = queries.told_to(officer).filter(pk=number).first()
    if match is None:
        raise Refused(404, "not_told", "没有告知过贵单位这个编号。", "No measure of this number was told to you.")  # fmt: skip
    with transaction.atomic():
        record_look(officer, match.uscc, "measure_answered", at=at, reason=match.reference)
        return answer(
            number, action=action, decision_no=decision_no, reason=reason, acted_on=acted_on,
            by=match.application, at=at,
        )  # fmt: skip


def tell_ended(*, by: Officer | None, at: datetime) -> int:
    """End every measure whose listing stands no more, and tell who took it; return how many ended now.

    What was not answered yet needs no answer any more; who took a measure is told to stop. `by` is nobody at night: a
    listing ends by law or by its own decision, not by who notices.
    """
    on, ended = statutory_day(at), 0
    standing: dict[str, set[str]] = {}
    for match in MeasureMatch.objects.filter(end=None).select_related("application__applicant"):
        if match.uscc not in standing:
            standing[match.uscc] = {one.reference for one in queries.listings_of(match.uscc, on=on)}
        if match.listing in standing[match.uscc]:
            continue
        is_over = match.until is not None and on > match.until
        with transaction.atomic():
            MeasureMatch.objects.select_for_update().get(
                pk=match.pk
            )  # an answer and an end wait for each other
            if MeasureEnd.objects.filter(match=match).exists():
                continue
            end = MeasureEnd.objects.create(
                match=match, why="expired" if is_over else "removed", ended_on=on, told_at=at
            )
            if MeasureResponse.objects.filter(match=match, action="applied").exists():
                _tell(match, end, at)
        ended += 1
    return ended


def bar_head(uscc: str, name: str, number: str, *, by: Officer, at: datetime) -> PositionBar:
    """Enter who was head of a firm when it was put on the serious list: a keyed digest, for three years.

    Raises:
        Refused: the firm is not on the serious list; the number cannot be one; the person is entered already.
        Forbidden: not the role, or not the area.
    """
    code = policies.check_code(uscc)
    officer = require(by, Permission.KEEP_CREDIT_FILE, division=place_of(code))
    listed = [one for one in queries.listings_of(code, on=statutory_day(at)) if one.kind == SERIOUS]
    if not listed:
        raise Refused(
            422, "not_listed", "这家企业现在不在严重违法失信名单上，对其负责人没有任职限制。", "The firm is not on the serious-violation list: its head is not barred."
        )  # fmt: skip
    barring = [one for one in listed if rules.bars_head(one)]
    if not barring:
        raise Refused(
            422, "ground",
            "这家企业不是因为公示信息隐瞒真实情况、弄虚作假列入严重违法失信名单，其负责人没有任职限制（《企业信息公示暂行条例》第十八条）。",
            "The firm is on the list for another reason than falsified publicity: its head is not barred (article 18 of the "
            "Regulation on enterprise information publicity).",
        )  # fmt: skip
    newest = max(barring, key=lambda one: one.listed_on)
    record_look(officer, code, "position_bar_entered", at=at)
    try:
        with transaction.atomic():
            return PositionBar.objects.create(
                person=_person(name, number), uscc=code, listing=newest.reference, listed_on=newest.listed_on,
                entered_by=officer.get_username(), entered_at=at,
            )  # fmt: skip
    except IntegrityError:
        raise Refused(409, "entered", "这个人已经登记。", "This person is entered already.") from None


def lift_bar(uscc: str, name: str, number: str, reason: str, *, by: Officer, at: datetime) -> PositionBarLift:
    """Take back a bar that was entered wrongly: by another officer than who entered it, with the reason.

    Raises:
        Refused: no such bar stands, no reason, entered by the same officer.
        Forbidden: not the role, or not the area.
    """
    code, plain = policies.check_code(uscc), reason.replace("\x00", "").strip()
    officer = require(by, Permission.KEEP_CREDIT_FILE, division=place_of(code))
    bar = PositionBar.objects.filter(person=_person(name, number), uscc=code, lift=None).first()
    if bar is None:
        raise Refused(404, "no_bar", "没有这个人因这家企业的任职限制登记。", "No bar of this person for this firm stands.")  # fmt: skip
    if len(plain) < 4:
        raise Refused(422, "reason", "请写明取消的理由（4字以上）。", "Say in four characters or more why it is taken back.")  # fmt: skip
    if any(is_same_person(one, officer) for one in Officer.objects.filter(username=bar.entered_by)):
        raise Refused(409, "same_officer", "登记由您录入，须由另一人取消。", "You entered this bar; somebody else takes it back.")  # fmt: skip
    record_look(officer, code, "position_bar_lifted", at=at, reason=plain[:200])
    try:
        with transaction.atomic():
            made: PositionBarLift = PositionBarLift.objects.create(
                bar=bar, reason=plain[:300], lifted_by=officer.get_username(), lifted_at=at
            )
    except IntegrityError:
        raise Refused(
            409, "lifted", "这条登记刚被取消。", "This bar was taken back at this moment."
        ) from None
    return made


def end_broken_recognitions(*, by: Officer, at: datetime) -> list[str]:
    """End the recognitions of the officer's area whose firm no longer keeps the conditions; return their numbers."""
    officer, on = require(by, Permission.KEEP_CREDIT_FILE), statutory_day(at)
    ended = []
    for one, reason in queries.broken_recognitions(officer, on=on):
        with transaction.atomic():
            if registers.locked(RECOGNITIONS, one.key).version != one.version:
                continue  # a colleague ended or changed it a moment ago
            registers.end(
                RECOGNITIONS, one.key, last_day=on, seen=one.version, reason=f"取消认定：{reason.zh}", by=officer, at=at
            )  # fmt: skip
        ended.append(one.key)
    return ended


def _locked(grant: Application, at: datetime) -> Application:
    """Return the grant held for this question, so that of two at once that do not both fit one is refused."""
    locked = Application.objects.select_for_update().get(pk=grant.pk)
    policies.check_grant(locked, service=SERVICE, purpose=locked.purpose, at=at)
    return locked


def _match(
    grant: Application, uscc: str, matter: str, reference: str, one: Applies, on: date
) -> MeasureMatch:
    listing = one.match.listing
    known = {
        "application": grant,
        "reference": reference,
        "measure": one.entry.key,
        "listing": listing.reference,
    }
    first = MeasureMatch.objects.filter(**known).first()
    return first or MeasureMatch.objects.create(
        **known, uscc=uscc, matter_code=matter, measure_version=one.entry.version, measure_name=one.entry.name,
        list_kind=listing.kind, listed_on=listing.listed_on, until=listing.until, told_on=on,
        due_on=rules.response_due_on(on), is_synthetic=one.entry.is_synthetic,
    )  # fmt: skip


def _write_look(
    grant: Application,
    matter: str,
    reference: str,
    *,
    found: int,
    at: datetime,
    uscc: str = "",
    person: str = "",
) -> None:
    MeasureLook.objects.create(
        application=grant, organisation_name=grant.organisation_name, purpose=grant.purpose, matter_code=matter,
        reference=reference, uscc=uscc, person=person, found=found, asked_on=statutory_day(at), asked_at=at,
    )  # fmt: skip


def _person(name: str, number: str) -> str:
    """Return the keyed digest of an identity: without the installation's key nobody can try numbers against it.

    Raises:
        Refused: no name, or a number with a wrong check digit.
    """
    plain = "".join(normalize("NFKC", name).split())
    if not plain or not resident_number.is_valid(number):
        raise Refused(
            422, "identity", "姓名不能空，身份证号码要18位且校验位正确。", "Give a name and an identity number of 18 characters with its right check digit."
        )  # fmt: skip
    told = f"measures.person:{plain}:{resident_number.normalise(number)}"
    return hmac.new(settings.SECRET_KEY.encode(), told.encode(), hashlib.sha256).hexdigest()


def _tell(match: MeasureMatch, end: MeasureEnd, at: datetime) -> None:
    notify(
        "measures.ended",
        to=[match.application.applicant],
        data={
            "name": match.uscc,
            "reference": match.reference,
            "measure": match.measure_name,
            "ended_on": end.ended_on.isoformat(),
            "why": end.why,
        },
        at=at,
        once=f"measure {match.pk}",
    )
