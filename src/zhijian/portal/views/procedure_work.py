"""Keeping procedures: versions, the modeller, what differs, the checks, the simulation, publishing.

Whoever keeps procedures leads the province's unit or is its data steward. A draft may have problems; only one without
any can be published, and running cases end under the version with which they began.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhijian.engines.procedures import checks, declaration, difference, drawing, versions
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import ProcedureVersion, VersionState
from zhijian.portal.components import case_words
from zhijian.portal.components import drawing as drawings
from zhijian.portal.components.words import in_english
from zhijian.portal.middleware import POLICY
from zhijian.portal.views.procedures import declared, title_of
from zhijian.portal.views.register import now
from zhijian.security.models import Level, Officer, Role
from zhijian.security.permissions import Forbidden, Permission, may, require

_PROPERTIES = ("role", "article", "deadline", "form", "service", "message", "decision")
# dmn-js writes style attributes; the page with it, and no other, lets them be.
_TABLE_POLICY = POLICY.replace("style-src 'self'", "style-src 'self'; style-src-attr 'unsafe-inline'")


def may_keep(officer: Any) -> bool:
    """Whether an officer may change procedures: a leader or steward of the province's unit."""
    return may(officer, Permission.MANAGE_PROCEDURES) and officer.organisation.level == Level.PROVINCE


def keeper(request: HttpRequest) -> Officer:
    """Return the officer, or refuse who may not change procedures."""
    officer = require(request.user, Permission.MANAGE_PROCEDURES)
    if not may_keep(officer):
        raise Forbidden(
            "流程由省级单位的负责人或数据管理员修改。您可以查看公开的流程图。",
            "Procedures are changed by the province's leader or data steward. You may look at the public drawings.",
        )
    return officer


@never_cache
@require_GET
def kept_procedures(request: HttpRequest) -> HttpResponse:
    """Every procedure with its versions in numbers."""
    keeper(request)
    rows = []
    for procedure in declaration.all_procedures():
        known = list(ProcedureVersion.objects.filter(procedure=procedure.code).defer("drawing", "decisions"))
        rows.append(
            {
                "procedure": procedure,
                "published": next((one for one in known if one.state == VersionState.PUBLISHED), None),
                "drafts": sum(one.state == VersionState.DRAFT for one in known),
            }
        )
    return render(request, "portal/procedures/kept.html", {"rows": rows})


@never_cache
@require_GET
def version_list(request: HttpRequest, code: str) -> HttpResponse:
    """The versions of one procedure, newest first, and what can be done with each."""
    keeper(request)
    procedure = declared(code)
    _shipped(procedure.code)
    rows = list(ProcedureVersion.objects.filter(procedure=code).select_related("saved_by", "published_by"))
    before = dict(zip((one.number for one in rows), (one.number for one in rows[1:]), strict=False))
    context = {
        "procedure": procedure,
        "title": title_of(procedure),
        "versions": [
            {
                "version": one,
                "previous": before.get(one.number),
                "problems": checks.problems(procedure, one.drawing, one.decisions)
                if one.state == VersionState.DRAFT
                else [],
                "cases": one.cases.filter(status="open").count(),
                "saved_by": case_words.officer_name(one.saved_by) if one.saved_by else "",
            }
            for one in rows
        ],
    }
    return render(request, "portal/procedures/versions.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def edit_drawing(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The modeller on one version; saving makes a new draft and changes nothing that runs."""
    officer = keeper(request)
    procedure, version = declared(code), version_of(code, number)
    text, note, problem = version.drawing, "", ""
    if request.method == "POST":
        text, note = request.POST.get("drawing", ""), request.POST.get("note", "")
        problem = _unreadable(text)
        if not problem:
            return _save(request, procedure.code, text, version.decisions, note, officer)
    context = {
        "procedure": procedure,
        "title": title_of(procedure),
        "version": version,
        "text": text,
        "note": note,
        "problem": problem,
        "properties": [(name, case_words.field(name)) for name in _PROPERTIES],
        "roles": [(code, case_words.role(code)) for code in Role.values],
        "services": sorted(procedure.services),
        "has_decisions": bool(version.decisions),
    }
    return render(request, "portal/procedures/edit.html", context, status=422 if problem else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def edit_decisions(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The decision tables of one version."""
    officer = keeper(request)
    procedure, version = declared(code), version_of(code, number)
    if not version.decisions:
        raise Http404
    text, note, problem = version.decisions, "", ""
    if request.method == "POST":
        text, note = request.POST.get("decisions", ""), request.POST.get("note", "")
        problem = _unreadable(version.drawing, text)
        if not problem:
            return _save(request, procedure.code, version.drawing, text, note, officer)
    context = {
        "procedure": procedure,
        "title": title_of(procedure),
        "version": version,
        "text": text,
        "note": note,
        "problem": problem,
    }
    response = render(
        request, "portal/procedures/edit_decisions.html", context, status=422 if problem else 200
    )
    response.headers["Content-Security-Policy"] = _TABLE_POLICY
    return response


@never_cache
@require_GET
def compare(request: HttpRequest, code: str, before: int, after: int) -> HttpResponse:
    """What differs between two versions: in words, and marked on both drawings."""
    keeper(request)
    procedure = declared(code)
    old, new = version_of(code, before), version_of(code, after)
    found = difference.compare(old.drawing, new.drawing, old.decisions, new.decisions)
    shown = [
        {
            "change": one,
            "kind": case_words.kind(one.kind) if one.kind != "rule" else "",
            "fields": [(case_words.field(name), was, now_) for name, was, now_ in one.fields],
        }
        for one in [*found.drawing, *found.decisions]
    ]
    title = title_of(procedure)
    sides = [
        (_("第%(n)s版") % {"n": one.number}, one, found.marks(side))  # type: ignore[arg-type]
        for one, side in ((old, "before"), (new, "after"))
    ]
    context = {
        "procedure": procedure,
        "title": title,
        "before": old,
        "after": new,
        "changes": shown,
        "pictures": [
            drawings.show(
                one.drawing,
                f"{title}，{label}",
                _("有%(n)s处不同，列在上面。") % {"n": len(shown)},
                marks=marks or None,
                key=f"version-{one.number}",
            )
            for label, one, marks in sides
        ],
    }
    return render(request, "portal/procedures/compare.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Publishing is slow: what the checks say, what differs, which cases stay under the old version."""
    officer = keeper(request)
    procedure, version = declared(code), version_of(code, number)
    before = ProcedureVersion.objects.filter(procedure=code, state=VersionState.PUBLISHED).first()
    if request.method == "POST":
        try:
            versions.publish(version, by=officer, at=now())
        except ProcedureRefused as refused:
            messages.error(request, words_of(refused))
        else:
            messages.success(request, _("第%(n)s版已发布，从现在起的新案件按它办。") % {"n": version.number})
            return redirect("procedure_versions", code=code)
    found = checks.problems(procedure, version.drawing, version.decisions)
    differs = (
        difference.compare(before.drawing, version.drawing, before.decisions, version.decisions)
        if before and not _unreadable(version.drawing)
        else None
    )
    context = {
        "procedure": procedure,
        "title": title_of(procedure),
        "version": version,
        "before": before,
        "problems": found,
        "changes": len(differs.drawing) + len(differs.decisions) if differs else 0,
        "running": before.cases.filter(status="open").count() if before else 0,
    }
    return render(request, "portal/procedures/publish.html", context, status=422 if found else 200)


@never_cache
@require_POST
def run_checks(request: HttpRequest, code: str) -> HttpResponse:
    """Check a drawing that is not saved yet; the modeller asks for it with its own text."""
    keeper(request)
    procedure = declared(code)
    latest = ProcedureVersion.objects.filter(procedure=code).order_by("-number").first()
    decisions = request.POST.get("decisions", latest.decisions if latest else "")
    found = checks.problems(procedure, request.POST.get("drawing", ""), decisions)
    return render(request, "portal/procedures/problems.html", {"problems": found})


def version_of(code: str, number: int) -> ProcedureVersion:
    """Return one version, or answer that there is none."""
    found = ProcedureVersion.objects.filter(procedure=code, number=number).first()
    if found is None:
        raise Http404
    return found


def words_of(refused: ProcedureRefused) -> str:
    return refused.message_en if in_english() else refused.message_zh


def _shipped(code: str) -> None:
    """Make what ships with the product the first version, where there is none yet."""
    if not ProcedureVersion.objects.filter(procedure=code).exists():
        versions.publish_shipped(code, by=None, at=now())


def _save(
    request: HttpRequest, code: str, text: str, decisions: str, note: str, officer: Officer
) -> HttpResponse:
    saved = versions.save(code, text, decisions, note=note.strip()[:500], by=officer, at=now())
    messages.success(request, _("已存为第%(n)s版草稿，正在办的案件不受影响。") % {"n": saved.number})
    return redirect("procedure_versions", code=code)


def _unreadable(text: str, decisions: str = "") -> str:
    """Return why a text cannot be kept as a draft: only what cannot be read at all."""
    try:
        drawing.parse(text)
        if decisions:
            drawing.parse_xml(decisions)
    except ProcedureRefused as refused:
        return words_of(refused)
    return ""
