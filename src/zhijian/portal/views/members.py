"""Associations' credit files of members: the association's own desk, and where a member's objection is registered."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from zhijian.apps.consumer.member_files import objections, queries, registers, rules
from zhijian.apps.consumer.member_files.models import (
    Association,
    AssociationMember,
    MemberObjection,
    MemberRecord,
)
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.portal.views.cases import words_of
from zhijian.portal.views.declared_registers import either
from zhijian.portal.views.register import now, today
from zhijian.security.audit import record_look
from zhijian.security.models import Role
from zhijian.security.permissions import Permission, require
from zhijian.standards import personal_data

_SHOWN = 200


def words_about(uscc: str) -> list[dict[str, Any]]:
    """What associations say of a firm, for the page of its credit file; what points to a person is masked."""
    return [
        {"word": one, "records": [_shown(record) for record in one.records]}
        for one in queries.shown(uscc, on=today())
    ]


def _shown(record: MemberRecord) -> dict[str, Any]:
    said, basis = personal_data.masked(record.said), personal_data.masked(record.basis)
    return {"record": record, "kind": _kind(record), "said": said, "basis": basis}


def _kind(record: MemberRecord) -> str:
    return either(registers.RECORDS.column("kind_code").words(record.kind_code))


@never_cache
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """An association's clerks: its members, what it said of them, objections to it. Nobody else's rows."""
    officer = require(request.user, Permission.KEEP_REGISTER)
    if not officer.has_role(Role.ASSOCIATION) or officer.organisation is None:
        return redirect("register", name="associations")
    key = officer.organisation.code.removeprefix("association-")
    association = Association.objects.filter(key=key).first()
    if association is None:
        raise Http404
    record_look(officer, f"association {key}", "members", at=now())
    members = AssociationMember.objects.filter(association=key).order_by("key")[:_SHOWN]
    day = today()
    context = {
        "association": association,
        "is_shared": rules.is_shared(association.agreement_from, association.agreement_to, on=day),
        "members": [{"member": one, "stands": _stands(one)} for one in members],
        "records": [{"record": one, "kind": _kind(one)} for one in MemberRecord.objects.filter(association=key)[:_SHOWN]],
        "objections": MemberObjection.objects.filter(association=key).select_related("case").order_by("-pk")[:_SHOWN],
        "synthetic": "all" if association.is_synthetic else "",
    }  # fmt: skip
    return render(request, "portal/members/desk.html", context)


def _stands(member: AssociationMember) -> bool:
    return rules.is_member(
        member.valid_from, member.valid_to, member.consent_on, member.consent_ended_on, on=today()
    )


@never_cache
@login_required
def objection_page(request: HttpRequest) -> HttpResponse:
    """Where an officer registers what a member objects to."""
    officer = require(request.user, Permission.KEEP_CREDIT_FILE)
    typed = {name: (request.POST.get(name) or request.GET.get(name, ""))[:2100] for name in ("record", "uscc", "statement")}  # fmt: skip
    problem = ""
    if request.method == "POST":
        try:
            case = objections.object_to(
                typed["record"].strip(), uscc=typed["uscc"].strip(), statement=typed["statement"], by=officer, at=now()
            )  # fmt: skip
        except ProcedureRefused as refused:
            problem = words_of(refused)
        else:
            messages.success(request, _("已登记，开始办理。"))
            return redirect("case", case_id=case.pk)
    context = {"typed": typed, "problem": problem}
    return render(request, "portal/members/objection.html", context, status=422 if problem else 200)
