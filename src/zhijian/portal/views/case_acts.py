"""What an officer may do to a case beside its next step: each act is offered as a form, and done by its verb."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from zhijian.engines.procedures import clocking, clocks, policies, services, teamwork
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import Case, Clock, ItemState, WorkItem
from zhijian.portal.components import case_words
from zhijian.portal.views.register import now, today
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import Forbidden, may_lead
from zhijian.standards.whole_number import whole_number


@dataclass(frozen=True)
class Ask:
    """One question of an act's form; `kind` is text, area, date, select or several."""

    name: str
    label: str
    kind: str = "area"
    options: tuple[tuple[str, str], ...] = ()
    is_required: bool = True


@dataclass(frozen=True)
class Offer:
    """One act: its title, its questions, the words on its button, and what it is done to."""

    action: str
    title: str
    button: str
    asks: tuple[Ask, ...]
    hidden: tuple[tuple[str, str], ...] = ()
    hint: str = ""


def offers(case: Case, item: WorkItem | None, officer: Officer) -> list[Offer]:
    """Return what this officer may do to a case now; `item` is the step in question, if any."""
    if case.status != "open":
        return []
    found = [Offer("comment", _("写备注"), _("写进时间线"), (Ask("text", _("备注")),))]
    if item is not None:
        found = [*_of_step(item, officer), *found]
    if _handles(case, officer):
        found += [
            offer for clock in case.clocks.filter(stopped_on=None) for offer in _of_clock(clock, officer)
        ]
    if _handles(case, officer) and policies.ends_early(case):
        hint = _("案件就此结束，不能恢复；理由写进时间线。")
        found.append(
            Offer(
                "withdraw", _("撤回案件"), _("撤回这件案件"), (Ask("reason", _("谁撤回、为什么")),), hint=hint
            )
        )
    return found


def people_for(item: WorkItem) -> list[Officer]:
    """Return who has a step's role in its unit."""
    people = Officer.objects.filter(organisation=item.organisation, is_active=True).order_by("pk")
    return [one for one in people if one.has_role(item.role)]


def _of_step(item: WorkItem, officer: Officer) -> list[Offer]:
    step = (("item", str(item.pk)),)
    leads, holds = may_lead(officer, unit=item.organisation), item.holder_id == officer.pk
    asked = item.units.filter(organisation=officer.organisation, answered_at=None).exists()
    others = tuple(
        (str(one.pk), case_words.officer_name(one)) for one in people_for(item) if one.pk != item.holder_id
    )
    found = []
    if asked:
        found.append(Offer("answer", _("答复协办"), _("答复"), (Ask("reason", _("本单位的意见")),), step))
    if others and leads and item.holder_id is None:
        asks = (Ask("to", _("给谁"), "select", others), Ask("reason", _("说明"), "text", is_required=False))
        found.append(Offer("assign", _("指派"), _("指派"), asks, step))
    elif others and (leads or holds):
        asks = (Ask("to", _("给谁"), "select", others), Ask("reason", _("理由"), "text"))
        found.append(Offer("hand_over", _("转办"), _("转办"), asks, step))
    if item.holder_id is not None and (leads or holds):
        found.append(
            Offer(
                "return",
                _("退回本单位"),
                _("退回"),
                (Ask("reason", _("理由"), "text"),),
                step,
                _("退回后由本单位其他人领取。"),
            )
        )
    if leads and item.supervised_at is None:
        found.append(Offer("supervise", _("督办"), _("督办"), (Ask("reason", _("督办意见")),), step))
    if leads or holds:
        units = _units_near(item)
        if units:
            asks = (Ask("units", _("哪些单位"), "several", units), Ask("reason", _("请它们做什么")))
            found.append(Offer("join", _("请其他单位协办"), _("请它们协办"), asks, step))
    return found


def _units_near(item: WorkItem) -> tuple[tuple[str, str], ...]:
    """The units that can have a part in the step: competent here or near, with somebody in its role."""
    able = policies.joinable(item.case, item.role)
    units = Organisation.objects.exclude(pk=item.organisation_id).order_by("division_code")
    return tuple((str(one.pk), case_words.unit_name(one)) for one in units if able(one))


def _of_clock(clock: Clock, officer: Officer) -> list[Offer]:
    period, chosen = clocks.period_of(clock), (("clock", str(clock.pk)),)
    said = case_words.period(f"{clock.name} from {clock.counts_from}", clock.started_on)
    name = said.label if said else clock.name
    held = list(clock.holds.filter(ended_on=None).values_list("name", flat=True))
    free = tuple((one, case_words.hold(one)) for one in clock.hold_names if one not in held)
    found = []
    if (
        period.extension
        and policies.extends_by_hand(clock.case, clock.name)
        and clock.extension_count < period.extensions
        and clock.due_on
        and today() <= clock.due_on
    ):
        hint = _("依法可延长%(length)s，由%(role)s批准。") % {
            "length": case_words.length(period.extension, period.unit),
            "role": case_words.role(period.extended_by),
        }
        title = _("延长期限：%(clock)s") % {"clock": name}
        found.append(Offer("extend", title, _("延长期限"), (Ask("reason", _("理由")),), chosen, hint))
    if free:
        asks = (
            Ask("name", _("事由"), "select", free),
            Ask("on", _("自哪一天"), "date"),
            Ask("reason", _("说明"), "text", is_required=False),
        )
        found.append(Offer("hold", _("暂停计时：%(clock)s") % {"clock": name}, _("暂停计时"), asks, chosen))
    if held:
        until = (
            Ask("name", _("事由"), "select", tuple((one, case_words.hold(one)) for one in held)),
            Ask("on", _("停到哪一天（这一天仍不计）"), "date"),
        )
        found.append(
            Offer("release", _("恢复计时：%(clock)s") % {"clock": name}, _("恢复计时"), until, chosen)
        )
    return found


def _handles(case: Case, officer: Officer) -> bool:
    try:
        policies.check_may_handle(case, officer)
    except (ProcedureRefused, Forbidden):
        return False
    return True


def act(request: HttpRequest, case: Case, officer: Officer) -> str:
    """Do what was asked, and return what to say of it; an unknown act does nothing.

    Raises:
        ProcedureRefused, Forbidden: as the verbs of the engine refuse.
    """
    action = request.POST.get("action", "")
    if action in _OF_STEP:
        items = case.work_items.select_related("organisation", "holder")
        item = get_object_or_404(items, pk=number(request, "item"), state=ItemState.OPEN)
        item.case = case
        return _OF_STEP[action](request, item, officer)
    if action in _OF_CLOCK:
        return _OF_CLOCK[action](
            request, get_object_or_404(case.clocks, pk=number(request, "clock")), officer
        )
    return _OF_CASE[action](request, case, officer) if action in _OF_CASE else ""


def number(request: HttpRequest, name: str) -> int:
    """Read a whole number of the form; 0 where there is none."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")[:2000]


def _person(request: HttpRequest) -> Officer:
    return get_object_or_404(Officer, pk=number(request, "to"))


def _on(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.POST.get("on", ""))
    except ValueError:
        raise ProcedureRefused("请填写日期。", "Give the day.") from None


def _claim(request: HttpRequest, item: WorkItem, officer: Officer) -> str:
    services.claim(item, by=officer, at=now())
    return _("已领取，由您承办。")


def _assign(request: HttpRequest, item: WorkItem, officer: Officer) -> str:
    to = _person(request)
    services.assign(item, to=to, by=officer, at=now(), note=_reason(request))
    return _("已指派给%(who)s。") % {"who": case_words.officer_name(to)}


def _hand_over(request: HttpRequest, item: WorkItem, officer: Officer) -> str:
    to = _person(request)
    services.hand_over(item, to=to, reason=_reason(request), by=officer, at=now())
    return _("已转给%(who)s。") % {"who": case_words.officer_name(to)}


def _return(request: HttpRequest, item: WorkItem, officer: Officer) -> str:
    services.return_item(item, reason=_reason(request), by=officer, at=now())
    return _("已退回，本单位的人可以领取。")


def _supervise(request: HttpRequest, item: WorkItem, officer: Officer) -> str:
    teamwork.supervise(item, note=_reason(request), by=officer, at=now())
    return _("已督办，办结前在各处标明。")


def _join(request: HttpRequest, item: WorkItem, officer: Officer) -> str:
    keys = [whole_number(text) or 0 for text in request.POST.getlist("units")]
    units = list(Organisation.objects.filter(pk__in=keys))
    teamwork.join_units(item, units, note=_reason(request), by=officer, at=now())
    return _("已请协办，各单位答复后才能办结本步。")


def _answer(request: HttpRequest, item: WorkItem, officer: Officer) -> str:
    teamwork.answer_joint(item, opinion=_reason(request), by=officer, at=now())
    return _("本单位的意见已写进时间线。")


def _extend(request: HttpRequest, clock: Clock, officer: Officer) -> str:
    clocking.extend_clock(clock, reason=_reason(request), by=officer, at=now())
    return _("期限已延长。")


def _hold(request: HttpRequest, clock: Clock, officer: Officer) -> str:
    name = request.POST.get("name", "")
    clocking.hold_clock(
        clock, name=name, reason=_reason(request), by=officer, at=now(), started_on=_on(request)
    )
    return _("已暂停计时。")


def _release(request: HttpRequest, clock: Clock, officer: Officer) -> str:
    name = request.POST.get("name", "")
    clocking.release_clock(clock, name=name, by=officer, at=now(), ended_on=_on(request))
    return _("已恢复计时，期限已重算。")


def _comment(request: HttpRequest, case: Case, officer: Officer) -> str:
    services.comment(case, text=request.POST.get("text", "")[:4000], by=officer, at=now())
    return _("备注已写进时间线。")


def _withdraw(request: HttpRequest, case: Case, officer: Officer) -> str:
    services.withdraw(case, reason=_reason(request), by=officer, at=now())
    return _("案件已撤回。")


_OF_STEP: dict[str, Callable[[HttpRequest, WorkItem, Officer], str]] = {
    "claim": _claim, "assign": _assign, "hand_over": _hand_over, "return": _return, "supervise": _supervise,
    "join": _join, "answer": _answer,
}  # fmt: skip
_OF_CLOCK: dict[str, Callable[[HttpRequest, Clock, Officer], str]] = {
    "extend": _extend, "hold": _hold, "release": _release,
}  # fmt: skip
_OF_CASE: dict[str, Callable[[HttpRequest, Case, Officer], str]] = {
    "comment": _comment,
    "withdraw": _withdraw,
}
