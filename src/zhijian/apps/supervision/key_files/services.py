"""Verbs on key files: enter by rule, propose to enter or to leave, review, and the measures for one firm."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from zhijian.apps.supervision.key_files import queries, rules
from zhijian.apps.supervision.key_files.models import Field, KeyFile, KeyMatter, KeyMeasure
from zhijian.engines.facts import services as facts
from zhijian.engines.procedures import numbering
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import CaseMoved, ProcedureRefused
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards.calendar import statutory_day
from zhijian.standards.uscc import InvalidCode, UnifiedSocialCreditCode

KEY_FILE = "supervision/key_file"
ENTER, LEAVE, DECISION = "enter", "leave", "decision"


def enter_by_rule(
    uscc: str, *, name: str, division: str, field: str, by: Officer, at: datetime, delivered: Iterable[Any] = (),
    is_synthetic: bool = False,
) -> KeyFile:  # fmt: skip
    """Open a file because a published rule says so: the rule is asked of the facts, nobody weighs anything.

    Raises:
        ProcedureRefused: no rule brings the firm in (propose a decision), no such field, or it has an open file.
        Forbidden: not the role, or not the area.
    """
    code, plain = _firm(uscc, name, field)
    officer, day = _keeper(by, division), statutory_day(at)
    held = rules.grounds(queries.known(code, on=day, delivered=delivered), field, on=day)
    if not held:
        raise ProcedureRefused(
            "按公开的规则，这户不属于应当列入的情形。确需列入的，请写明理由，由两人决定。",
            "No published rule brings this firm in. If it is needed all the same, propose it with reasons: two persons decide.",
        )
    _check_not_open(code, field)
    reason = "、".join(GROUNDS[one][0] for one in held)
    return opened(
        code, name=plain, division=division, field=field, ground=held[0], reason=reason,
        by=officer, at=at, is_synthetic=is_synthetic,
    )  # fmt: skip


GROUNDS = {
    "serious_list": ("列入严重违法失信名单", "on the serious-violation list"),
    "repeated_penalties": ("本领域多次受到行政处罚", "penalised repeatedly in the field"),
    "repeated_problems": ("检查多次发现问题", "inspections found problems repeatedly"),
    DECISION: ("经两人决定", "decided by two persons"),
}


def propose(
    uscc: str, *, name: str, division: str, field: str, reason: str, by: Officer, at: datetime, is_synthetic: bool = False
) -> Case:  # fmt: skip
    """Open the case that decides whether a firm comes under key supervision without a rule that says so.

    Raises:
        ProcedureRefused: no reason, no such field or firm, an open file or case.
        Forbidden: not the role, or not the area.
    """
    code, plain = _firm(uscc, name, field)
    officer = _keeper(by, division)
    _check_not_open(code, field)
    told = {"act": ENTER, "uscc": code, "name": plain, "field": field}
    return _open(told, said(reason), division=division, by=officer, at=at, is_synthetic=is_synthetic)


def propose_leaving(file: KeyFile, *, reason: str, by: Officer, at: datetime) -> Case:
    """Open the case that decides whether a firm leaves key supervision.

    Raises:
        ProcedureRefused: it has left, no reason, an open case.
        Forbidden: not the role, or not the area.
    """
    officer = _keeper(by, file.division_code)
    _check_stands(file)
    told = {"act": LEAVE, "uscc": file.uscc, "name": file.name, "field": file.field, "file": file}
    return _open(
        told, said(reason), division=file.division_code, by=officer, at=at, is_synthetic=file.is_synthetic
    )


@transaction.atomic
def review(file: KeyFile, *, note: str, by: Officer, at: datetime) -> None:
    """Write down that the file was looked at again and stays; the next day of review follows.

    Raises:
        ProcedureRefused: it has left, or nothing is said.
        Forbidden: not the role, or not the area.
    """
    officer, day = _keeper(by, file.division_code), statutory_day(at)
    _check_stands(file)
    said(note)
    file.review_on = rules.review_due_on(day)
    file.save(update_fields=["review_on"])
    record(file, "reviewed", f"review/{at.isoformat()}", by=officer, at=at)


def add_measure(
    file: KeyFile, *, text: str, responsible: str, due_on: date, by: Officer, at: datetime
) -> KeyMeasure:
    """Add a measure for this firm alone: what, who answers for it, until when.

    Raises:
        ProcedureRefused: it has left, nothing or nobody is named, the day is past.
        Forbidden: not the role, or not the area.
    """
    officer, day = _keeper(by, file.division_code), statutory_day(at)
    _check_stands(file)
    who = responsible.replace("\x00", "").strip()
    if len(who) < 2 or due_on < day:
        raise ProcedureRefused(
            "请写明谁负责，期限不能早于今天。", "Say who answers for it; the day cannot be past."
        )
    made: KeyMeasure = KeyMeasure.objects.create(
        file=file, text=said(text), responsible=who[:100], due_on=due_on, added_by=officer, added_on=day
    )
    return made


def finish_measure(measure: KeyMeasure, *, note: str, by: Officer, at: datetime) -> None:
    """Write down what came of a measure.

    Raises:
        ProcedureRefused: it is finished already, or nothing is said.
        Forbidden: not the role, or not the area.
    """
    _keeper(by, measure.file.division_code)
    plain = said(note)
    updated = KeyMeasure.objects.filter(pk=measure.pk, done_on=None).update(
        done_on=statutory_day(at), done_note=plain
    )
    if not updated:
        raise ProcedureRefused("这项措施已经办结。", "This measure is finished already.")


def opened(
    uscc: str, *, name: str, division: str, field: str, ground: str, reason: str, by: Officer, at: datetime,
    is_synthetic: bool,
) -> KeyFile:  # fmt: skip
    """Make the file and its fact; who comes second at the same moment is told so."""
    day = statutory_day(at)
    try:
        with transaction.atomic():
            file: KeyFile = KeyFile.objects.create(
                uscc=uscc, name=name, division_code=division, field=field, ground=ground, reason=reason, entered_on=day,
                review_on=rules.review_due_on(day), is_synthetic=is_synthetic,
            )  # fmt: skip
            record(file, "entered", "entered", by=by, at=at)
    except IntegrityError:
        raise CaseMoved(
            "同时有人列入了这户，请刷新后再看。", "Somebody entered this firm at this moment; look again."
        ) from None
    return file


def record(file: KeyFile, act: str, key: str, *, by: Officer, at: datetime) -> None:
    """Record the fact of a change of a file."""
    facts.record(
        "key_file.changed",
        subject=file.uscc,
        occurred_on=statutory_day(at),
        payload={"act": act, "field": file.field, "ground": file.ground, "authority": _unit(by)},
        source="key_files",
        source_key=f"{file.pk}/{key}",
        by="supervision/key_files",
        at=at,
        is_synthetic=file.is_synthetic,
    )


def said(text: str) -> str:
    """Return what was said, or refuse what says nothing or too much."""
    plain = text.replace("\x00", "").strip()
    if not 4 <= len(plain) <= 400:
        raise ProcedureRefused("请写明内容和理由（4至400字）。", "Say what and why in 4 to 400 characters.")
    return plain


def _keeper(by: Officer, division: str) -> Officer:
    return require(by, Permission.KEEP_KEY_FILE, division=division)


def _unit(officer: Officer) -> str:
    assert officer.organisation is not None
    return str(officer.organisation.name)


def _firm(uscc: str, name: str, field: str) -> tuple[str, str]:
    try:
        code = UnifiedSocialCreditCode.parse(uscc).value
    except InvalidCode as wrong:
        first = wrong.problems[0]
        raise ProcedureRefused(first.message_zh, first.message_en) from None
    plain = name.replace("\x00", "").strip()
    if len(plain) < 2 or field not in Field.values:
        raise ProcedureRefused("请写企业名称并选领域。", "Give the firm's name and choose the field.")
    return code, plain[:200]


def _check_not_open(uscc: str, field: str) -> None:
    if KeyFile.objects.filter(uscc=uscc, field=field, left_on=None).exists():
        raise ProcedureRefused("这户在这一领域已有档案。", "The firm has an open file in this field.")


def _check_stands(file: KeyFile) -> None:
    if file.left_on is not None:
        raise ProcedureRefused("这份档案已经退出。", "This file was closed.")


def _open(
    told: dict[str, Any], reason: str, *, division: str, by: Officer, at: datetime, is_synthetic: bool
) -> Case:
    assert by.organisation is not None
    words = "列入" if told["act"] == ENTER else "退出"
    try:
        with transaction.atomic():
            case = procedures.start_case(
                KEY_FILE,
                number=numbering.take_of_day("ZD", statutory_day(at)),
                title=f"重点监管{words}：{told['name']}",
                organisation=by.organisation,
                division_code=division,
                data={"act": words, "reason": reason, "proposed_on": statutory_day(at)},
                by=by,
                at=at,
                entity_code=told["uscc"],
                is_synthetic=is_synthetic,
            )
            KeyMatter.objects.create(case=case, **told)
    except IntegrityError:
        raise CaseMoved("这户在这一领域已有案件在办。", "A case about this firm and field is open.") from None
    return case
