"""May this step of this draw be taken now, and by this person? ``check_*`` raises with what to do next."""

import re
from datetime import datetime
from itertools import combinations

from zhijian.engines.draws import core
from zhijian.engines.draws.errors import TooEarly, TooLate, WrongOrder, WrongPerson, WrongValue
from zhijian.engines.draws.models import Draw, EventKind
from zhijian.engines.draws.plan import Party, Plan
from zhijian.engines.draws.queries import State, state_of
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require
from zhijian.security.persons import is_same_person
from zhijian.standards.calendar import ZONE


def _moment_zh(moment: datetime) -> str:
    local = moment.astimezone(ZONE)
    return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"


def _moment_en(moment: datetime) -> str:
    local = moment.astimezone(ZONE)
    return f"{local.day} {local:%B %Y %H:%M}"


def _not_before(at: datetime, moment: datetime, what_zh: str, what_en: str) -> None:
    if at < moment:
        raise TooEarly(
            f"要到{_moment_zh(moment)}才能{what_zh}，请届时再来。",
            f"You can {what_en} from {_moment_en(moment)}. Please come back then.",
        )


def _not_after(at: datetime, moment: datetime, what_zh: str, what_en: str) -> None:
    if at > moment:
        raise TooLate(
            f"{what_zh}已于{_moment_zh(moment)}截止。如需重抽，请写明理由作废本次，再公告下一次。",
            f"The time to {what_en} ended on {_moment_en(moment)}. To draw again, void this attempt with a reason.",
        )


def _living(draw: Draw, at: datetime) -> State:
    state = state_of(draw)
    if state.voided:
        raise WrongOrder("本次抽签已作废，不能再继续。", "This attempt was voided and cannot go on.")
    if at.replace(microsecond=0) < state.last_at:
        raise WrongOrder(
            f"上一步在{_moment_zh(state.last_at)}，这一步不能更早。请核对时钟。",
            f"The last step was on {_moment_en(state.last_at)}; this one cannot be earlier. Check the clock.",
        )
    return state


def _need(is_there: object, step: EventKind, then_zh: str, then_en: str) -> None:
    if not is_there:
        raise WrongOrder(
            f"还没有{step.label}，不能{then_zh}。请先完成{step.label}。",
            f"The step '{step.value}' is missing; you cannot {then_en} yet. Take that step first.",
        )


def _only_once(is_there: object, step: EventKind) -> None:
    if is_there:
        raise WrongOrder(
            f"已经{step.label}，不能重复。", f"The step '{step.value}' was taken already; it happens once."
        )


def may_act(draw: Draw, officer: Officer, permission: Permission) -> bool:
    """Say whether an officer holds a right over this draw: the organising unit lies in the officer's area."""
    unit = draw.organisation
    return unit is not None and may(officer, permission, division=unit.division_code)


def require_act(draw: Draw, officer: Officer, permission: Permission) -> Officer:
    """Return the officer, or refuse who has no such right, or none over the organising unit's draws.

    Raises:
        Forbidden: the role lacks the right, or the organising unit lies outside the officer's area.
        WrongPerson: nobody knows whose draw this is.
    """
    if draw.organisation is None:
        raise WrongPerson(
            f"抽签{draw}没有记下组织单位，谁也不能继续。请系统管理员补记。",
            f"No organising unit is on record for draw {draw}; nobody can go on. Ask the administrator to add it.",
        )
    return require(officer, permission, division=draw.organisation.division_code)


def check_announce(plan: Plan, *, by: Officer, at: datetime) -> None:
    """Raise unless the plan may be announced now: in time, and after the attempt before it was voided."""
    require(by, Permission.MANAGE_DRAW)
    _check_parties(plan)
    _not_after(at, plan.freeze_at, "公告", "announce")
    earlier = Draw.objects.filter(plan_id=plan.plan_id).order_by("-attempt").first()
    if earlier:
        require_act(earlier, by, Permission.MANAGE_DRAW)
    if plan.attempt != (earlier.attempt + 1 if earlier else 1):
        raise WrongOrder(
            f"计划{plan.plan_id}的下一次应为第{earlier.attempt + 1 if earlier else 1}次，这里写的是第{plan.attempt}次。",
            f"The next attempt of plan {plan.plan_id} is {earlier.attempt + 1 if earlier else 1}, not {plan.attempt}.",
        )
    if earlier and not state_of(earlier).voided:
        raise WrongOrder(
            f"第{earlier.attempt}次抽签还有效，不能另抽。请先写明理由作废。",
            f"Attempt {earlier.attempt} still stands. Void it with a reason before you draw again.",
        )


def _check_parties(plan: Plan) -> None:
    """Refuse parties behind whose accounts one person stands: that person alone would hold every number."""
    officers = list(Officer.objects.filter(username__in=[party.account for party in plan.parties]))
    if any(is_same_person(one, other) for one, other in combinations(officers, 2)):
        raise WrongPerson(
            "承诺各方的账号是同一个人的（工号或者执法证号相同）。请由不同的人各作一方。",
            "One person stands behind the accounts of the parties (the same staff or certificate number). Name different people.",
        )


def check_freeze(draw: Draw, *, by: Officer, at: datetime) -> State:
    require_act(draw, by, Permission.MANAGE_DRAW)
    state = _living(draw, at)
    _only_once(state.frozen, EventKind.FROZEN)
    _not_before(at, draw.plan.freeze_at, "冻结名单", "freeze the roster")
    _not_after(at, draw.plan.commit_until, "冻结名单", "freeze the roster")
    return state


def check_party(draw: Draw, key: str, *, by: Officer) -> Party:
    """Return the party that this officer acts for, or raise."""
    require(by, Permission.COMMIT_TO_DRAW)
    for party in draw.plan.parties:
        if party.key == key and party.account == by.username:
            return party
    names = {party.key: party.name for party in draw.plan.parties}
    raise WrongPerson(
        f"这一步应由“{names.get(key, key)}”的经办人操作，您不是。",
        f"This step belongs to whoever acts for '{names.get(key, key)}'; that is not you.",
    )


def check_commit(draw: Draw, key: str, commitment: str, *, by: Officer, at: datetime) -> State:
    party = check_party(draw, key, by=by)
    _check_parties(draw.plan)
    state = _living(draw, at)
    _need(state.frozen, EventKind.FROZEN, "承诺", "commit")
    _only_once(party.key in state.commitments, EventKind.COMMITTED)
    _not_after(at, draw.plan.commit_until, "承诺", "commit")
    if not re.fullmatch(r"[0-9a-f]{64}", commitment):
        raise WrongValue(
            "承诺应为64位小写十六进制数（SHA-256）。请用承诺工具重新生成。",
            "A commitment has 64 lower-case hex digits (SHA-256). Make it again with the tool.",
        )
    return state


def check_public_value(draw: Draw, value: str, *, by: Officer, at: datetime) -> State:
    require_act(draw, by, Permission.MANAGE_DRAW)
    state = _living(draw, at)
    _only_once(state.value, EventKind.PUBLIC_VALUE)
    missing = [party.name for party in draw.plan.parties if party.key not in state.commitments]
    if missing:
        raise WrongOrder(
            f"{'、'.join(missing)}还没有承诺，不能记录公共随机数。请先完成承诺，或作废本次。",
            f"{', '.join(missing)} has not committed. Finish the commitments, or void this attempt.",
        )
    _not_before(at, draw.plan.source.exists_at, "记录公共随机数", "record the public value")
    if not fits_shape(value, draw.plan.source.shape):
        raise WrongValue(
            f"公共随机数应写成“{draw.plan.source.shape}”的样子（9代表一位数字），收到的是“{value}”。",
            f"The public value is written like '{draw.plan.source.shape}' (9 is a digit); this is '{value}'.",
        )
    return state


def fits_shape(value: str, shape: str) -> bool:
    """Say whether a value has the announced shape: a digit for every 9, all else as it stands."""
    return len(value) == len(shape) and all(
        (got in "0123456789") if want == "9" else got == want for got, want in zip(value, shape, strict=True)
    )


def check_reveal(draw: Draw, key: str, nonce: str, *, by: Officer, at: datetime) -> State:
    party, state = check_party(draw, key, by=by), _living(draw, at)
    _need(state.value, EventKind.PUBLIC_VALUE, "揭示", "reveal")
    _only_once(party.key in state.nonces, EventKind.REVEALED)
    _not_after(at, draw.plan.reveal_until, "揭示", "reveal")
    opens = core.commitment(draw.plan_id, draw.attempt, key, nonce) == state.commitments[key]
    if not re.fullmatch(r"(?:[0-9a-f]{2}){16,64}", nonce) or not opens:
        raise WrongValue(
            f"这个随机数与“{party.name}”的承诺不符。请核对当时保存的随机数。",
            f"This nonce does not open the commitment of '{party.name}'. Check the one you kept.",
        )
    return state


def check_run(draw: Draw, *, by: Officer, at: datetime) -> State:
    require_act(draw, by, Permission.MANAGE_DRAW)
    state = _living(draw, at)
    _only_once(state.drawn, EventKind.DRAWN)
    if not state.frozen:
        _not_before(
            at, draw.plan.freeze_at, "冻结名单，此后才能抽取", "freeze the roster, and draw only after that"
        )
    _need(state.frozen, EventKind.FROZEN, "抽取", "draw")
    _need(state.value, EventKind.PUBLIC_VALUE, "抽取", "draw")
    missing = [party.name for party in draw.plan.parties if party.key not in state.nonces]
    if missing:
        raise WrongOrder(
            f"{'、'.join(missing)}还没有揭示，不能抽取。逾期不揭示的，只能作废本次并公布是谁。",
            f"{', '.join(missing)} has not revealed. If they never do, void this attempt and say who it was.",
        )
    return state


def check_publish(draw: Draw, *, by: Officer, at: datetime) -> State:
    require_act(draw, by, Permission.MANAGE_DRAW)
    state = _living(draw, at)
    _need(state.drawn, EventKind.DRAWN, "公布", "publish")
    _only_once(state.published, EventKind.PUBLISHED)
    return state


def check_outcomes(draw: Draw, *, by: Officer, at: datetime) -> State:
    require_act(draw, by, Permission.PUBLISH_RESULT)
    state = _living(draw, at)
    _need(state.published, EventKind.PUBLISHED, "公布检查结果", "publish results")
    return state


def check_outcomes_once(draw: Draw, state: State) -> None:
    """Raise where a salted draw's results are out: a second file would link leaves to names by its difference."""
    if draw.plan.mode == "salted" and state.outcomes:
        raise WrongOrder(
            "加盐抽签的检查结果只公布一次，已经公布。结果如有更正，请看该户的公示页。",
            "A salted draw publishes its results once, and has. Corrections stand on the pages of the results.",
        )


def check_dispatch(draw: Draw, *, by: Officer, at: datetime) -> State:
    require_act(draw, by, Permission.MANAGE_DRAW)
    state = _living(draw, at)
    _need(state.published, EventKind.PUBLISHED, "派发检查", "dispatch the checks")
    return state


def _check_voidable(draw: Draw, *, at: datetime) -> State:
    state = _living(draw, at)
    if state.outcomes:
        raise TooLate(
            "检查结果已经公布，不能再作废。", "Results are published; this draw can no longer be voided."
        )
    if draw.dispatched_at:
        raise TooLate(
            f"检查任务已于{_moment_zh(draw.dispatched_at)}派发，不能再作废。",
            f"The checks went out on {_moment_en(draw.dispatched_at)}; this draw can no longer be voided.",
        )
    return state


def check_request_void(draw: Draw, reason: str, *, by: Officer, at: datetime) -> State:
    require_act(draw, by, Permission.MANAGE_DRAW)
    state = _check_voidable(draw, at=at)
    if len(reason.strip()) < 5:
        raise WrongValue(
            "请写明作废的理由，至少五个字。", "Give the reason for voiding, at least five characters."
        )
    if draw.void_requested_by_id not in (None, by.pk):
        raise WrongOrder(
            f"{draw.void_requested_by}已申请作废，正等待批准。",
            f"{draw.void_requested_by} has asked to void this draw; it waits for approval.",
        )
    return state


def check_approve_void(draw: Draw, reason: str, *, by: Officer, at: datetime) -> State:
    """Raise unless this officer may complete the pending request, as it was read, with another's authority."""
    require_act(draw, by, Permission.COMMIT_TO_DRAW)
    state = _check_voidable(draw, at=at)
    if draw.void_requested_by_id is None or draw.void_requested_at is None or draw.void_reason != reason:
        raise WrongOrder(
            "没有这样的作废申请，或理由已改。请重新查看后再批准。",
            "There is no such request to void, or its reason has changed. Read it again before you approve.",
        )
    if draw.void_requested_by is None or is_same_person(draw.void_requested_by, by):
        raise WrongPerson("作废要由另一个人批准。", "Another person has to approve the voiding.")
    _not_before(at, draw.void_requested_at, "批准作废", "approve the voiding")
    return state
