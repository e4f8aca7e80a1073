"""Officers' pages: workbench, the task on a phone, confirmation, publication, follow-ups, draws.

A view fetches, asks a policy, renders. Every page works by plain form posts; script makes it quicker and
lets the task go on without a network.
"""

import hashlib
import json
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import include, path
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from zhijian.apps.supervision.inspection import (
    entries,
    guidance,
    policies,
    queries,
    replacement_rules,
    rules,
    services,
)
from zhijian.apps.supervision.inspection.api import field_api
from zhijian.apps.supervision.inspection.codes import (
    ALL_CODES,
    RESULT_CODES,
    STATUS_OUTCOMES,
    UNREACHABLE_PROOFS,
    WITNESSES,
)
from zhijian.apps.supervision.inspection.frame import officer_of, officers_only, words_of
from zhijian.apps.supervision.inspection.models import Check, Evidence
from zhijian.apps.supervision.inspection.rules import State, Verb
from zhijian.apps.supervision.visit_codes import services as visit_codes
from zhijian.engines.documents.pictures import qr_svg
from zhijian.engines.evidence import examining as evidence
from zhijian.infrastructure.language import in_english
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may
from zhijian.standards.bilingual import Problem
from zhijian.standards.whole_number import whole_number

OFFLINE_ASSETS = (
    "vendor/tabler-core-1.4.0/tabler.css",
    "vendor/tabler-icons-3.52.0/sprite.svg",
    "zhijian/zhijian.css",
    "zhijian/zhijian.js",
    "zhijian/field/field.css",
    "zhijian/field/field.js",
    "zhijian/field/icon.svg",
)


def _today() -> Any:
    return services.day_of(timezone.now())


def _frame(request: HttpRequest) -> dict[str, Any]:
    """What field.js needs on every page: whose outbox this is and where it sends."""
    return {"officer_id": request.user.pk, "field_api": "/work/field"}


@require_GET
@officers_only
def workbench(request: HttpRequest) -> HttpResponse:
    """Show what to do today: own rows, the unit's, what must follow."""
    officer = officer_of(request)
    bench = queries.workbench(officer, _today())
    context = _frame(request) | {
        "bench": bench,
        "cases": queries.case_counts(officer, _today()),
        "today": _today(),
        "keep": json.dumps(_kept(officer)),
        "may_inspect": may(officer, Permission.INSPECT),
        "may_publish": may(officer, Permission.PUBLISH_RESULT),
        "synthetic": "part"
        if any(row.is_synthetic for row in [*bench.mine, *bench.unit, *bench.follow_ups])
        else "",
    }
    return render(request, "inspection/workbench.html", context)


def _kept(officer: Officer) -> list[str]:
    """Return the pages that the officer's phone keeps for work without a network."""
    checks = [f"/work/checks/{pk}/" for pk in queries.my_open_check_ids(officer)]
    return ["/work/round/", *checks] if checks else []


def _check(check_id: int) -> Check:
    rows = Check.objects.select_related(
        "task__organisation", "organisation", "inspector_first", "inspector_second"
    ).prefetch_related("events__actor", "results__recorded_codes", "evidence__item")
    return get_object_or_404(rows, pk=check_id)


@require_http_methods(["GET", "POST"])
@officers_only
def task(request: HttpRequest, check_id: int) -> HttpResponse:
    """The task on a phone: arrive, items, result, hand in."""
    check, officer = _check(check_id), officer_of(request)
    policies.check_view(check, officer)
    _looked(request, check)
    if request.method == "POST":
        policies.check_inspector(check, officer)
        return _posted_task(request, check)
    if check.state not in _FILLABLE or officer not in check.inspectors:
        return render(request, "inspection/check.html", _context(request, check))
    draft = check.drafts.order_by("-version").first()
    content = draft.content if draft else entries.EMPTY_DRAFT
    version = draft.version if draft else 0
    return render(request, "inspection/task.html", _task_context(request, check, content, version))


def _looked(request: HttpRequest, check: Check) -> None:
    """Write down that an internal check was opened; sending a form is written down by what it does."""
    if request.method == "GET":
        record_look(officer_of(request), check.uscc, "check", at=timezone.now(), reason=check.number)


_FILLABLE = {State.DISPATCHED, State.ON_SITE, State.RETURNED}


def _posted_task(request: HttpRequest, check: Check) -> HttpResponse:
    """Keep everything that came, then do what the button says; on a refusal show it with all input."""
    officer, at = officer_of(request), timezone.now()
    content = entries.content_of_form(request.POST, check)
    version = whole_number(request.POST.get("base_version", "0"), most_digits=9) or 0
    who: dict[str, Any] = {"by": officer, "at": at}
    conflict = None
    refusals: list[Any] = []
    try:
        version = services.save_draft(check, content, base_version=version, **who)["version"]
    except policies.ChangedUnderYou as problem:
        conflict = {"problem": problem, "theirs": problem.content}
        version = problem.version
    except policies.Refused as problem:
        refusals.append(problem)
    refusals += _keep_photos(request, check, who)
    if conflict is None and not refusals:
        try:
            if _act(request, check, content, who):
                return redirect("work_task", check_id=check.pk)
        except policies.Refused as problem:
            refusals.append(problem)
    context = _task_context(request, _check(check.pk), content, version, refusals=refusals, conflict=conflict)
    status = 409 if conflict else 422
    return render(request, "inspection/task.html", context, status=status)


def _keep_photos(request: HttpRequest, check: Check, who: dict[str, Any]) -> list[Any]:
    refusals = []
    for field, uploads in request.FILES.lists():
        for upload in uploads:
            try:
                evidence.refuse_if_too_large(upload.size or 0)
                services.add_evidence(
                    check,
                    upload.read(),
                    upload.name or "photo",
                    media=settings.HOME.media,
                    item_code=field.removeprefix("photo-"),
                    position=entries.position_of(request.POST.dict()),
                    key=_photo_key(request, field, upload.name or ""),
                    **who,
                )
            except (evidence.RefusedFile, policies.Refused) as problem:
                refusals.append(problem)
    return refusals


def _photo_key(request: HttpRequest, field: str, name: str) -> uuid.UUID | None:
    """Derive a photo's key from the form's, so that the same form sent twice keeps the photo once."""
    form_key = entries.key_of(request.POST.get("client_key"))
    return uuid.uuid5(form_key, f"{field}/{name}") if form_key else None


def _act(request: HttpRequest, check: Check, content: dict[str, Any], who: dict[str, Any]) -> bool:
    action = request.POST.get("action")
    form_key = entries.key_of(request.POST.get("client_key"))
    key = uuid.uuid5(form_key, str(action)) if form_key else None
    if action == "begin":
        place = entries.position_of(request.POST.dict())
        shown = content["certificates_shown"]
        services.begin(check, place, certificates_shown=shown, key=key, **who)
        messages.success(request, gettext("已记下到场。接着逐项检查。"))
    elif action == "result":
        services.record_result(check, entries.entry_of(content, with_signing=True), key=key, **who)
        messages.success(request, gettext("结论已交，等待第二名检查人员确认。"))
    else:
        messages.success(request, gettext("已保存。"))
    return True


def _task_context(
    request: HttpRequest,
    check: Check,
    content: dict[str, Any],
    version: int,
    *,
    refusals: list[Any] | None = None,
    conflict: dict[str, Any] | None = None,
) -> dict[str, Any]:
    problems = [
        problem for refusal in refusals or [] for problem in getattr(refusal, "problems", []) or [refusal]
    ]
    items = [
        _item_row(check, item, number, content, problems)
        for number, item in enumerate(check.task.ordered_items, 1)
    ]
    fields = {problem.field for problem in problems if hasattr(problem, "field")}
    returned = check.last(Verb.SEND_BACK) if check.state == State.RETURNED else None
    return _context(request, check) | {
        "content": content,
        "version": version,
        "items": items,
        "problems": [
            {"field": getattr(problem, "field", ""), "words": words_of(problem)} for problem in problems
        ],
        "problem_fields": fields,
        "conflict": conflict and _conflict_rows(check, conflict, content),
        "returned_reason": returned.payload["reason"] if returned else "",
        "client_key": uuid.uuid4(),
        "codes": [_code_row(code, content) for code in RESULT_CODES.values()],
        "status_codes": [_code_row(code, content) for code in STATUS_OUTCOMES.values()],
        "has_status": any(code in STATUS_OUTCOMES for code in content["codes"]),
        "proofs": [
            {"value": str(value), "zh": zh, "en": en, "checked": content["unreachable_proof"] == value}
            for value, (zh, en) in UNREACHABLE_PROOFS.items()
        ],
        "other_evidence": [one for one in check.evidence.all() if one.item_id is None and not one.purpose],
        "signatures": [one for one in check.evidence.all() if one.purpose == Evidence.SIGNATURE],
        "witnesses": [
            {"value": str(value), "zh": zh, "en": en, "chosen": content["refusal_witness"] == value}
            for value, (zh, en) in WITNESSES.items()
        ],
        "limit_bytes": evidence.LIMIT_BYTES,
    }


def _item_row(
    check: Check, item: Any, number: int, content: dict[str, Any], problems: list[Any]
) -> dict[str, Any]:
    row = content["findings"].get(item.code, {"finding": "", "note": ""})
    wrong = [problem for problem in problems if getattr(problem, "field", "").endswith(f"-{item.code}")]
    findings = [
        {"value": str(value), "zh": zh, "en": en, "checked": row["finding"] == value}
        for value, (zh, en) in queries.FINDING_WORDS.items()
    ]
    return {
        "item": item,
        "number": number,
        "guidance": guidance.of_item(item.code),
        "note": row["note"],
        "findings": findings,
        "evidence": [one for one in check.evidence.all() if one.item_id == item.pk],
        "wrong": " ".join(words_of(problem) for problem in wrong),
    }


def _code_row(code: Any, content: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "checked": code.code in content["codes"]}


def _conflict_rows(check: Check, conflict: dict[str, Any], mine: dict[str, Any]) -> dict[str, Any]:
    """List only what differs, theirs beside mine, in words."""
    theirs, rows = conflict["theirs"], []
    for item in check.task.ordered_items:
        name = {"zh": item.name, "en": item.name_en}
        left, right = theirs["findings"].get(item.code, {}), mine["findings"].get(item.code, {})
        if left != right:
            rows.append({**name, "theirs": _finding_text(left), "mine": _finding_text(right)})
    if theirs["codes"] != mine["codes"]:
        rows.append({"zh": "结论", "en": "Result", "theirs": theirs["codes"], "mine": mine["codes"]})
    if theirs["summary"] != mine["summary"]:
        rows.append({"zh": "总体说明", "en": "Summary", "theirs": theirs["summary"], "mine": mine["summary"]})
    return {"words": words_of(conflict["problem"]), "rows": rows}


def _finding_text(row: dict[str, str]) -> str:
    finding = row.get("finding")
    english = in_english()
    words = queries.FINDING_WORDS[rules.Finding(finding)][english] if finding else "—"
    return f"{words} {row.get('note', '')}".strip()


def _context(request: HttpRequest, check: Check) -> dict[str, Any]:
    officer, today = officer_of(request), _today()
    state, result = check.state, check.result
    state_zh, state_en = policies.state_words(state)
    published = check.last(Verb.PUBLISH)
    return _frame(request) | {
        "check": check,
        "state": state.value,
        "state_words": {"words_zh": state_zh, "words_en": state_en},
        "light": queries.check_light(check, today),
        "synthetic": check.is_synthetic,
        "is_mine": officer in check.inspectors,
        "replaced": list(check.replacements.select_related("leaving", "coming")),
        "may_object": officer in check.inspectors and replacement_rules.may_change_team(state),
        "colleague": next((one for one in check.inspectors if one.pk != officer.pk), None),
        "result": result,
        "item_results": _item_results(result),
        "witness": WITNESSES.get(result.refusal_witness, ("", "")) if result else ("", ""),
        "evidence": list(check.evidence.all()),
        "history": check.history,
        "history_words": [_event_row(event) for event in check.history],
        "visits_this_year": queries.checks_this_year(check.uscc, today.year),
        "publication_due": result and rules.publication_due_on(result.completed_on),
        "publication_light": result and _publication_light(result, published, today),
        "may_confirm": policies.can_confirm(check, officer),
        "may_publish": policies.can_publish(check, officer),
        "may_correct": policies.can_correct(check, officer),
        "follow_ups": list(check.follow_ups.select_related("closing__closed_by")),
        "public_url": f"/results/{check.pk}/" if published else "",
        "visit_code": _visit_code(check, officer),
    }


def _visit_code(check: Check, officer: Officer) -> dict[str, Any] | None:
    """Return the code that the two inspectors show at the door, while it holds; with its picture, for a phone offline."""
    if check.state not in _FILLABLE or officer not in check.inspectors:
        return None
    shown = visit_codes.phone_code_of(check, by=officer, at=timezone.now())
    picture = qr_svg(f"{settings.SITE.rstrip('/')}/visit/?code={shown.code}", is_scalable=True)
    return {"shown": shown, "code": shown.code, "picture": mark_safe(picture)}  # noqa: S308 - drawn here


@never_cache
@require_GET
@officers_only
def visit_code(request: HttpRequest, check_id: int) -> HttpResponse:
    """Show the code of this moment, for the phone that shows the one before."""
    officer = officer_of(request)
    check = get_object_or_404(Check.objects.select_related("task", "organisation"), pk=check_id)
    policies.check_view(check, officer)
    code = _visit_code(check, officer)
    if code is None:
        raise Http404
    return render(request, "inspection/parts/visit_code_now.html", {"visit_code": code})


def _item_results(result: Any) -> list[dict[str, Any]]:
    if result is None:
        return []
    rows = result.item_results.select_related("item").order_by("item__code")
    return [
        {
            "item": row.item,
            "note": row.note,
            "finding": row.finding,
            "words_zh": queries.FINDING_WORDS[rules.Finding(row.finding)][0],
            "words_en": queries.FINDING_WORDS[rules.Finding(row.finding)][1],
        }
        for row in rows
    ]


def _publication_light(result: Any, published: Any, today: Any) -> rules.Light:
    due_on = rules.publication_due_on(result.completed_on)
    done_on = services.day_of(published.recorded_at) if published else None
    return rules.light(result.completed_on, due_on, today, done_on=done_on)


_EVENT_WORDS = {
    Verb.DISPATCH: ("派发", "Dispatched"),
    Verb.BEGIN: ("到场，已出示执法证件", "Arrived, certificates shown"),
    Verb.RECORD: ("交结论", "Result handed in"),
    Verb.SEND_BACK: ("退回补充", "Sent back"),
    Verb.CONFIRM: ("第二人确认", "Confirmed by the second inspector"),
    Verb.PUBLISH: ("公开结果", "Published"),
    Verb.PROPOSE: ("提出更正", "Correction proposed"),
    Verb.CORRECT: ("更正", "Corrected"),
    Verb.REFUSE: ("不予更正", "Correction refused"),
}


def _event_row(event: Any) -> dict[str, Any]:
    zh, en = _EVENT_WORDS[Verb(event.verb)]
    return {"event": event, "words_zh": zh, "words_en": en, "reason": event.payload.get("reason", "")}


@require_http_methods(["GET", "POST"])
@officers_only
def confirm(request: HttpRequest, check_id: int) -> HttpResponse:
    """Let the second inspector read everything, then confirm or send back."""
    check, officer = _check(check_id), officer_of(request)
    policies.check_view(check, officer)
    _looked(request, check)
    refusal: policies.Refused | None = None
    if request.method == "POST":
        who: dict[str, Any] = {
            "by": officer,
            "at": timezone.now(),
            "key": entries.key_of(request.POST.get("client_key")),
        }
        try:
            if request.POST.get("action") == "send_back":
                services.send_back(check, request.POST.get("reason", ""), **who)
                messages.success(request, gettext("已退回，对方会在工作台看到理由。"))
            else:
                services.confirm_by_second(check, **who)
                messages.success(request, gettext("已确认。结果由公示人员在期限内公开。"))
            return redirect("workbench")
        except (policies.Incomplete, policies.NotNow) as problem:
            refusal = problem
    check = _check(check_id)
    context = _context(request, check) | {
        "client_key": request.POST.get("client_key") or uuid.uuid4(),
        "refusal": refusal and words_of(refusal),
        "reason": request.POST.get("reason", ""),
        "digest": _digest(check),
    }
    return render(request, "inspection/confirm.html", context, status=422 if refusal else 200)


def _digest(check: Check) -> str:
    """A fingerprint of what is confirmed: the result as it stands, and the hashes of its evidence."""
    if check.result is None:
        return ""
    content = entries.content_of_result(check)
    content["evidence"] = sorted(one.sha256 for one in check.evidence.all())
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@require_http_methods(["GET", "POST"])
@officers_only
def publish(request: HttpRequest, check_id: int) -> HttpResponse:
    """The page before what cannot be undone: what becomes public, whom it touches, by when."""
    check, officer = _check(check_id), officer_of(request)
    policies.check_view(check, officer)
    _looked(request, check)
    refusal: policies.Refused | None = None
    if request.method == "POST":
        try:
            if request.POST.get("understood") != "on":
                raise policies.Incomplete(
                    [
                        Problem(
                            "understood",
                            "请先勾选“我知道公开后不能撤回”。",
                            "Tick “I know that it cannot be withdrawn” first.",
                        )
                    ]
                )
            key = entries.key_of(request.POST.get("client_key"))
            services.publish(check, by=officer, at=timezone.now(), key=key)
            messages.success(request, gettext("已公开。公众现在可以看到这次检查结果。"))
            return redirect("work_task", check_id=check.pk)
        except policies.Refused as problem:
            refusal = problem
    context = _context(request, _check(check_id)) | {
        "client_key": request.POST.get("client_key") or uuid.uuid4(),
        "refusal": refusal and words_of(refusal),
    }
    return render(request, "inspection/publish.html", context, status=422 if refusal else 200)


@require_http_methods(["GET", "POST"])
@officers_only
def correct(request: HttpRequest, check_id: int) -> HttpResponse:
    """Correct a published result; the earlier version stays public beside it."""
    check, officer = _check(check_id), officer_of(request)
    try:
        policies.check_correct(check, officer)
    except policies.NotNow as problem:
        messages.error(request, words_of(problem))
        return redirect("work_task", check_id=check.pk)
    _looked(request, check)
    if check.proposal is not None:
        return _decide_correction(request, check)
    content = entries.content_of_result(check)
    refusals: list[Any] = []
    if request.method == "POST":
        content = entries.content_of_form(request.POST, check)
        try:
            services.propose_correction(
                check,
                entries.entry_of(content),
                request.POST.get("reason", ""),
                by=officer,
                at=timezone.now(),
                key=entries.key_of(request.POST.get("client_key")),
            )
            messages.success(request, gettext("已提出更正。另一名公示人员确认后才公开。"))
            return redirect("work_task", check_id=check.pk)
        except policies.Refused as problem:
            refusals.append(problem)
    context = _task_context(request, check, content, 0, refusals=refusals)
    context |= {"reason": request.POST.get("reason", "")}
    return render(request, "inspection/correct.html", context, status=422 if refusals else 200)


def _decide_correction(request: HttpRequest, check: Check) -> HttpResponse:
    """Show a proposed correction beside the result as it is; another publisher confirms or refuses."""
    officer, refusal = officer_of(request), None
    if request.method == "POST":
        who: dict[str, Any] = {"by": officer, "at": timezone.now()}
        who["key"] = entries.key_of(request.POST.get("client_key"))
        try:
            if request.POST.get("action") == "confirm":
                services.confirm_correction(check, **who)
                messages.success(request, gettext("已更正。原来的版本仍公开在旁。"))
            else:
                services.refuse_correction(check, request.POST.get("reason", ""), **who)
                messages.success(request, gettext("不予更正，已记录理由。"))
            return redirect("work_task", check_id=check.pk)
        except policies.Refused as problem:
            refusal = problem
    proposal = check.proposal
    assert proposal is not None
    content = proposal.payload["content"]
    context = _context(request, check) | {
        "proposal": proposal,
        "proposed_codes": [ALL_CODES[code] for code in content["codes"]],
        "proposed_items": [
            {"item": item, "words": _finding_text(dict(zip(("finding", "note"), row, strict=True)))}
            for item in check.task.ordered_items
            if (row := content["findings"].get(item.code))
        ],
        "proposed_summary": content["summary"],
        "may_confirm_correction": policies.can_confirm_correction(check, officer),
        "client_key": uuid.uuid4(),
        "refusal": refusal and words_of(refusal),
    }
    status = refusal.status if refusal else 200
    return render(request, "inspection/correct_confirm.html", context, status=status)


@require_GET
@officers_only
def evidence_file(request: HttpRequest, evidence_id: int, size: str) -> HttpResponseBase:
    """Hand out a photo to those who may see the check; each size is recorded as looked at."""
    found = get_object_or_404(Evidence.objects.select_related("check_record"), pk=evidence_id)
    officer = officer_of(request)
    policies.check_view(found.check_record, officer)
    if size == "original":
        record_look(officer, found.check_record.uscc, "evidence", at=timezone.now(), reason=found.sha256)
        place = evidence.original_path(settings.HOME.media, found.sha256)
        return _file(place, found.mime, attachment=found.name)
    if not found.is_picture or size not in {"display", "thumbnail"}:
        raise Http404
    record_look(officer, found.check_record.uscc, f"evidence_{size}", at=timezone.now(), reason=found.sha256)
    return _file(evidence.display_path(settings.HOME.media, found.sha256, size), "image/jpeg")


def _file(place: Path, mime: str, attachment: str = "") -> FileResponse:
    if not place.exists():
        raise Http404
    response = FileResponse(
        place.open("rb"), content_type=mime, as_attachment=bool(attachment), filename=attachment
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker, with the list of files that the task needs without a network."""
    source = Path(__file__).with_name("sw.js").read_text("utf-8")
    assets = [static(name) for name in OFFLINE_ASSETS]
    version = hashlib.sha256(json.dumps([source, assets]).encode()).hexdigest()[:12]
    head = f"const VERSION = {json.dumps(version)};\nconst ASSETS = {json.dumps(assets)};\n"
    response = HttpResponse(head + source, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = "/work/"
    return response


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """What a phone needs to install the field pages: a name, a picture, where they begin."""
    return JsonResponse(
        {
            "id": "/work/", "name": gettext("智监：现场检查"), "short_name": gettext("智监"), "start_url": "/work/", "scope": "/work/",
            "display": "standalone", "lang": get_language(), "background_color": "#ffffff", "theme_color": "#0b5ba8",
            "icons": [
                {"src": static("zhijian/field/icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any maskable"}
            ],
        },
        content_type="application/manifest+json",
    )  # fmt: skip


@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """What a phone shows where a page was not kept and there is no network. Says nothing of anybody."""
    return render(request, "inspection/offline.html")


urlpatterns = [
    path("", workbench, name="workbench"),
    path("sw.js", service_worker, name="work_service_worker"),
    path("manifest.webmanifest", manifest, name="work_manifest"),
    path("offline/", offline, name="work_offline"),
    path("field/", field_api.urls),
    path("checks/<int:check_id>/", task, name="work_task"),
    path("checks/<int:check_id>/code/", visit_code, name="work_visit_code"),
    path("checks/<int:check_id>/confirm/", confirm, name="work_confirm"),
    path("checks/<int:check_id>/publish/", publish, name="work_publish"),
    path("checks/<int:check_id>/correct/", correct, name="work_correct"),
    path("follow-ups/", include("zhijian.apps.supervision.inspection.follow_up_pages")),
    path("evidence/<int:evidence_id>/<str:size>/", evidence_file, name="work_evidence"),
    path("", include("zhijian.apps.supervision.inspection.opening_pages")),
    path("", include("zhijian.apps.supervision.inspection.replacement_pages")),
    path("", include("zhijian.apps.supervision.inspection.site_pages")),
    path("draws/", include("zhijian.apps.supervision.inspection.draw_pages")),
    path("audit/", include("zhijian.apps.supervision.inspection.audit_pages")),
]
