"""Repair of public records: the firm's own page of its records, and the officers' desk of repairs and withdrawals."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from zhijian.apps.consumer.credit_files import services as credit_files
from zhijian.apps.supervision.listing import services as listing
from zhijian.apps.supervision.listing.policies import check_code
from zhijian.apps.supervision.repair import policies, queries, services
from zhijian.apps.supervision.repair.models import RepairMatter
from zhijian.apps.supervision.repair.paperwork import owner
from zhijian.engines.evidence import services as evidence
from zhijian.engines.evidence.purposes import PAPER
from zhijian.engines.evidence.refusal import RefusedFile
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import Case, CaseStatus
from zhijian.portal.components import timeline
from zhijian.portal.components.words import in_english
from zhijian.portal.views.business import for_firm
from zhijian.portal.views.cases import words_of
from zhijian.portal.views.register import market_entities, now, today
from zhijian.security.audit import record_look
from zhijian.security.models import BusinessPerson, Officer
from zhijian.security.permissions import OfFirm, Permission, may_for, require, require_for
from zhijian.standards.bilingual import BilingualError

_SHOWN = 50


def _plain(request: HttpRequest, name: str, most: int = 2000) -> str:
    return request.POST.get(name, "").replace("\x00", "").strip()[:most]


def _known(uscc: str) -> tuple[Any, list[Any]]:
    """Return what the register knows of a firm (or None), and what was delivered about it."""
    register = market_entities()
    record = register.find(uscc) if register.is_ready else None
    return record, register.delivered_facts(uscc) if record is not None else []


def _line(standing: queries.Standing) -> dict[str, Any]:
    entry = timeline.entry_of(standing.fact, has_proof=False)
    verdict = standing.verdict
    return {
        "standing": standing,
        "entry": entry,
        "reason": verdict.reason_en if in_english() else verdict.reason_zh,
        "may_repair": verdict.may_ask and not standing.is_listing and not standing.pending,
    }


# --------------------------------------------------------------------------------------------------- the firm's own


@for_firm(OfFirm.READ)
def my_records(request: HttpRequest, person: BusinessPerson) -> HttpResponse:
    """Each public record that burdens the firm: until when, whether and from when it may be repaired; ask and object here."""
    record, delivered = _known(person.uscc)
    problem, asked = "", _plain(request, "record", 100)
    if request.method == "POST":
        try:
            case = _asked(request, person, asked, delivered)
        except (ProcedureRefused, RefusedFile) as refused:
            problem = _said(refused)
        else:
            messages.success(request, _("已提交，案号%(number)s。") % {"number": case.number})
            return redirect("my_records")
    context = {
        "person": person,
        "rows": [_line(one) for one in queries.records_of(person.uscc, on=today(), delivered=delivered)],
        "cases": [_stands(one) for one in queries.cases_of(person.uscc)[:_SHOWN]],
        "may_file": may_for(person, OfFirm.FILE, uscc=person.uscc),
        "problem": problem,
        "asked": asked,
        "typed": request.POST,
        "today": today(),
        "synthetic": "all" if person.is_synthetic or (record is not None and record.is_synthetic) else "",
    }
    return render(request, "portal/repair/my_records.html", context, status=422 if problem else 200)


def _asked(request: HttpRequest, person: BusinessPerson, fact_id: str, delivered: list[Any]) -> Case:
    """Open the case that the firm asks for; files are kept with it, or nothing is."""
    statement, at = _plain(request, "statement"), now()
    with transaction.atomic():
        match request.POST.get("act"):
            case "repair":
                case = services.ask_repair_for_firm(
                    person, fact_id, statement=statement, is_committed=request.POST.get("committed") == "1",
                    delivered=delivered, at=at,
                )  # fmt: skip
                for file in request.FILES.getlist("files"):
                    evidence.receive(
                        file.chunks(), file.name or "", owner(case.repair_matter), purpose=PAPER,
                        media=settings.HOME.media, by=person.display_name, at=at,
                    )  # fmt: skip
                return case
            case "remove":
                require_for(person, OfFirm.FILE, uscc=person.uscc)
                return _removal(person, fact_id, statement, delivered)
            case "objection":
                require_for(person, OfFirm.FILE, uscc=person.uscc)
                return credit_files.object_to_own(
                    person.uscc, fact_id, statement=statement, at=at, delivered=delivered
                )
    raise ProcedureRefused("没有这项操作。", "There is no such act.")


def _removal(person: BusinessPerson, fact_id: str, statement: str, delivered: list[Any]) -> Case:
    fact, _others = policies.find_record(person.uscc, fact_id, on=today(), delivered=delivered)
    unit = policies.unit_of(str(fact.payload.get("authority") or ""))
    return listing.ask_removal_for_firm(
        person.uscc, str(fact.payload.get("ground_code") or ""), statement=statement, unit=unit, at=now()
    )


def _stands(case: Case) -> dict[str, Any]:
    """What a firm is told of a case about it: where it stands and by when it is answered; nobody's name, no remark."""
    due = [one.due_on for one in case.work_items.filter(state="open") if one.due_on]
    return {"case": case, "is_open": case.status == CaseStatus.OPEN, "due_on": min(due, default=None)}


def _said(refused: BilingualError) -> str:
    return refused.message_en if in_english() else refused.message_zh


# ------------------------------------------------------------------------------------------------------ officers'


@never_cache
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """A firm's records with what may be done about each; repairs that can be revoked; the unit's cases."""
    officer = require(request.user, Permission.KEEP_CREDIT_FILE)
    typed, problem = request.GET.get("code", _plain(request, "uscc", 60)).replace("\x00", "").strip()[:60], ""
    uscc, record = "", None
    delivered: list[Any] = []
    try:
        if typed:
            uscc = check_code(typed)
            record, delivered = _known(uscc)
        if request.method == "POST":
            case = _opened(request, officer, uscc, record, delivered)
            messages.success(request, _("已登记，开始办理。"))
            return redirect("case", case_id=case.pk)
    except ProcedureRefused as refused:
        problem = words_of(refused)
    record_look(officer, uscc or "repair desk", "repair_desk", at=now())
    unit = officer.organisation.name if officer.organisation else ""
    standing = queries.records_of(uscc, on=today(), delivered=delivered) if uscc else []
    rows, is_invented = [_line(one) for one in standing], any(one.fact.is_synthetic for one in standing)
    context = {
        "problem": problem,
        "typed": typed,
        "posted": request.POST,
        "uscc": uscc,
        "title": record.name if record is not None else queries.name_of(uscc) or uscc,
        "rows": rows,
        "unit": unit,
        "events": [(code, en if in_english() else zh) for code, (zh, en) in services.EVENTS.items()],
        "granted": queries.granted_by(officer.organisation),
        "matters": RepairMatter.objects.filter(case__organisation=officer.organisation).select_related("case").order_by("-pk")[:_SHOWN],
        "synthetic": "all" if record is not None and record.is_synthetic else "part" if is_invented else "",
    }  # fmt: skip
    return render(request, "portal/repair/desk.html", context, status=422 if problem else 200)


def _opened(request: HttpRequest, officer: Officer, uscc: str, record: Any, delivered: list[Any]) -> Case:
    name = record.name if record is not None else (_plain(request, "name", 200) or uscc)
    fact_id, at = _plain(request, "record", 100), now()
    match request.POST.get("act"):
        case "repair":
            return services.ask_repair(
                uscc, fact_id, name=name, statement=_plain(request, "statement"),
                is_committed=request.POST.get("committed") == "1", delivered=delivered, by=officer, at=at,
            )  # fmt: skip
        case "withdraw":
            return services.propose_withdrawal(
                uscc, fact_id, name=name, event=_plain(request, "event", 20), fell_on=_day(_plain(request, "fell_on", 10)),
                document=_plain(request, "document", 200), delivered=delivered, by=officer, at=at,
            )  # fmt: skip
        case "revoke":
            return services.propose_revocation(
                _plain(request, "repair", 60), clue=_plain(request, "clue"), by=officer, at=at
            )
    raise ProcedureRefused("没有这项操作。", "There is no such act.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ProcedureRefused(
            "请写明决定变化的日期，例如2026-09-28。",
            "Give the day on which the decision fell, such as 2026-09-28.",
        ) from None
