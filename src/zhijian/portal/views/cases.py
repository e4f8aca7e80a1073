"""Working on cases: the inbox, bulk acts with a preview, and the page of one case with all that can be done to it."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhijian.engines.forms import binding, shown, turns
from zhijian.engines.forms import declaration as forms
from zhijian.engines.forms import services as drafts
from zhijian.engines.forms.models import Draft
from zhijian.engines.forms.words import Words
from zhijian.engines.procedures import declaration, policies, queries, services, teamwork, versions
from zhijian.engines.procedures.errors import Incomplete, ProcedureRefused
from zhijian.engines.procedures.models import Case, ItemState, WorkItem
from zhijian.portal.components import case_rows, case_words, drawing_words
from zhijian.portal.components.words import in_english
from zhijian.portal.views import case_acts
from zhijian.portal.views.procedure_work import may_keep
from zhijian.portal.views.register import now, today
from zhijian.security.audit import record_look
from zhijian.security.models import Officer, Role
from zhijian.security.permissions import Forbidden, Permission, may_lead, require
from zhijian.standards.whole_number import whole_number

PAGE, MOST = 50, 999
SCOPES = ("mine", "unit", "joint", "watched", "all")
_MOST_AT_ONCE = 200
_LIGHTS = ("red", "today", "yellow", "green", "held", "none")
SEES_ALL = {Role.LEADER, Role.AUDITOR, Role.ANALYST}


def officer_of(request: HttpRequest) -> Officer:
    """Return the officer who works here."""
    return require(request.user, Permission.VIEW_WORKBENCH)


def words_of(refused: ProcedureRefused | Forbidden | drafts.DraftRefused) -> str:
    return refused.message_en if in_english() else refused.message_zh


def visible(officer: Officer, scope: str) -> QuerySet[WorkItem]:
    """Return the open steps of a scope: mine, my unit's, those my unit was asked to join, that I watch, or may see."""
    assert officer.organisation is not None
    if scope == "joint":
        return queries.joint_inbox(officer.organisation).exclude(case__procedure__in=closed_to(officer))
    if scope == "watched":
        return queries.watched(officer).exclude(case__procedure__in=closed_to(officer))
    if scope in ("unit", "all"):
        items = WorkItem.objects.filter(state=ItemState.OPEN).select_related("case", "holder", "organisation")
        items = items.exclude(case__procedure__in=closed_to(officer))
        if scope == "all" and set(officer.roles) & SEES_ALL:
            return items.filter(organisation__in=queries.below(officer.organisation))
        return queries.of_own_area(items.filter(organisation=officer.organisation), officer)
    return queries.inbox(officer, on=today())


def closed_to(officer: Officer) -> list[str]:
    """Return the procedures whose cases an officer's roles may not look at: their titles stay out of lists too."""
    declared = declaration.all_procedures()
    return [one.code for one in declared if one.viewers and not one.viewers & set(officer.roles)]


def counted(items: QuerySet[WorkItem]) -> int:
    """Count steps, but no further than `MOST`: a province's whole list is not counted for one page."""
    return len(items.order_by().values_list("pk")[: MOST + 1])


def lit(items: QuerySet[WorkItem], light: str, day: date) -> QuerySet[WorkItem]:
    """Narrow steps to those under one light on a day."""
    narrowed = {
        "red": Q(due_on__lt=day),
        "today": Q(due_on=day),
        "yellow": Q(due_on__gte=day, yellow_on__lte=day) | Q(due_on=day),
        "green": Q(due_on__gt=day) & (Q(yellow_on__gt=day) | Q(yellow_on=None)),
        "held": Q(clock__isnull=False, due_on=None),
        "none": Q(clock=None),
    }
    return items.filter(narrowed[light]) if light in narrowed else items


@never_cache
@login_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for somebody: most urgent first, with filters that stay in the address."""
    officer = officer_of(request)
    chosen = {name: request.GET.get(name, "") for name in ("scope", "light", "procedure", "who", "q")}
    sees_all = bool(set(officer.roles) & SEES_ALL)
    scope = chosen["scope"] if chosen["scope"] in SCOPES else "mine"
    every = visible(officer, scope)
    tallies = {light: counted(lit(every, light, today())) for light in ("red", "today", "green", "held")}
    found = _filtered(lit(every, chosen["light"], today()), chosen)
    page = max(1, whole_number(request.GET.get("page", ""), most_digits=6) or 1)
    ordered = found.order_by(F("due_on").asc(nulls_last=True), "id")
    here = list(ordered[(page - 1) * PAGE : page * PAGE + 1])
    rows = [case_rows.row_of(item, officer, now()) for item in here[:PAGE]]
    labels = {
        "mine": _("我的"), "unit": _("本单位"), "joint": _("请我们协办"), "watched": _("督办和逾期上报的"), "all": _("我能看的"),
    }  # fmt: skip
    offered = {"watched": Role.LEADER in officer.roles, "all": sees_all}
    context = {
        "rows": rows,
        "count": counted(found),
        "most": MOST,
        "previous_page": page - 1,
        "next_page": page + 1 if len(here) > PAGE else 0,
        "page": page,
        "scope": scope,
        "chosen": chosen,
        "query": urlencode({name: value for name, value in chosen.items() if value}),
        "tallies": tallies,
        "scopes": [
            (name, labels[name], counted(visible(officer, name)))
            for name in SCOPES
            if offered.get(name, True)
        ],
        "lights": [(name, _light_names()[name]) for name in _LIGHTS],
        "procedures": [
            (one.code, one.title_en if in_english() else one.title_zh) for one in declaration.all_procedures()
        ],
        "may_assign": may_lead(officer, unit=officer.organisation) if officer.organisation else False,
        "may_keep": may_keep(officer),
        "today": today(),
        "synthetic": "part" if any(row.item.case.is_synthetic for row in rows) else "",
    }
    return render(request, "portal/cases/inbox.html", context)


def _light_names() -> dict[str, str]:
    return {
        "red": _("逾期"),
        "today": _("今天到期"),
        "yellow": _("临近到期"),
        "green": _("期限充裕"),
        "held": _("暂停计时"),
        "none": _("无期限"),
    }


def _filtered(items: QuerySet[WorkItem], chosen: dict[str, str]) -> QuerySet[WorkItem]:
    if chosen["procedure"]:
        items = items.filter(case__procedure=chosen["procedure"])
    if chosen["who"] == "free":
        items = items.filter(holder=None)
    elif chosen["who"] == "supervised":
        items = items.exclude(supervised_at=None)
    if chosen["q"]:
        text = chosen["q"].strip()[:60]
        items = items.filter(
            Q(case__number__icontains=text) | Q(case__title__icontains=text) | Q(case__entity_code=text)
        )
    return items


@never_cache
@login_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Several steps at once: first what would happen to each and why, then the act."""
    officer = officer_of(request)
    action = request.POST.get("action", "")
    chosen = [whole_number(text) or 0 for text in request.POST.getlist("item")[:_MOST_AT_ONCE]]
    rows = WorkItem.objects.filter(pk__in=chosen, state=ItemState.OPEN)
    items = [
        one
        for one in rows.select_related("case__version", "case__organisation", "holder", "organisation")
        if policies.can_see(officer, one.case)
    ]
    if not items or action not in ("claim", "assign"):
        messages.error(request, _("没有选中可以办的事。请先勾选。"))
        return redirect("cases")
    if request.POST.get("confirmed") == "1":
        done = _claim_all(items, officer) if action == "claim" else _assign_all(request, items, officer)
        return _told(request, done, len(items))
    shown_rows = [case_rows.row_of(item, officer, now()) for item in items]
    planned = teamwork.preview_assignment(items, at=now()) if action == "assign" else []
    context = {
        "rows": [
            (row, planned[place] if planned else None, case_acts.people_for(row.item) if planned else [])
            for place, row in enumerate(shown_rows)
        ],
        "action": action,
    }
    return render(request, "portal/cases/bulk.html", context)


def _claim_all(items: list[WorkItem], officer: Officer) -> teamwork.Done:
    done = teamwork.Done()
    for item in items:
        try:
            done.items.append(services.claim(item, by=officer, at=now()))
        except (ProcedureRefused, Forbidden) as refused:
            done.refusals.append((item, refused.message_zh, refused.message_en))
    return done


def _assign_all(request: HttpRequest, items: list[WorkItem], officer: Officer) -> teamwork.Done:
    """Give each step to the officer chosen on the preview; a step with nobody chosen is left."""
    choices = {}
    for item in items:
        wanted = request.POST.get(f"to-{item.pk}", "")
        found = next((one for one in case_acts.people_for(item) if str(one.pk) == wanted), None)
        if found is not None:
            choices[item.pk] = found
    return teamwork.bulk_assign(choices, by=officer, at=now())


def _told(request: HttpRequest, done: teamwork.Done, count: int) -> HttpResponse:
    left = count - len(done.items)
    messages.success(
        request, _("%(done)s项已办，%(left)s项没有办。") % {"done": len(done.items), "left": left}
    )
    for item, zh, en in done.refusals[:5]:
        messages.error(request, f"{item.case.number}：{en if in_english() else zh}")
    return redirect("cases")


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def case_page(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case: the step to do first, then clock, drawing, what was done; what can be done stands beside it."""
    officer = officer_of(request)
    case = get_object_or_404(Case.objects.select_related("version", "organisation", "state"), pk=case_id)
    check_shown(officer, case)
    problem, typed, is_refused = "", None, False
    if request.method == "POST":
        try:
            answer, typed = _act(request, case, officer)
        except (ProcedureRefused, Forbidden, drafts.DraftRefused) as refused:
            answer, is_refused = None, True
            typed, problem = _refused(request, case, refused)
        if answer is not None:
            return answer
        case.refresh_from_db()
    record_look(officer, case.entity_code or case.number[:60], "case", at=now(), reason=case.number)
    context = _case_context(request, case, officer) | {"problem": problem}
    if typed is not None:
        context |= {"form": typed, "note": request.POST.get("note", "")[:2000]}
    return render(request, "portal/cases/case.html", context, status=409 if is_refused else 200)


def _refused(
    request: HttpRequest, case: Case, refused: ProcedureRefused | Forbidden | drafts.DraftRefused
) -> tuple[shown.ShownForm | None, str]:
    """Return the step's form as it was typed, each problem at its question, and what belongs to no question."""
    items = case.work_items.select_related("case__version").filter(state=ItemState.OPEN)
    is_step = request.POST.get("action") == "complete"
    item = items.filter(pk=case_acts.number(request, "item")).first() if is_step else None
    form = form_declared(item) if item is not None else None
    told = refused.problems if isinstance(refused, Incomplete) else []
    names = [question.name for question in form.root.fields] if form is not None else []
    at_questions = [(_question_of(one[0], names), one) for one in told]
    loose = [one[2 if in_english() else 1] for name, one in at_questions if not name]
    words = words_of(refused)
    if told and not loose and words == _said(told):
        words = ""  # every problem stands at its question
    elif loose and words == _said(told):
        words = " ".join(loose)
    else:
        words = " ".join([words, *(one for one in loose if one not in words)])
    if form is None or item is None:
        return None, words
    problems = [binding.Problem(name, Words(one[1], one[2])) for name, one in at_questions if name]
    return shown.show(form, binding.typed_of(form, request.POST), problems, draft_url=_draft_url(item)), words


def _said(told: list[tuple[str, str, str]]) -> str:
    """The problems of a refusal in one text, as a refusal that has no more to say puts them."""
    return " ".join(one[2] for one in told) if in_english() else "".join(one[1] for one in told)


def _question_of(name: str, questions: list[str]) -> str:
    """Return the question that a problem is about: of its name, or the only one named after it (transfer_reason)."""
    if name in questions:
        return name
    near = [one for one in questions if one.endswith(f"_{name}") or one.startswith(f"{name}_")]
    return near[0] if len(near) == 1 else ""


def check_shown(officer: Officer, case: Case) -> None:
    """Refuse who may not see a case. To whose roles its procedure is closed there is none: not even that it exists.

    Raises:
        Http404: no role of the officer may look at such cases.
        Forbidden: another unit's case.
    """
    if case.procedure in closed_to(officer):
        raise Http404
    policies.check_may_see(officer, case)


def _case_context(request: HttpRequest, case: Case, officer: Officer) -> dict[str, Any]:
    view = queries.case_view(case, most_events=100)
    open_items = [one for items in view.current.values() for one in items]
    for item in open_items:
        item.case = case
    path = case_rows.path_of(view, today())
    wanted = request.GET.get("item") or request.POST.get("item", "")
    mine = [one for one in open_items if _may_work(one, officer)]
    doing = next((one for one in mine if str(one.pk) == wanted), mine[0] if mine else None)
    clocks = [
        case_rows.clock_words(one, today())
        for one in sorted(view.clocks, key=lambda one: one.stopped_on is not None)
    ]
    procedure = declaration.find(case.procedure)
    return {
        "case": case,
        "status": case_words.status(case.status),
        "procedure": procedure,
        "matter": _panel(request, case, officer),
        "path": path,
        "shown": case_rows.picture_of(case, path),
        "clocks": clocks,
        "light": _nearest(open_items),
        "items": [
            {
                "item": one,
                "unit": case_words.unit_name(one.organisation),
                "role": case_words.role(one.role),
                "who": one.holder and case_words.officer_name(one.holder),
            }
            for one in open_items
        ],
        "doing": doing,
        "others": [one for one in mine if one is not doing],
        "form": _form_of(doing, officer) if doing is not None else None,
        "is_free": doing is not None and doing.holder_id is None,
        "offers": case_acts.offers(case, doing or next(iter(open_items), None), officer),
        "today": today(),
        "events": [case_rows.told(one, case.procedure) for one in view.events],
        "event_count": case.event_count,
        "synthetic": "part" if case.is_synthetic else "",
    }


def _panel(request: HttpRequest, case: Case, officer: Officer) -> str:
    """Return what the application shows of its own record of the case; nothing where it shows none."""
    procedure = declaration.find(case.procedure)
    found = procedure.panel(case, officer) if procedure is not None and procedure.panel is not None else None
    return render_to_string(found[0], found[1], request) if found is not None else ""


def _nearest(items: list[WorkItem]) -> case_words.Light | None:
    """Return the light of the step that is due first."""
    dated = sorted((one for one in items if one.due_on), key=lambda one: one.due_on or date.max)
    first = dated[0] if dated else (items[0] if items else None)
    return case_words.light(first.light_on(today()), first.due_on, today()) if first else None


def _may_work(item: WorkItem, officer: Officer) -> bool:
    try:
        policies.check_may_work(item, officer, today())
        policies.check_holder(item, officer, today())
    except (ProcedureRefused, Forbidden):
        return False
    return True


def form_declared(item: WorkItem) -> forms.Form | None:
    """Return the form that the drawing names for a step, or None where it names none."""
    node = versions.compiled_of(item.case.version).drawing.nodes.get(item.task)
    procedure = declaration.find(item.case.procedure)
    name = node.properties.get("form", "") if node else ""
    if not name or procedure is None or not procedure.form_path(name).is_file():
        return None
    return forms.load(procedure.form_path(name))


def _owner(item: WorkItem) -> drafts.Owner:
    return drafts.Owner("procedures.work_item", str(item.pk))


def _form_of(item: WorkItem, officer: Officer) -> shown.ShownForm | None:
    form = form_declared(item)
    if form is None:
        return None
    draft = drafts.find_draft(form, _owner(item), by=officer)
    typed = draft.content if draft else binding.defaults(form)
    return shown.show(form, typed, draft_url=_draft_url(item), saved_at=draft.saved_at if draft else None)


def _draft_url(item: WorkItem) -> str:
    return f"/work/cases/items/{item.pk}/draft/"


@never_cache
@login_required
@require_POST
def save_draft(request: HttpRequest, item_id: int) -> HttpResponse:
    """Keep what was typed into a step's form by who may do the step, and say when, or why it is not kept."""
    officer = officer_of(request)
    item = get_object_or_404(WorkItem.objects.select_related("case__version", "organisation"), pk=item_id)
    check_shown(officer, item.case)
    form = form_declared(item)
    if form is None:
        return HttpResponse(status=404)
    try:
        kept = _keep(item, form, binding.typed_of(form, request.POST), officer)
    except (ProcedureRefused, drafts.DraftRefused) as refused:
        return HttpResponse(words_of(refused), status=409, content_type="text/plain; charset=utf-8")
    return render(request, "forms/saved.html", {"saved_at": kept.saved_at})


def _keep(item: WorkItem, form: forms.Form, typed: binding.Typed, officer: Officer) -> Draft:
    """Keep a draft of a step's form; a draft of whoever cannot do the step would help nobody.

    Raises:
        Forbidden, ProcedureRefused: the step is not the officer's. DraftRefused: more text than a draft holds.
    """
    policies.check_may_work(item, officer, today())
    policies.check_holder(item, officer, today())
    return drafts.save_draft(form, _owner(item), typed, by=officer, at=now())


def _act(request: HttpRequest, case: Case, officer: Officer) -> tuple[HttpResponse | None, Any]:
    """Do what the form asks. Returns where to go, or the step's form with what was typed and what is wrong."""
    if request.POST.get("action") != "complete":
        return _back(request, case, case_acts.act(request, case, officer)), None
    items = case.work_items.select_related("organisation", "holder")
    item = get_object_or_404(items, pk=case_acts.number(request, "item"))
    item.case = case
    return _complete(request, item, officer)


def _complete(request: HttpRequest, item: WorkItem, officer: Officer) -> tuple[HttpResponse | None, Any]:
    form, data = form_declared(item), {}
    if form is not None:
        turn = turns.turn_of(form, request.POST)
        if turn.act != "submit":
            kept = _keep(item, form, turn.typed, officer)
            return None, shown.show(form, turn.typed, draft_url=_draft_url(item), saved_at=kept.saved_at)
        bound = binding.bind(form, turn.typed)
        if not bound.is_valid:
            return None, shown.show_bound(bound, draft_url=_draft_url(item))
        data = bound.data
    services.complete(
        item, data=data, by=officer, at=now(), revision=case_acts.number(request, "revision"),
        note=request.POST.get("note", "")[:2000],
    )  # fmt: skip
    if form is not None:
        drafts.drop_draft(form, _owner(item), by=officer)
    return _back(request, item.case, _("“%(step)s”已办。") % {"step": drawing_words.name(item.name)}), None


def _back(request: HttpRequest, case: Case, said: str) -> HttpResponse:
    if said:
        messages.success(request, said)
    return redirect("case", case_id=case.pk)
