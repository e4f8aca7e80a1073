"""One complaint or report as the program sees it: topic, urgency, repeats, firm, handler; an officer corrects topic and firm."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from zhijian.apps.consumer.complaints import firms, policies
from zhijian.apps.consumer.complaints.codes import ComplaintState
from zhijian.apps.consumer.complaints.matters import services
from zhijian.apps.consumer.complaints.matters.models import Suggestion, TopicCorrection
from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.apps.consumer.complaints.policies import Incomplete, NotNow
from zhijian.apps.consumer.complaints.understanding import (
    SAME_EVENT_DAYS,
    Candidate,
    Groups,
    Handler,
    Proposal,
    Told,
    candidates,
    groups,
    propose_handlers,
)
from zhijian.engines.procedures.models import WorkItem
from zhijian.portal.components.case_words import officer_name
from zhijian.portal.components.words import in_english
from zhijian.portal.views.register import market_entities, now
from zhijian.security.audit import record_look
from zhijian.security.models import Officer, Role
from zhijian.security.permissions import Permission, may, require
from zhijian.standards import consumer_matters
from zhijian.standards.calendar import statutory_day

_MOST_NEAR = 500
_MOST_HANDLERS = 5


@never_cache
@login_required
def matter_page(request: HttpRequest, number: str) -> HttpResponse:
    """What is suggested, with what it rests on; the form to correct the topic."""
    officer = require(request.user, Permission.VIEW_WORKBENCH)
    matter = services.find(number)
    if matter is None or not may(officer, _view_right(matter)):
        raise Http404  # who may see no reports does not learn that there is one either
    services.check_view(matter, officer)
    problem = ""
    if request.method == "POST":
        try:
            said = _act(request, matter, officer)
        except (Incomplete, NotNow) as refused:
            problem = refused.message_en if in_english() else refused.message_zh
        else:
            messages.success(request, said)
            return redirect("matter", number=number)
    record_look(officer, number, "suggestions", at=now())
    context = _context(matter, problem) | {
        "typed": request.POST if problem else {},
        "may_set_firm": _may_set_firm(matter, officer),
    }
    return render(request, "portal/analysis/matter.html", context, status=422 if problem else 200)


def _act(request: HttpRequest, matter: services.Matter, officer: Officer) -> str:
    """Set the firm or correct the topic; return what to say of it."""
    if request.POST.get("act") == "firm" and isinstance(matter, Complaint):
        code = request.POST.get("code", "").strip() or request.POST.get("firm", "")
        reason = request.POST.get("firm_reason", "")
        firms.establish(matter, code, reason=reason, find=_registered, by=officer, at=now())
        return _("被投诉人已核对，写进办理经过。")
    topic, reason = request.POST.get("topic", ""), request.POST.get("reason", "")
    services.correct_topic(matter, topic, reason=reason, by=officer, at=now())
    return _("已更正，下次学习会用到。")


def _may_set_firm(matter: services.Matter, officer: Officer) -> bool:
    return (
        isinstance(matter, Complaint)
        and matter.state != ComplaintState.CLOSED
        and may(officer, Permission.WORK_COMPLAINT, **policies.area_of(matter))
    )


def _registered(code: str) -> "_Firm | None":
    register = market_entities()
    record = register.find(code) if register.is_ready else None
    return _Firm(record) if record else None


def _view_right(matter: services.Matter) -> Permission:
    return Permission.VIEW_COMPLAINT if isinstance(matter, Complaint) else Permission.VIEW_REPORT


def _context(matter: services.Matter, problem: str) -> dict[str, Any]:
    suggestion = Suggestion.objects.filter(number=matter.number).first()
    near = _groups(matter)
    event = near.events.get(matter.number, matter.number)
    return {
        "matter": matter,
        "problem": problem,
        "text": services.text_of(matter),
        "is_complaint": isinstance(matter, Complaint),
        "topic": consumer_matters.full_name(matter.topic_code, english=in_english()) if matter.topic_code else "",
        "suggestion": suggestion,
        "suggested": consumer_matters.full_name(suggestion.leaning_code, english=in_english()) if suggestion else "",
        "urgency": [(en if in_english() else zh, found) for _c, zh, en, found in (suggestion.urgency if suggestion else [])],
        "corrections": TopicCorrection.objects.filter(number=matter.number).select_related("officer"),
        "choices": [(field, consumer_matters.matters(field.code)) for field in consumer_matters.fields()],
        "repeats": near.repeats.get(matter.number, matter.number),
        "event": [one for one in near.members(event) if one != matter.number],
        "firms": _firms(matter),
        "handlers": _handlers(matter)[:_MOST_HANDLERS],
    }  # fmt: skip


def _groups(matter: services.Matter) -> Groups:
    """Group it with what came about the same firm in the days around it, of the same kind."""
    span = timedelta(days=SAME_EVENT_DAYS)
    same_firm = (
        Q(respondent_code=matter.respondent_code)
        if matter.respondent_code
        else Q(respondent_name=matter.respondent_name)
    )
    rows = type(matter).objects.filter(
        same_firm,
        first_received_at__gte=matter.first_received_at - span,
        first_received_at__lte=matter.first_received_at + span,
        organisation__division_code__startswith=matter.organisation.territory,
    )[:_MOST_NEAR]
    return groups(
        [
            Told(
                row.number,
                row.respondent_code or row.respondent_name,
                row.topic_code,
                statutory_day(row.first_received_at),
                services.text_of(row),
            )
            for row in rows
        ]
    )


class _Firm:
    """A record of the register with the words that candidates are compared by."""

    def __init__(self, record: Any) -> None:
        self.uscc, self.name = record.uscc, record.name
        self.address = record.address or ""
        self.division_code = record.county_code or record.prefecture_code or ""


def _firms(matter: services.Matter) -> list[Candidate]:
    register = market_entities()
    if not register.is_ready:
        return []

    return candidates(
        name=matter.respondent_name,
        address=matter.respondent_address,
        code=matter.respondent_code,
        division_code=matter.respondent_division_code or matter.division_code,
        find=_registered,
        search=lambda words: [_Firm(record) for record in register.search(words, size=20).records],
    )


def _handlers(matter: services.Matter) -> list[Proposal]:
    """Propose officers of the units whose area it lies in, by place, skill and what they have open."""
    code = matter.division_code
    able = Officer.objects.filter(is_active=True, organisation__isnull=False).select_related("organisation")
    load = dict(
        WorkItem.objects.filter(state="open", holder__isnull=False)
        .values_list("holder")
        .annotate(n=Count("id"))
        .values_list("holder", "n")
    )
    handlers = [
        Handler(
            officer.username,
            officer_name(officer),
            officer.organisation.territory,
            frozenset(officer.skills),
            load.get(officer.pk, 0),
        )
        for officer in able
        if officer.has_role(Role.HANDLER) and officer.organisation is not None
    ]
    return propose_handlers(handlers, division_code=code, topic_code=matter.topic_code)
