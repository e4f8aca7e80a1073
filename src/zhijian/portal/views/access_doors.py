"""谁能打开什么: the table of addresses as an auditor reads it, for a role, for an account of the area, for one address."""

from collections import Counter, defaultdict
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zhijian.portal.components import case_words
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now
from zhijian.security import access_matrix
from zhijian.security.addresses import Answer, Door, answer, declared
from zhijian.security.audit import record_look
from zhijian.security.models import Officer, Role
from zhijian.security.permissions import Permission, require


@never_cache
@login_required
@require_GET
def doors_page(request: HttpRequest) -> HttpResponse:
    """What a role or an account of the auditor's area may open and send; without either, all roles beside one another."""
    auditor = require(request.user, Permission.VIEW_ACCESS_RECORDS)
    typed = {name: request.GET.get(name, "").strip()[:60] for name in ("role", "who", "address")}
    if request.GET.get("format") == "csv":
        return csv_file("access-matrix.csv", list(access_matrix.rows()))
    account = _account(auditor, typed["who"])
    if account:
        record_look(auditor, account.username, "access_doors", at=now())
    role = typed["role"] if typed["role"] in Role.values else ""
    subject = account or (access_matrix.sample(role, division=auditor.territory) if role else None)
    is_closed = account is not None and not account.is_active
    groups = _groups(subject, typed["address"]) if (subject or typed["address"]) and not is_closed else []
    context = {
        "typed": typed | {"role": role},
        "roles": [(one, case_words.role(one)) for one in Role.values],
        "account": account,
        "name": case_words.officer_name(account) if account else "",
        "held": [case_words.role(one) for one in account.roles] if account else [],
        "subject": account.username if account else (case_words.role(role) if role else ""),
        "is_unknown": bool(typed["who"]) and account is None,
        "groups": groups,
        "count": sum(len(rows) for _name, rows in groups),
        "summary": [] if subject or groups else _summary(auditor),
        "all": len(declared()),
    }
    return render(request, "portal/access/doors.html", context)


def _account(auditor: Officer, username: str) -> Officer | None:
    """An account of the auditor's area; of another area nothing is told, not even that it exists."""
    found = Officer.objects.select_related("organisation").filter(
        username=username, organisation__division_code__startswith=auditor.territory
    )
    return found.first() if username else None


def _groups(subject: Officer | None, part: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """The addresses that are not for everybody, by their first words, with what the subject may do there."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for address, one in sorted(declared().items()):
        if part and part not in address:
            continue
        reads, sends = (_may(needs, subject) for needs in (one.opens_for, one.acts_for))
        is_public = one.opens_for == one.acts_for == Door.EVERYBODY
        if subject and (is_public or not (reads or sends)):
            continue
        row = {"address": f"/{address}", "reads": reads, "sends": sends}
        row |= {"opens_for": _said(one.opens_for), "acts_for": _said(one.acts_for)}
        row["is_one"] = row["opens_for"] == row["acts_for"]
        found["/" + "/".join(address.split("/")[:2])].append(row)
    return sorted(found.items())


def _may(needs: Door | frozenset[Permission], subject: Officer | None) -> bool:
    if needs in (Door.FIRM, Door.SYSTEM, Door.OWN_CODE):
        return False  # with a proof of another kind, whatever the account
    return subject is not None and answer(needs, subject, has_firm=False) is Answer.OPEN


def _said(needs: Door | frozenset[Permission]) -> list[str]:
    if isinstance(needs, frozenset):
        return sorted(needs)
    return [
        {
            Door.EVERYBODY: _("任何人"), Door.OWN_CODE: _("任何人，凭自己的编号"), Door.FIRM: _("登录的经营者"),
            Door.SYSTEM: _("对接的系统，凭密钥"), Door.OFFICER: _("任何有单位的人员"), Door.ACCOUNT: _("任何登录的人员，还没有单位或者岗位的也一样"), Door.NOBODY: _("没有人"),
        }[needs]
    ]  # fmt: skip


def _summary(auditor: Officer) -> list[dict[str, Any]]:
    """Each role with how many hold it in the area, and how many addresses it opens and may send to beyond the public ones."""
    inside = Officer.objects.filter(is_active=True, organisation__division_code__startswith=auditor.territory)
    holders = Counter(role for roles in inside.values_list("roles", flat=True) for role in roles)
    rows = []
    for value in Role.values:
        groups = _groups(access_matrix.sample(value, division=auditor.territory), "")
        doors = [one for _name, found in groups for one in found]
        rows.append(
            {"value": value, "label": case_words.role(value), "holders": holders[value], "reads": sum(one["reads"] for one in doors),
             "sends": sum(one["sends"] for one in doors)}
        )  # fmt: skip
    return rows
