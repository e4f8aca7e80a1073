"""A firm's sector classes beside its general class, for officers alone: reasons, what if, and the request for a review."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhijian.apps.supervision.class_review import queries as reviews
from zhijian.apps.supervision.class_review import services
from zhijian.apps.supervision.class_review.services import Rated
from zhijian.datazone.mart.sector_class import GENERAL, coverage
from zhijian.datazone.mart.what_if import possible_changes, what_if_sectors
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.registers import CreditClass, EntityRecord
from zhijian.portal.components.words import in_english
from zhijian.portal.views.cases import words_of
from zhijian.portal.views.credit import facts_of, step_words
from zhijian.portal.views.register import market_entities, now, today
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards import parameters

RULES = "supervision/sector_class"
_MOST_CHANGES, _MOST_REASONS = 20, 8


@never_cache
@require_http_methods(["GET", "POST"])
def sectors_page(request: HttpRequest, uscc: str) -> HttpResponse:
    """Show the sector classes of a firm and what they mean for coverage; ask for a review. Each look is recorded."""
    register = market_entities()
    record = register.find(uscc) if register.is_ready else None
    credit = register.credit_class(record.uscc) if record is not None else None
    if record is None or credit is None:
        raise Http404
    if record.uscc != uscc:
        return redirect("entity_sectors", uscc=record.uscc)
    officer = require(request.user, Permission.VIEW_CREDIT_CLASS, division=_division(record) or "-")
    context, problem = _context(record, credit, request.GET.getlist("change")), ""
    if request.method == "POST":
        try:
            case = _ask(request, officer, record, context["rated"])
        except ProcedureRefused as refused:
            problem = words_of(refused)
        else:
            messages.success(request, _("已提出复核。审查和决定由另外两人办理。"))
            return redirect("case", case_id=case.pk)
    record_look(officer, record.uscc, "sector_class", at=now(), reason=_("查看分领域等级"))
    context |= {"problem": problem, "typed": request.POST}
    return render(request, "portal/credit/sectors.html", context, status=422 if problem else 200)


def _division(record: EntityRecord) -> str:
    return record.county_code or record.prefecture_code or ""


def _context(record: EntityRecord, credit: CreditClass, ticked: list[str]) -> dict[str, Any]:
    entry = parameters.load(RULES).entry_on(credit.month_end)
    sectors = entry.value
    facts = facts_of(market_entities(), record.uscc)
    possible = possible_changes(facts, as_of=credit.month_end)[:_MOST_CHANGES]
    chosen = [one for one in possible if one.key in set(ticked)]
    plain = {
        name: getattr(record, name) for name in ("uscc", "registered_on", "industry_code", "status_code")
    }
    outcomes = what_if_sectors(plain, facts, chosen, as_of=credit.month_end, sectors=sectors)
    by_people = reviews.set_by_people(record.uscc, on=today())
    letters = {GENERAL: credit.class_code, **{one.code: one.now.class_code for one in outcomes}}
    governing = {
        scope: by_people[scope].decided_class if scope in by_people else letter
        for scope, letter in letters.items()
    }
    covered = coverage(governing.pop(GENERAL), governing, sectors=sectors)
    stored = market_entities().sector_classes(record.entity_id)  # what was published at the last rating
    return {
        "record": record,
        "credit": credit,
        "entry": entry,
        "coverage": covered,
        "decided_by": _name(covered.decided_by, sectors),
        "rows": [_row(one, sectors, stored, by_people) for one in outcomes],
        "general_review": by_people.get(GENERAL),
        "steps": [(one, step_words(one), one in chosen) for one in possible],
        "has_forecast": bool(chosen),
        "scopes": [(GENERAL, _name(GENERAL, sectors)), *((one.code, _name(one.code, sectors)) for one in outcomes)],
        "reviews": [{"one": one, "scope": _name(one.scope, sectors)} for one in reviews.of_firm(record.uscc)],
        "rated": {GENERAL: (credit.class_code, credit.score), **{one.code: (one.now.class_code, one.now.score) for one in outcomes}},
        "synthetic": "all" if record.is_synthetic else "",
    }  # fmt: skip


def _row(
    one: Any, sectors: dict[str, Any], stored: dict[str, Any], by_people: dict[str, Any]
) -> dict[str, Any]:
    return {
        "name": _name(one.code, sectors),
        "article": sectors["sectors"][one.code]["article"],
        "now": one.now,
        "latest": one.latest,
        "review": by_people.get(one.code),
        "is_as_published": stored.get(f"{one.code}_score") == one.now.score,
        "reasons": [
            {"label": reason.label_en if in_english() else reason.label_zh, "points": reason.points,
             "detail": reason.detail_en if in_english() else reason.detail_zh}
            for reason in one.now.reasons[:_MOST_REASONS]
        ],
    }  # fmt: skip


def _name(scope: str, sectors: dict[str, Any]) -> str:
    if scope == GENERAL:
        return _("通用分类")
    found = sectors["sectors"].get(scope, {"zh": scope, "en": scope})
    return str(found["en"] if in_english() else found["zh"])


def _ask(
    request: HttpRequest, officer: Officer, record: EntityRecord, rated: dict[str, tuple[str, int]]
) -> Any:
    scope = request.POST.get("scope", "")
    if scope not in rated:
        raise ProcedureRefused("请选要复核哪一项等级。", "Choose which class to review.")
    credit = market_entities().credit_class(record.uscc)
    assert credit is not None
    letter, score = rated[scope]
    asked = Rated(
        record.uscc, record.name, _division(record), scope, letter, score, credit.snapshot_month, bool(record.is_synthetic)
    )  # fmt: skip
    return services.ask_review(asked, reason=request.POST.get("reason", ""), by=officer, at=now())
