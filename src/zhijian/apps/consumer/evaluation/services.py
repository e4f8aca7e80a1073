"""The verbs: open a desk, issue tickets, evaluate, moderate, reply, object, screen, confirm, restore. Nothing is deleted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet

from zhijian.apps.consumer.evaluation import codes, policies, queries, rules, screening, trades
from zhijian.apps.consumer.evaluation.models import (
    Desk,
    DeskDevice,
    EvaluatedFirm,
    Evaluation,
    EvaluationStep,
    Objection,
    ScreeningFinding,
    ScreeningRun,
    Ticket,
)
from zhijian.apps.consumer.evaluation.policies import NotNow
from zhijian.engines.facts import services as facts
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer, Organisation
from zhijian.security.sealed_text import fingerprint
from zhijian.standards.calendar import statutory_day

KEY, SOURCE = "evaluation", "consumer/evaluation"
OBJECTION = "consumer/evaluation_objection"
MOST_TICKETS = 200  # issued at once
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0 O 1 I L
_READ_AS = str.maketrans("０１２３４５６７８９", "0123456789")
Randomness = Callable[[int], bytes]


@dataclass(frozen=True)
class Said:
    """What a consumer says: the score, the criteria of the trade, the text."""

    score: int
    criteria: Mapping[str, int] = field(default_factory=dict)
    text: str = ""


def mark(what: str, kind: str) -> str:
    """Return the keyed mark of a code or device; nobody finds the code from it."""
    return fingerprint(f"{kind}:{what}", key=KEY) if what else ""


def plain_code(typed: str) -> str:
    """Return a code as it was meant: any case, with or without dashes and blanks."""
    return "".join(letter for letter in typed.translate(_READ_AS).upper() if letter.isalnum())[:40]


def _drawn(length: int, randomness: Randomness) -> str:
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in randomness(length))


def _signed(nonce: str) -> str:
    """Return a nonce with the signature of this installation behind it: 12 and 6 letters."""
    signature = int(fingerprint(f"ticket:{nonce}", key=KEY)[:12], 16)
    letters = []
    for _ in range(6):
        signature, place = divmod(signature, len(_ALPHABET))
        letters.append(_ALPHABET[place])
    return nonce + "".join(letters)


def written(code: str) -> str:
    """Write a code in groups of six, as it stands on a receipt."""
    return "-".join(code[start : start + 6] for start in range(0, len(code), 6))


# -------------------------------------------------------------------------------------------------- the firm's desk


@transaction.atomic
def open_desk(firm: EvaluatedFirm, *, randomness: Randomness, by: Officer, at: datetime) -> str:
    """Open a firm's desk and return its key, which is shown once; desks that were open are closed.

    Raises:
        Forbidden: another role or area.
    """
    policies.check_officer(by, firm.division_code)
    firm.desks.filter(closed_at=None).update(closed_at=at)
    key = _drawn(20, randomness)
    Desk.objects.create(firm=firm, key_mark=mark(key, "desk"), opened_by=by, opened_at=at)
    return key


def desk_of(key: str) -> Desk:
    """Return the desk that this key opens, with its firm.

    Raises:
        NotNow: no desk, or one that is closed.
    """
    found = _open_desks().filter(key_mark=mark(plain_code(key), "desk")).first()
    if found is None:
        raise NotNow(
            "柜台密钥不对，或者已经停用。", "The key of the desk is wrong, or no longer in use.", "key"
        )
    return found


def opened_desk(pk: int) -> Desk | None:
    """Return a desk that was opened by its key before, unless it was closed since."""
    return _open_desks().filter(pk=pk).first()


def _open_desks() -> "QuerySet[Desk]":
    return Desk.objects.filter(closed_at=None).select_related("firm")


@transaction.atomic
def issue_tickets(
    firm: EvaluatedFirm, count: int, *, randomness: Randomness, by: str, at: datetime, device: str = ""
) -> list[str]:
    """Issue tickets for as many transactions and return their codes, which are kept nowhere.

    Raises:
        NotNow: less than one or more than 200 at once.
    """
    if not 1 <= count <= MOST_TICKETS:
        raise NotNow(f"一次签发1至{MOST_TICKETS}张。", f"Issue 1 to {MOST_TICKETS} at once.", "count")
    remember_device(firm, device, by=by, at=at)
    EvaluatedFirm.objects.select_for_update().get(pk=firm.pk)
    last = firm.tickets.aggregate(last=Max("serial"))["last"] or 0
    made = [_signed(_drawn(12, randomness)) for _ in range(count)]
    Ticket.objects.bulk_create(
        Ticket(firm=firm, serial=last + number, code_mark=mark(code, "ticket"), issued_at=at, is_synthetic=firm.is_synthetic)
        for number, code in enumerate(made, start=1)
    )  # fmt: skip
    return made


def remember_device(firm: EvaluatedFirm, device: str, *, by: str, at: datetime) -> None:
    """Write down that a device is the firm's own; `by` names the desk."""
    found = mark(device, "device")
    if found and not firm.desk_devices.filter(device_mark=found).exists():
        DeskDevice.objects.create(firm=firm, device_mark=found, first_at=at)


# ---------------------------------------------------------------------------------------------------------- evaluate


def ticket_of(typed: str, *, firm: EvaluatedFirm | None, at: datetime) -> Ticket:
    """Return the ticket that a code opens.

    Raises:
        NotNow: forged or mistyped, of another firm, used, or expired.
    """
    code = plain_code(typed)
    if len(code) != 18 or _signed(code[:12]) != code:
        raise NotNow("这不是有效的评价凭证。请对照小票上的18位凭证码再输一次。", "This is no valid ticket. Compare it with the 18 characters on your receipt.", "code")  # fmt: skip
    found = Ticket.objects.filter(code_mark=mark(code, "ticket")).select_related("firm").first()
    if found is None:
        raise NotNow("没有签发过这张凭证。", "No such ticket was issued.", "code")
    if firm is not None and found.firm_id != firm.pk:
        raise NotNow("这张凭证是另一家经营者的，不能用来评价这一家。", "This ticket is of another firm and cannot be used for this one.", "code")  # fmt: skip
    if Evaluation.objects.filter(ticket=found).exists():
        raise NotNow("这张凭证已经评价过了，每张凭证只能用一次。", "This ticket has been used; each is good for one evaluation.", "code")  # fmt: skip
    if statutory_day(at) > rules.last_day_of_ticket(statutory_day(found.issued_at)):
        raise NotNow("这张凭证过期了。", "This ticket has expired.", "code")
    return found


@transaction.atomic
def evaluate(
    typed: str, said: Said, *, firm: EvaluatedFirm | None = None, device: str = "", at: datetime, by: str = "consumer",
    randomness: Randomness,
) -> Evaluation:  # fmt: skip
    """Take an evaluation in by its ticket; the device is kept as a mark that only tells the same from another.

    Raises:
        NotNow: the ticket is not good, the score is off the scale, the text is too long, no device, or the firm's own.
    """
    ticket = ticket_of(typed, firm=firm, at=at)
    proof = mark(plain_code(typed), "ticket")
    return _take(ticket.firm, ticket, proof, said, device=device, at=at, by=by, randomness=randomness)


class WhichShop(NotNow):
    """The firm has several shops that take part: whoever evaluates says which one it was."""

    def __init__(self, shops: Sequence[EvaluatedFirm]) -> None:
        super().__init__(
            "这家经营者有几家店参加评价，请选是哪一家，再填一次查询码。",
            "This firm takes part with several shops. Choose which one it was, and fill in the code again.",
            "shop",
        )
        self.shops = shops


@transaction.atomic
def evaluate_after_complaint(
    receipt: str,
    uscc: str,
    said: Said,
    *,
    firm: EvaluatedFirm | None = None,
    device: str = "",
    at: datetime,
    by: str = "consumer",
    randomness: Randomness,
) -> Evaluation:
    """Take an evaluation in by the receipt of an ended complaint about a firm on the register; once per receipt.

    Whoever calls has checked that the complaint is ended and opened by its code. Of a firm with several shops the one
    that was chosen is evaluated.

    Raises:
        NotNow: the firm is not on the register, `firm` is another one, the receipt was used, or as `evaluate`.
        WhichShop: the firm has several, and none of them was chosen.
    """
    shops = list(EvaluatedFirm.objects.filter(uscc=uscc).exclude(uscc="").order_by("key"))
    if not shops:
        raise NotNow(
            "这家经营者没有加入消费后评价。", "This firm does not take part in evaluations.", "receipt"
        )
    if firm is not None and firm not in shops:
        raise NotNow("这个回执是投诉另一家经营者的，不能用来评价这一家。", "This receipt is of a complaint about another firm and cannot be used for this one.", "receipt")  # fmt: skip
    if firm is None and len(shops) > 1:
        raise WhichShop(shops)
    return _take(
        firm or shops[0],
        None,
        mark(receipt, "complaint"),
        said,
        device=device,
        at=at,
        by=by,
        randomness=randomness,
    )


def _take(
    firm: EvaluatedFirm, ticket: Ticket | None, proof: str, said: Said, *, device: str, at: datetime, by: str,
    randomness: Randomness,
) -> Evaluation:  # fmt: skip
    day = statutory_day(at)
    _check_said(firm, said, at=at)
    if not device:
        raise NotNow("您的浏览器没有保存本站的小记号（cookie），没有它看不出一台设备反复评价。请允许后再交一次。",
                     "Your browser kept no cookie of this site, without which evaluations of one device again and again go unseen. Allow it and send again.", "device")  # fmt: skip
    device_mark = mark(device, "device")
    own = frozenset(firm.desk_devices.values_list("device_mark", flat=True))
    if rules.is_own_evaluation(device=device_mark, issuing_devices=own):
        raise NotNow("这台设备是这家经营者签发凭证用的，经营者不能评价自己。", "This device issued the firm's tickets; a firm does not evaluate itself.", "device")  # fmt: skip
    number = f"PJ{day:%Y%m%d}-{_drawn(8, randomness)}"
    text = said.text.strip()
    try:
        with transaction.atomic():
            made: Evaluation = Evaluation.objects.create(
                number=number, firm=firm, ticket=ticket, proof_mark=proof, score=said.score, criteria=dict(said.criteria),
                text=text, device_mark=device_mark, at=at, is_synthetic=firm.is_synthetic,
            )  # fmt: skip
    except IntegrityError:
        raise NotNow("这份凭证已经评价过了，每份只能用一次。", "This proof has been used; each is good for one evaluation.", "code") from None  # fmt: skip
    for ground in rules.text_is_held_for(text)[:1]:
        _add(made, "hold", ground=ground, officer=None, at=at)
    facts.record(
        "evaluation.received", subject=f"evaluation/{number}", occurred_on=day,
        payload={"number": number, "trade": firm.trade_code, "score": said.score, "proof": "ticket" if ticket else "complaint"},
        source=SOURCE, source_key=f"{number}/received", by=by, at=at, is_synthetic=firm.is_synthetic,
    )  # fmt: skip
    return made


def _check_said(firm: EvaluatedFirm, said: Said, *, at: datetime) -> None:
    day = statutory_day(at)
    if not rules.score_is_on_the_scale(said.score):
        raise NotNow("总体评分请选1到5分。", "Choose an overall score from 1 to 5.", "score")
    asked = rules.criteria_of(firm.trade_code, on=day)
    if strange := [name for name in said.criteria if name not in asked]:
        raise NotNow(f"这个行业没有“{strange[0]}”这一项。", f"This trade has no '{strange[0]}'.", "criteria")
    if any(not rules.score_is_on_the_scale(one) for one in said.criteria.values()):
        raise NotNow("分项评分请选1到5分。", "Choose scores from 1 to 5.", "criteria")
    most = rules.SCREENING.on(day)["text_most"]
    if len(said.text.strip()) > most:
        raise NotNow(f"文字最多{most}个字，现在有{len(said.text.strip())}个。", f"At most {most} characters; there are {len(said.text.strip())}.", "text")  # fmt: skip


# --------------------------------------------------------------------------------------- what happens to an evaluation


@transaction.atomic
def moderate(
    evaluation: Evaluation, *, shows: bool, ground: str, note: str, by: Officer, at: datetime
) -> EvaluationStep:
    """Show a text, or withhold it on a published ground; the score counts either way. What stands so already stands once.

    Raises:
        NotNow: no text, no ground of the list, or no reason.
        Forbidden: another role or area.
    """
    policies.check_officer(by, evaluation.firm.division_code)
    _wait_for(evaluation)
    policies.check_text_waits(evaluation)
    verb, latest = "show" if shows else "withhold", evaluation.last("hold", "show", "withhold")
    if latest is not None and (latest.verb, latest.ground, latest.officer_id) == (
        verb,
        "" if shows else ground,
        by.pk,
    ):
        return latest
    if shows:
        return _add(evaluation, "show", officer=by, at=at, note=note.strip()[:500])
    if not rules.text_may_be_withheld(ground):
        raise NotNow("请按公布的理由选择。", "Choose a ground of the published list.", "ground")
    return _add(evaluation, "withhold", ground=ground, note=policies.check_reason(note), officer=by, at=at)


@transaction.atomic
def set_aside(
    evaluation: Evaluation, *, ground: str, reason: str, by: Officer, at: datetime
) -> EvaluationStep:
    """Leave an evaluation out of the score, with its ground and reason; it stays kept, and is counted in public.

    Raises:
        NotNow: no ground of the list, no reason, or it is out already.
        Forbidden: another role or area.
    """
    policies.check_officer(by, evaluation.firm.division_code)
    _wait_for(evaluation)
    return _set_aside(evaluation, ground=ground, reason=policies.check_reason(reason), by=by, at=at)


def _wait_for(evaluation: Evaluation) -> None:
    """Wait for whoever decides about this firm's evaluations now; what is asked afterwards sees that decision."""
    EvaluatedFirm.objects.select_for_update().get(pk=evaluation.firm_id)


def _set_aside(
    evaluation: Evaluation, *, ground: str, reason: str, by: Officer, at: datetime
) -> EvaluationStep:
    if not rules.may_be_set_aside(ground):
        raise NotNow(
            "请按公布的理由选择；差评不是理由。",
            "Choose a ground of the list; that it is bad is none.",
            "ground",
        )
    if evaluation.is_aside:
        raise NotNow("这条评价已经不计入评分。", "This evaluation is left out already.")
    step = _add(evaluation, "set_aside", ground=ground, note=reason, officer=by, at=at)
    _tell(evaluation, step, by=by, at=at)
    return step


@transaction.atomic
def restore(evaluation: Evaluation, *, reason: str, by: Officer, at: datetime) -> EvaluationStep:
    """Take an evaluation into the score again.

    Raises:
        NotNow: it counts already, or no reason.
        Forbidden: another role or area.
    """
    policies.check_officer(by, evaluation.firm.division_code)
    if not evaluation.is_aside:
        raise NotNow("这条评价本来就计入评分。", "This evaluation counts already.")
    step = _add(evaluation, "restore", note=policies.check_reason(reason), officer=by, at=at)
    _tell(evaluation, step, by=by, at=at)
    return step


def _tell(evaluation: Evaluation, step: EvaluationStep, *, by: Officer, at: datetime) -> None:
    kind = "evaluation.set_aside" if step.verb == "set_aside" else "evaluation.restored"
    payload = {"number": evaluation.number, "reason": step.note}
    if step.ground:
        payload["ground"] = step.ground
    facts.record(
        kind, subject=f"evaluation/{evaluation.number}", occurred_on=statutory_day(at), payload=payload, source=SOURCE,
        source_key=f"{evaluation.number}/{step.sequence}", by=by, at=at, is_synthetic=evaluation.is_synthetic,
    )  # fmt: skip


@transaction.atomic
def reply(evaluation: Evaluation, text: str, *, firm: EvaluatedFirm, by: str, at: datetime) -> EvaluationStep:
    """Put the firm's answer under an evaluation.

    Raises:
        NotNow: it is about another firm, or the text is empty, too long, or holds personal data.
    """
    _check_own(evaluation, firm)
    plain = policies.check_reason(text)
    if held := rules.text_is_held_for(plain):
        zh, en = codes.TEXT_GROUNDS[held[0]]
        raise NotNow(f"回复{zh}，请改后再发。", f"The reply is not taken: {en}.", "text")
    return _add(evaluation, "reply", note=plain, officer=None, at=at)


@transaction.atomic
def object_to(
    evaluation: Evaluation, *, ground: str, statement: str, firm: EvaluatedFirm, by: str, at: datetime
) -> Objection:
    """Open the case of a firm's objection; until it is decided the evaluation counts and is shown as before.

    Raises:
        NotNow: it is about another firm, an objection is open, no ground, no statement, or no unit of the place.
    """
    _check_own(evaluation, firm)
    plain = policies.check_reason(statement)
    if ground not in codes.OBJECTION_GROUNDS:
        raise NotNow("请选择异议的理由。", "Choose the ground of the objection.", "ground")
    if evaluation.objections.filter(outcome="").exists():
        raise NotNow("这条评价的异议正在审查。", "An objection to this evaluation is being examined.")
    unit = _unit_of(firm.division_code)
    case = procedures.start_case(
        OBJECTION, number=f"{evaluation.number}-Y{evaluation.objections.count() + 1}", title=f"评价异议：{firm.name}",
        organisation=unit, division_code=firm.division_code, entity_code=firm.uscc, by=None, at=at,
        data={"lodged_on": statutory_day(at), "evaluation": evaluation.number}, is_synthetic=firm.is_synthetic,
    )  # fmt: skip
    _add(evaluation, "object", ground=ground, note=plain, officer=None, at=at)
    return Objection.objects.create(
        case=case, evaluation=evaluation, ground=ground, statement=plain, lodged_at=at
    )


def _unit_of(division: str) -> Organisation:
    """Return the unit of the county, else of the city, else of the province."""
    for code in (division[:6], f"{division[:4]}00", f"{division[:2]}0000"):
        found = Organisation.objects.filter(division_code=code).order_by("level", "pk").first()
        if found is not None:
            return found
    raise NotNow("没有找到管辖单位。", "No unit of this place was found.")


def decide_objection(
    case: Case, data: Mapping[str, Any], *, by: Officer | None, at: datetime
) -> dict[str, Any]:
    """Service task: an objection that is upheld sets the evaluation aside or withholds its text; else it stays.

    Raises:
        NotNow: no reason.
    """
    objection = Objection.objects.select_for_update().get(case=case)
    assert by is not None, "an officer decides"
    reason = policies.check_reason(str(data.get("decision_reason") or ""))
    outcome = str(data.get("outcome"))
    objection.outcome, objection.reason, objection.decided_at = (
        "rejected" if outcome == "keep" else "upheld", reason, at,
    )  # fmt: skip
    objection.save()
    if outcome == "set_aside" and not objection.evaluation.is_aside:
        ground = str(data.get("ground") or "not_consumer")
        _set_aside(objection.evaluation, ground=ground, reason=reason, by=by, at=at)
    elif outcome == "withhold" and objection.evaluation.text:
        _add(objection.evaluation, "withhold", ground="unlawful", note=reason, officer=by, at=at)
    else:
        _add(objection.evaluation, "keep", note=reason, officer=by, at=at)
    return {"is_upheld": objection.outcome == "upheld"}


def _check_own(evaluation: Evaluation, firm: EvaluatedFirm) -> None:
    if evaluation.firm_id != firm.pk:
        raise NotNow("这条评价是关于另一家的。", "This evaluation is about another firm.")


def _add(
    evaluation: Evaluation,
    verb: str,
    *,
    officer: Officer | None,
    at: datetime,
    ground: str = "",
    note: str = "",
) -> EvaluationStep:
    made: EvaluationStep = EvaluationStep.objects.create(
        evaluation=evaluation, sequence=evaluation.steps.count() + 1, verb=verb, ground=ground, note=note,
        officer=officer, at=at,
    )  # fmt: skip
    return made


# --------------------------------------------------------------------------------------------------------- screening


@transaction.atomic
def run_screening(*, seed: int, by: Officer | None, at: datetime) -> ScreeningRun:
    """Judge the evaluations of every trade as they stand; what stands out is proposed, nothing is set aside.

    A test that is open for a firm takes in what is found anew. Running a day again changes nothing more.
    """
    day = statutory_day(at)
    limits = screening.Limits.of(rules.SCREENING.on(day))
    read = found = 0
    for trade in trades.TRADES:
        rows = list(queries.counting(trade.value, on=day))
        read += len(rows)
        told = screening.screen(queries.seen(rows), queries.issued(trade.value), limits=limits, seed=seed)
        firms = {one.firm.key: one.firm for one in rows}
        found += sum(_keep(one, firms[one.firm], day) for one in told)
    run, _ = ScreeningRun.objects.update_or_create(
        day=day, defaults={"evaluations": read, "found": found, "ran_at": at}
    )
    return run


def _keep(told: screening.Finding, firm: EvaluatedFirm, day: Any) -> bool:
    """Open a finding, or take the newer figures into the open one; what was dismissed is not proposed again unchanged."""
    old = ScreeningFinding.objects.filter(firm=firm, test=told.test)
    numbers = sorted(told.numbers)
    if any(sorted(one.numbers) == numbers and one.excess >= told.excess for one in old.exclude(decision="")):
        return False
    ScreeningFinding.objects.update_or_create(
        firm=firm, test=told.test, decision="",
        defaults={"found_on": day, "chance": told.chance, "false_share": told.false_share, "numbers": numbers,
                  "score": told.score, "excess": told.excess, "said": dict(told.said),
                  "is_synthetic": firm.is_synthetic},
    )  # fmt: skip
    return True


@transaction.atomic
def decide_finding(
    finding: ScreeningFinding, *, confirms: bool, reason: str, by: Officer, at: datetime
) -> ScreeningFinding:
    """Confirm a finding, which sets its evaluations aside one by one with the reason, or dismiss it.

    Raises:
        NotNow: it is decided already, or no reason.
        Forbidden: another role or area.
    """
    policies.check_officer(by, finding.firm.division_code)
    found = ScreeningFinding.objects.select_for_update().get(pk=finding.pk)
    policies.check_open(found)
    plain = policies.check_reason(reason)
    found.decision = "confirmed" if confirms else "dismissed"
    found.reason, found.decided_by, found.decided_at = plain, by, at
    found.save()
    if confirms:
        for one in _of_numbers(found.numbers):
            if not one.is_aside:
                _set_aside(one, ground=found.test, reason=plain, by=by, at=at)
    return found


def _of_numbers(numbers: Sequence[str]) -> Iterable[Evaluation]:
    return Evaluation.objects.filter(number__in=numbers).select_related("firm").prefetch_related("steps")


def horizon(at: datetime) -> datetime:
    """Return the moment from which evaluations make the published score."""
    return at - timedelta(days=rules.SCREENING.on(statutory_day(at))["horizon_days"])
