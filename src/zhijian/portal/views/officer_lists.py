"""成批登记账号: a list of accounts is handed in as a file, and agreed to as one list that shows each row."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhijian.portal.components import case_words
from zhijian.portal.views.business import said
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now
from zhijian.security import account_lists, invitations, roles
from zhijian.security.audit import record_look
from zhijian.security.models import Officer, Role, RoleRequest
from zhijian.security.permissions import Permission, require
from zhijian.standards.calendar import statutory_day

_MOST_FAULTS = 200  # a file of another kind is wrong on every line: nobody reads on
_MOST_BYTES = 4 << 20  # ten thousand rows of four hundred bytes


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def new_list(request: HttpRequest) -> HttpResponse:
    """Hand in a file of accounts: checked, or entered."""
    by = require(request.user, Permission.MANAGE_OFFICERS)
    problem, faults, more, checked = "", [], 0, 0
    if request.method == "POST":
        act, file = request.POST.get("act", ""), request.FILES.get("file")
        if act not in {"check", "enter"}:
            raise Http404
        try:
            data = file.read(_MOST_BYTES + 1) if file else b""
            if not data or len(data) > _MOST_BYTES:
                raise roles.RoleRefused("请选一个CSV文件，最多4MB。", "Choose a CSV file of at most 4 MB.")
            if act == "enter":
                number = account_lists.enter(data, reason=request.POST.get("reason", ""), by=by, at=now())
                messages.success(request, _("已登记，等另一位管理人员同意。"))
                return redirect("officer_accounts", number=number)
            checked = len(account_lists.check(account_lists.read(data), by=by))
        except account_lists.ListRefused as wrong:
            told = said(wrong).splitlines()
            faults, more = told[:_MOST_FAULTS], max(0, len(told) - _MOST_FAULTS)
            problem = _("文件有错，什么都没有登记。改好以后再来。")
        except roles.RoleRefused as refused:
            problem = said(refused)
    context = {
        "problem": problem, "faults": faults, "more": more, "checked": checked, "typed": request.POST,
        "columns": ",".join(account_lists.COLUMNS), "most": account_lists.MOST_ROWS,
        "roles": [(role, case_words.role(role)) for role in Role.values if role not in roles.PRIVILEGED],
    }  # fmt: skip
    return render(request, "portal/officers/new_list.html", context, status=422 if problem else 200)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def list_page(request: HttpRequest, number: int) -> HttpResponse:
    """Every row of a list that waits; agree to the whole, which hands out the addresses this once, or refuse it."""
    by = require(request.user, Permission.MANAGE_OFFICERS)
    first = account_lists.requests_of(number).first()
    if first is None:
        raise Http404
    try:
        rows = account_lists.shown(number, by=by)
        if request.method == "POST":
            return _decided(request, number)
    except roles.RoleRefused as refused:
        messages.error(request, said(refused))
        return redirect("officers")
    record_look(by, f"account_list/{number}", "officer_page", at=now())
    context = {
        "rows": rows, "first": first, "is_own": first.asked_by_id == by.pk,
        "by": case_words.officer_name(first.asked_by), "days": invitations.DAYS.on(statutory_day(now())),
    }  # fmt: skip
    return render(request, "portal/officers/list_of_accounts.html", context)


def _decided(request: HttpRequest, number: int) -> HttpResponse:
    """Do what the form says.

    Raises:
        RoleRefused: as for `account_lists.decide`.
    """
    by, at = require(request.user, Permission.MANAGE_OFFICERS), now()
    is_agreed = request.POST.get("answer") == "agree"
    accounts = account_lists.decide(number, is_agreed=is_agreed, by=by, at=at)
    if is_agreed:
        site = request.build_absolute_uri("/")
        return csv_file(f"addresses-{number}.csv", account_lists.addresses(accounts, site=site, at=at))
    messages.success(request, _("已退回，没有改变。"))
    return redirect("officers")


def waiting_lines(requests: QuerySet[RoleRequest]) -> list[tuple[account_lists.Waiting, str, str]]:
    """Return the lists that wait, with what each is and who asked."""
    found = account_lists.waiting(requests)
    names = {
        one.pk: case_words.officer_name(one)
        for one in Officer.objects.filter(pk__in={one.asked_by for one in found})
    }
    return [(one, _("成批登记%(n)d个账号") % {"n": one.accounts}, names[one.asked_by]) for one in found]
