"""The papers of an entry on a register: a keeper issues the notice and sees how each was delivered."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from zhijian.engines.documents.errors import DocumentRefused
from zhijian.engines.registers.declared import paperwork, policies, queries, registry
from zhijian.engines.registers.declared.policies import Refusal
from zhijian.portal.components import words
from zhijian.portal.views.register import now, today
from zhijian.security.audit import record_look


def papers_page(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """The notices issued for an entry, and issuing the one that it lacks."""
    register = registry.find(name)
    entry = queries.find(register, key) if register is not None else None
    if register is None or entry is None:
        raise Http404
    officer = policies.check_keeper(register, request.user, division=entry.division_code or None)
    problem, reason = "", request.POST.get("reason", "")[:300]
    if request.method == "POST":
        try:
            paper = paperwork.issue_for(register, entry, reason=reason, by=officer, at=now())
        except (Refusal, DocumentRefused) as refused:
            problem = refused.message_en if words.in_english() else refused.message_zh
        else:
            return redirect("work_document", document_id=paper.pk)
    record_look(officer, f"register {register.name}/{key}"[:60], "papers", at=now())
    context = {
        "register": register,
        "entry": entry,
        "papers": paperwork.papers_of(register, key),
        "own_unit": officer.organisation_id,
        "has_ended": entry.valid_to is not None and entry.valid_to < today(),
        "problem": problem,
        "reason": reason,
        "synthetic": "all" if entry.is_synthetic else "",
    }
    return render(request, "portal/registers/papers.html", context, status=422 if problem else 200)
