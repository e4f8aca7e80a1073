"""Declared registers for their keepers: add, change and end an entry; hand in a file, see what was refused."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.registers.declared import applications, policies, queries, reading, registry, services
from zhijian.engines.registers.declared.columns import Column, Kind, Problem
from zhijian.engines.registers.declared.declaration import Register
from zhijian.engines.registers.declared.models import Delivery
from zhijian.engines.registers.declared.policies import Refusal
from zhijian.portal.components import words
from zhijian.portal.views.declared_registers import as_day, either
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now, today
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require

_SHOWN = 500


def kept_registers(request: HttpRequest) -> HttpResponse:
    """The registers that this officer keeps."""
    officer = require(request.user, Permission.KEEP_REGISTER)
    kept = [one for one in registry.every() if policies.can_keep(one, officer)]
    return render(request, "portal/registers/kept.html", {"registers": kept})


def _kept(request: HttpRequest, name: str) -> Register:
    register = registry.find(name)
    if register is None:
        raise Http404
    policies.check_keeper(register, request.user)
    return register


def keeping_page(request: HttpRequest, name: str) -> HttpResponse:
    """Where a keeper works on one register: add, hand in a file, look at earlier files."""
    register, problem = _kept(request, name), ""
    if request.method == "POST":
        try:
            delivery = _take_in(request, register)
        except (reading.Unreadable, Refusal) as refused:
            problem = _said(refused)
        else:
            return redirect("register_delivery", name=name, number=delivery.pk)
    officer = require(request.user, Permission.KEEP_REGISTER)
    unit = officer.organisation.name if officer.organisation else ""
    context = {
        "register": register, "problem": problem, "required": [one for one in register.columns if one.is_required],
        "deliveries": Delivery.objects.filter(register=name, organisation_name=unit)[:20],
    }  # fmt: skip
    return render(request, "portal/registers/keeping.html", context, status=422 if problem else 200)


def _take_in(request: HttpRequest, register: Register) -> Delivery:
    officer, file = policies.check_keeper(register, request.user), request.FILES.get("file")
    if file is None or file.size is None:
        raise Refusal("请选择一个文件。", "Choose a file.")
    if file.size > reading.MOST_BYTES:
        raise Refusal("文件超过10 MB，请分次交。", "The file is larger than 10 MB; send it in parts.")
    return services.take_in(register, file.name or "file", file.read(), by=officer, at=now())


def delivery_page(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """What became of one file, and the rows that were refused, each with reason and remedy."""
    register = _kept(request, name)
    delivery = _own_delivery(request, register, number)
    refused = list(delivery.refused_rows.all()[:_SHOWN])
    labels = {one.name: either(one.label) for one in register.columns}
    rows = [
        {
            "line": one.line,
            "key": one.row.get("key", ""),
            "problems": [_worded(p, labels) for p in one.problems],
        }
        for one in refused
    ]
    context = {"register": register, "delivery": delivery, "rows": rows, "most": _SHOWN}
    return render(request, "portal/registers/delivery.html", context)


def _worded(problem: dict[str, str], labels: dict[str, str]) -> dict[str, str]:
    suffix = "en" if words.in_english() else "zh"
    return {"field": labels.get(problem["field"], problem["field"]), "value": problem["value"],
            "reason": problem[f"reason_{suffix}"], "remedy": problem[f"remedy_{suffix}"]}  # fmt: skip


def _own_delivery(request: HttpRequest, register: Register, number: int) -> Delivery:
    officer = policies.check_keeper(register, request.user)
    unit = officer.organisation.name if officer.organisation else ""
    found: Delivery = get_object_or_404(Delivery, pk=number, register=register.name, organisation_name=unit)
    return found


def refused_csv(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """The refused rows as they came, with what is wrong with them: to be put right and sent again."""
    from zhijian.portal.api.exports import defused

    register = _kept(request, name)
    delivery = _own_delivery(request, register, number)
    columns = [one.name for one in register.columns]
    rows: list[list[Any]] = [[*columns, "行号 line", "问题 problem", "怎么改 remedy"]]
    for one in delivery.refused_rows.all():
        reasons = "；".join(f"{p['field']}: {p['reason_zh']} {p['reason_en']}" for p in one.problems)
        remedies = "；".join(f"{p['remedy_zh']} {p['remedy_en']}" for p in one.problems)
        cells = [one.row.get(column, "") for column in columns]
        rows.append([defused(cell) for cell in [*cells, one.line, reasons, remedies]])
    return csv_file(f"{register.name}-refused-{delivery.pk}.csv", rows)


def template_csv(request: HttpRequest, name: str) -> HttpResponse:
    """An empty table with the right heading."""
    register = _kept(request, name)
    heading = [[one.label.zh for one in register.columns], [one.name for one in register.columns]]
    return csv_file(f"{register.name}-template.csv", heading)


def add_page(request: HttpRequest, name: str) -> HttpResponse:
    """The form of a new entry."""
    register = _kept(request, name)
    officer = policies.check_keeper(register, request.user)
    typed = {one.name: request.POST.get(one.name, "") for one in register.columns}
    if request.method != "POST":
        typed["valid_from"] = today().isoformat()
    reason = request.POST.get("reason", "")[:500]

    def save() -> str:
        if register.procedure:
            case = applications.open_application(register, typed, reason=reason, by=officer, at=now())
            return reverse("case", kwargs={"case_id": case.pk})
        entry = services.add(register, typed, reason=reason, by=officer, at=now())
        return _after(register, officer, entry.key)

    return _form(request, register, typed, save, context={"is_new": True})


def _after(register: Register, officer: Officer, key: str) -> str:
    """Where a keeper goes after writing: to the entry, or back where its page is not open to this keeper."""
    if policies.can_read(register, officer):
        return reverse("register_entry", kwargs={"name": register.name, "key": key})
    return reverse("register_keeping", kwargs={"name": register.name})


def change_page(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """The form of an entry as it stands; what somebody else changed meanwhile is not written over."""
    register = _kept(request, name)
    entry = queries.find(register, key)
    if entry is None:
        raise Http404
    officer = policies.check_keeper(register, request.user, division=entry.division_code)
    policies.check_row(register, officer, services.values_of(register, entry))
    record_look(officer, f"register {register.name}/{key}"[:60], "form", at=now())
    stands = services.as_text(register, entry)
    typed = {one: request.POST.get(one, "") for one in stands} if request.method == "POST" else stands
    reason = request.POST.get("reason", "")[:500]

    def save() -> str:
        seen = _number(request, "seen")
        services.change(register, key, typed, seen=seen, reason=reason, by=officer, at=now())
        return _after(register, officer, key)

    return _form(request, register, typed, save, context={"entry": entry, "is_new": False})


def end_page(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Ending an entry has a page of its own: what it means, the last day, and why."""
    register, problem = _kept(request, name), ""
    entry = queries.find(register, key)
    if entry is None:
        raise Http404
    officer = policies.check_keeper(register, request.user, division=entry.division_code)
    policies.check_row(register, officer, services.values_of(register, entry))
    if request.method == "POST":
        try:
            day = as_day(request.POST.get("last_day", ""))
            if day is None:
                raise Refusal("请填写最后一天。", "Give the last day.")
            services.end(
                register, key, last_day=day, seen=_number(request, "seen"),
                reason=request.POST.get("reason", "")[:500], by=officer, at=now(),
            )  # fmt: skip
        except Refusal as refused:
            problem = _said(refused)
        else:
            messages.success(request, _("已登记结束，历史保留。"))
            return redirect("register_entry", name=name, key=key)
    context = {"register": register, "entry": entry, "problem": problem, "typed": request.POST, "today": today(),
               "synthetic": "all" if entry.is_synthetic else ""}  # fmt: skip
    return render(request, "portal/registers/end.html", context, status=422 if problem else 200)


def _form(
    request: HttpRequest,
    register: Register,
    typed: dict[str, str],
    save: Callable[[], str],
    *,
    context: dict[str, Any],
) -> HttpResponse:
    """Show the form, or save it; what was typed is kept through every refusal."""
    problems: list[Problem] = []
    refusal = ""
    if request.method == "POST":
        try:
            address = save()
        except services.WrongRow as wrong:
            problems = wrong.problems
        except (Refusal, ProcedureRefused) as refused:
            refusal = _said(refused)
        else:
            is_case = context["is_new"] and register.procedure
            messages.success(
                request, _("已收下申请，开始审查。") if is_case else _("已保存，旧的版本保留在历史里。")
            )
            return redirect(address)
    wrong_fields = {one.field: one for one in problems}
    fields = [
        _field(one, typed.get(one.name, ""), wrong_fields.get(one.name), register)
        for one in register.columns
        if context["is_new"] or one.name != "key"
    ]
    context |= {
        "register": register, "fields": fields, "refusal": refusal, "reason": request.POST.get("reason", ""),
        "problems": [f for f in fields if f["problem"]], "seen": request.POST.get("seen", ""),
    }  # fmt: skip
    return render(request, "portal/registers/form.html", context, status=422 if problems or refusal else 200)


_LONG_TEXT = 120
_INPUTS = {Kind.DATE: "date", Kind.LONG: "long", Kind.CODE: "code", Kind.BOOLEAN: "yes_no"}


def _field(column: Column, text: str, problem: Problem | None, register: Register) -> dict[str, Any]:
    references: list[tuple[str, str]] = []
    if column.kind is Kind.REFERENCE and (target := registry.find(column.refers_to)):
        rows = queries.entries(target).order_by("-changed_at").values_list("key", "name")[:200]
        references = list(rows)
    return {
        "name": column.name, "label": either(column.label), "text": text, "unit": either(column.unit_words),
        "is_required": column.is_required, "help": either(column.help), "longest": register.longest(column.name) or 200,
        "input": _INPUTS.get(column.kind, "text"), "codes": [(one.value, either(one.label)) for one in column.codes],
        "references": references, "is_public": column in register.public_columns,
        "problem": f"{either(problem.reason)}{_('。')}{either(problem.remedy)}" if problem else "",
    }  # fmt: skip


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _said(refused: Any) -> str:
    return str(refused.message_en if words.in_english() else refused.message_zh)
