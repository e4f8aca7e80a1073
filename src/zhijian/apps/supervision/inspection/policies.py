"""May this be done to this check, here and now? ``check_*`` raises, ``can_*`` answers for the page."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from zhijian.apps.supervision.inspection import quality, replacement_rules, rosters
from zhijian.apps.supervision.inspection.models import Check, FollowUp
from zhijian.apps.supervision.inspection.rules import (
    STEPS,
    PairMember,
    State,
    Verb,
    pair_problems,
)
from zhijian.engines.draws import design
from zhijian.engines.facts.models import Fact
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden, Permission, require
from zhijian.security.persons import is_same_person
from zhijian.standards import parameters
from zhijian.standards.bilingual import BilingualError, Problem
from zhijian.standards.parameters import NoValueInForce


class Refused(BilingualError):
    """Something cannot be done. `status` is the HTTP status; the words are for people, in both languages."""

    wording = "{zh}"
    status = 409


class TooLittleLottery(Refused):
    """A plan steers more of its checks by risk than the lottery's part allows."""

    status = 422


class NotNow(Refused):
    """The check stands elsewhere: too early, too late, or done already by somebody."""


class WrongPerson(Refused):
    """This officer has the role but is not the one who may act on this check."""

    status = 403


class Incomplete(Refused):
    """What was handed in lacks or contradicts something; each problem names its field."""

    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(
            "".join(problem.message_zh for problem in problems),
            " ".join(problem.message_en for problem in problems),
        )
        self.problems = list(problems)


class ChangedUnderYou(Refused):
    """Somebody else saved a newer draft. Carries it, so that both can be shown."""

    def __init__(self, message_zh: str, message_en: str, *, version: int, content: dict[str, Any]) -> None:
        super().__init__(message_zh, message_en)
        self.version = version
        self.content = content


class NotAsDrawn(Refused):
    """The check says another firm or other inspectors than the fact of its dispatch: somebody changed it."""


class KeyReused(Refused):
    """A send's key was used before, for something else or by somebody else."""


_STATE_ZH = {
    State.DISPATCHED: ("已派发，尚未到场", "dispatched, not begun"),
    State.ON_SITE: ("检查中", "on site"),
    State.RESULT_ENTERED: ("等待第二名检查人员确认", "waiting for the second inspector"),
    State.RETURNED: ("已退回补充", "returned for more work"),
    State.CONFIRMED: ("已确认，等待公示", "confirmed, waiting for publication"),
    State.PUBLISHED: ("已公示", "published"),
}


def state_words(state: State) -> tuple[str, str]:
    """Return the state in Chinese and in English."""
    return _STATE_ZH[state]


def check_step(check: Check, verb: Verb) -> None:
    """Refuse a step that the check's present state does not allow.

    Raises:
        NotNow: with the state that the check is in.
    """
    state = check.state
    if (state, verb) not in STEPS:
        zh, en = state_words(state)
        raise NotNow(
            f"这次检查现在是“{zh}”，不能做这一步。", f"This check is {en}; the step is not possible now."
        )


def check_inspector(check: Check, by: Officer) -> None:
    """Refuse everybody but the two inspectors who were drawn for this check.

    Raises:
        Forbidden: no inspector at all.
        WrongPerson: an inspector, but not of this check.
    """
    require(by, Permission.INSPECT)
    if by.pk not in {check.inspector_first_id, check.inspector_second_id}:
        raise WrongPerson(
            f"这次检查由抽中的{check.inspector_first}、{check.inspector_second}办理。",
            f"This check belongs to {check.inspector_first} and {check.inspector_second}, who were drawn for it.",
        )


def place_of(check: Check) -> str:
    """Return the division that a check lies in. One whose place nobody knows lies where its unit does."""
    return check.division_code or check.organisation.division_code


def check_view(check: Check, by: Officer) -> None:
    """Refuse all but the check's inspectors, and inspectors, publishers and auditors in whose area it lies.

    Raises:
        Forbidden: another role, or the check lies outside the officer's area, or the officer's unit does it again, blind.
    """
    if quality.is_hidden(check, by):
        raise Forbidden(
            "您单位正在复核这次检查，记录之前不看第一次的结论。",
            "Your unit makes this inspection again; the first result is hidden until it recorded its own.",
        )
    if by.is_active and by.pk in {check.inspector_first_id, check.inspector_second_id}:
        return
    require(by, Permission.VIEW_CHECK, division=place_of(check))


def check_audit_opening(by: Officer, *, division: str, reason: str) -> None:
    """Refuse all but an auditor in whose area the firm lies, and one who does not say why.

    Raises:
        Forbidden: no auditor, or the firm lies outside the auditor's area.
        Incomplete: no reason is given.
    """
    require(by, Permission.OPEN_DRAW_LEAVES, division=division)
    if not reason:
        problem = Problem("reason", "请写明打开这户凭证的事由。", "Say why you open the leaf of this firm.")
        raise Incomplete([problem])


def check_as_dispatched(check: Check, dispatched: Fact | None, replaced: Sequence[Fact] = ()) -> None:
    """Refuse a check that is not what was dispatched: whoever edits the table chooses neither firm nor inspectors.

    `replaced` are the facts of its replacements, in order: the team is the drawn one as they changed it.

    Raises:
        NotAsDrawn: firm, mark or inspectors differ from the fact, or there is no such fact.
    """
    pair = [one.username for one in check.inspectors]
    if (
        dispatched is None
        or (dispatched.subject, dispatched.is_synthetic) != (check.uscc, check.is_synthetic)
        or replacement_rules.team_after(
            dispatched.payload.get("inspectors", pair), [one.payload for one in replaced]
        )
        != pair
    ):
        raise NotAsDrawn(
            "这次检查的企业或检查人员与派发时的记录不符，可能被改动。请停止办理，并告知审计监督人员。",
            "The firm or the inspectors of this check are not those of its dispatch. Stop, and tell the auditors.",
        )


def check_as_confirmed(result_sha256: str, confirmed: Fact | None) -> None:
    """Refuse a result that is not the one the second inspector confirmed.

    Raises:
        NotAsDrawn: the result's rows differ from the fact, or there is no such fact.
    """
    if confirmed is None or confirmed.payload.get("result_sha256") != result_sha256:
        raise NotAsDrawn(
            "检查结果与第二名检查人员确认时的记录不符，可能被改动。请停止公开，并告知审计监督人员。",
            "The result is not the one that the second inspector confirmed. Do not publish, and tell the auditors.",
        )


def check_pair(check: Check, visited_on: date) -> None:
    """Refuse a visit by fewer than two persons, whatever their accounts, or with a certificate that has expired.

    Raises:
        Incomplete: with each problem.
    """
    pair = [PairMember(one.pk, str(one), rosters.certificate_end(one)) for one in check.inspectors]
    problems = pair_problems(pair, visited_on)
    if is_same_person(check.inspector_first, check.inspector_second):
        problems.append(
            Problem(
                "inspectors",
                "两个账号的工号或者执法证号相同，是同一个人。请由候补人员替换。",
                "Both accounts carry one staff or certificate number: that is one person. Take the next from the reserve list.",
            )
        )
    if problems:
        raise Incomplete(problems)


def check_begin(check: Check, by: Officer, visited_on: date) -> None:
    check_inspector(check, by)
    check_step(check, Verb.BEGIN)
    check_pair(check, visited_on)


def check_record(check: Check, by: Officer) -> None:
    check_inspector(check, by)
    check_step(check, Verb.RECORD)


def check_confirm(check: Check, by: Officer) -> None:
    """Refuse the person who recorded the result: the other inspector confirms.

    Raises:
        WrongPerson: the same person, or somebody who was not drawn.
        NotNow: there is nothing to confirm.
    """
    check_inspector(check, by)
    check_step(check, Verb.CONFIRM)
    result = check.result
    if result is not None and is_same_person(result.recorded_by, by):
        raise WrongPerson(
            "结论由您录入，须由另一名检查人员确认。",
            "You recorded this result; the other inspector confirms it.",
        )


def check_publish(check: Check, by: Officer) -> None:
    """Refuse anyone but a publisher of the area, and a result that is not confirmed.

    Raises:
        Forbidden: no publisher, or another area.
        NotNow: not confirmed, or published already.
    """
    require(by, Permission.PUBLISH_RESULT, division=place_of(check))
    check_step(check, Verb.PUBLISH)


def check_correct(check: Check, by: Officer) -> None:
    """Refuse anyone but a publisher of the area, and a result that is not published."""
    require(by, Permission.PUBLISH_RESULT, division=place_of(check))
    check_step(check, Verb.CORRECT)


def check_propose(check: Check, by: Officer) -> None:
    """Refuse a second proposal while one waits.

    Raises:
        NotNow: another proposal waits, or the result is not published.
    """
    check_correct(check, by)
    if check.proposal is not None:
        raise NotNow(
            f"{check.proposal.actor}已提出更正，等待另一名公示人员确认。",
            f"{check.proposal.actor} proposed a correction; it waits for another publisher.",
        )


def check_proposal(check: Check, by: Officer) -> None:
    """Refuse where no correction waits.

    Raises:
        NotNow: nobody proposed one, or it was decided already.
    """
    check_correct(check, by)
    if check.proposal is None:
        raise NotNow("没有待确认的更正。", "No correction waits for confirmation.")


def check_confirm_correction(check: Check, by: Officer) -> None:
    """Refuse the person who proposed the correction: another publisher confirms it.

    Raises:
        WrongPerson: the same person.
        NotNow: nothing waits.
    """
    check_proposal(check, by)
    assert check.proposal is not None
    if is_same_person(check.proposal.actor, by):
        raise WrongPerson(
            "更正由您提出，须由另一名公示人员确认。",
            "You proposed this correction; another publisher confirms it.",
        )


def check_as_proposed(sha256: str, proposed: Fact | None) -> None:
    """Refuse a proposal that is not the one that was sealed.

    Raises:
        NotAsDrawn: the stored proposal differs from the fact, or there is no such fact.
    """
    if proposed is None or proposed.payload.get("content_sha256") != sha256:
        raise NotAsDrawn(
            "更正内容与提出时的记录不符，可能被改动。请停止办理，并告知审计监督人员。",
            "The correction is not the one that was proposed. Stop, and tell the auditors.",
        )


def check_close(follow_up: FollowUp, by: Officer) -> None:
    """Refuse to close a follow-up twice, or from outside the unit's area.

    Raises:
        Forbidden: no inspector, or another area.
        NotNow: closed already.
    """
    check = follow_up.check_record
    is_own = by.pk in {check.inspector_first_id, check.inspector_second_id}
    require(by, Permission.INSPECT, division=None if is_own else place_of(check))
    if not follow_up.is_open:
        raise NotNow(
            f"这项后续处置已由{follow_up.closing.closed_by}办结。",
            f"This follow-up was closed by {follow_up.closing.closed_by}.",
        )


def _answers(test: Callable[..., None], *args: Any) -> bool:
    try:
        test(*args)
    except (Refused, Forbidden):
        return False
    return True


def can_confirm(check: Check, by: Officer) -> bool:
    return _answers(check_confirm, check, by)


def can_publish(check: Check, by: Officer) -> bool:
    return _answers(check_publish, check, by)


def can_correct(check: Check, by: Officer) -> bool:
    return _answers(check_correct, check, by)


def can_confirm_correction(check: Check, by: Officer) -> bool:
    return _answers(check_confirm_correction, check, by)


def can_close(follow_up: FollowUp, by: Officer) -> bool:
    return _answers(check_close, follow_up, by)


def check_lottery_share(sizes: Mapping[str, int], per_10000: Mapping[str, int], *, on: date) -> None:
    """Raise unless enough of a plan's checks are a pure lottery over everybody, by the share in force on a day.

    `sizes` are objects and `per_10000` the rate, both by the key of the rate. Before the first share nothing is asked.

    Raises:
        TooLittleLottery: what share the plan has, what is needed, and to what the low rates must rise.
    """
    try:
        least = int(parameters.load("supervision/risk_lottery_share_percent").on(on))
    except NoValueInForce:
        return
    share = design.lottery_share(sizes, per_10000)
    if share * 100 >= least or not any(sizes[key] * per_10000[key] for key in sizes):
        return
    floor = min(design.raised_to_lottery_share(sizes, per_10000, percent=least).values())
    told = f"{float(share * 100):.1f}%"
    raise TooLittleLottery(
        f"按这些比例，只有{told}的检查是人人机会相同的纯抽签，不足{least}%，以后就无法公正地评判风险预测。"
        f"请把每一类的比例都提高到万分之{floor}以上，或降低高风险类的比例。",
        f"At these rates only {told} of the checks are a lottery in which all are alike, less than {least}%; the forecast of risk could "
        f"then not be judged fairly. Raise every class to at least {floor} per 10,000, or lower the rates of the risky classes.",
    )
