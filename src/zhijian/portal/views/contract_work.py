"""Officers' pages of contracts: the matters of the area, a new one, and one with every text and its findings."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from zhijian.apps.consumer.contracts import services
from zhijian.apps.consumer.contracts.codes import KINDS, SEVERITIES, SOURCES, STATES
from zhijian.apps.consumer.contracts.models import ContractVersion, Matter
from zhijian.apps.consumer.contracts.paperwork import papers_of
from zhijian.apps.consumer.contracts.reading import checked_text, read_file
from zhijian.apps.consumer.contracts.screening.shown import Span, pieces
from zhijian.engines.evidence.refusal import RefusedFile
from zhijian.engines.procedures.errors import Incomplete
from zhijian.portal.components.words import in_english
from zhijian.portal.views.contracts import counties, trades, words_of
from zhijian.portal.views.declared_registers import either
from zhijian.portal.views.register import now
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require

_SHOWN = 200
_NAMES = ("firm_name", "uscc", "title", "division_code", "source", "source_number")


@never_cache
@login_required
def matter_list(request: HttpRequest) -> HttpResponse:
    """The matters of the unit's area, those in hand first."""
    officer = require(request.user, Permission.VIEW_CONTRACT)
    rows = Matter.objects.filter(division_code__startswith=officer.territory)
    state = request.GET.get("state", "")
    if state in STATES:
        rows = rows.filter(state=state)
    context = {
        "rows": [(one, either(STATES[one.state]), either(SOURCES[one.source])) for one in rows[:_SHOWN]],
        "states": [(code, either(label)) for code, label in STATES.items()],
        "state": state,
        "may_work": may(officer, Permission.WORK_CONTRACT),
    }
    return render(request, "portal/contracts/matters.html", context)


@never_cache
@login_required
def new_matter(request: HttpRequest) -> HttpResponse:
    """Open a matter from a finding, a complaint or report, or a filing: the contract as text or file."""
    officer = require(request.user, Permission.WORK_CONTRACT)
    assert officer.organisation is not None
    typed = {name: request.POST.get(name, "").strip() for name in (*_NAMES, "trade")}
    text, problem, status = request.POST.get("text", ""), "", 200
    if request.method == "POST":
        try:
            text = _text(request)
            return redirect("contract_matter", number=_opened(typed, text, officer).number)
        except (RefusedFile, Incomplete) as refused:
            problem, status = words_of(refused), refused.status
    sources = [(code, either(label)) for code, label in SOURCES.items() if code != "handed_in"]
    context = {
        "typed": typed, "text": text, "problem": problem, "trades": trades(), "counties": counties(),
        "sources": sources,
    }  # fmt: skip
    return render(request, "portal/contracts/matter_new.html", context, status=status)


def _text(request: HttpRequest) -> str:
    file = request.FILES.get("file")
    return read_file(file.chunks(), file.name or "") if file else checked_text(request.POST.get("text", ""))


def _opened(typed: dict[str, str], text: str, officer: Officer) -> Matter:
    opening = services.Opening(
        trade_code=typed["trade"],
        text=text,
        is_synthetic=officer.is_synthetic,
        **{name: typed[name] for name in _NAMES},
    )
    assert officer.organisation is not None
    return services.open_matter(opening, officer.organisation, by=officer, at=now())


@never_cache
@login_required
def matter_page(request: HttpRequest, number: str) -> HttpResponse:
    """One contract: the chosen text with its findings, the texts before, the papers, and the case."""
    require(request.user, Permission.VIEW_CONTRACT)
    matter = get_object_or_404(Matter.objects.select_related("organisation"), number=number)
    officer = require(request.user, Permission.VIEW_CONTRACT, division=matter.division_code)
    record_look(officer, f"contract/{matter.number}", "contract", at=now())
    versions = list(matter.versions.select_related("officer"))
    wanted = request.GET.get("version", "")
    chosen = next((one for one in versions if str(one.sequence) == wanted), versions[-1])
    context = {
        "matter": matter,
        "synthetic": "part" if matter.is_synthetic else "",
        "state": either(STATES[matter.state]),
        "source": either(SOURCES[matter.source]),
        "trade": dict(trades()).get(matter.trade_code, matter.trade_code),
        "versions": versions,
        "chosen": chosen,
        "papers": papers_of(matter),
        "own_unit": officer.organisation_id,
        "shows_source": may(officer, Permission.VIEW_REPORT, division=matter.division_code),
        **_shown(chosen),
    }
    return render(request, "portal/contracts/matter.html", context)


def _shown(version: ContractVersion) -> dict[str, Any]:
    """Return the findings as they were kept with the text: by the rules of that day."""
    language = "en" if in_english() else "zh"
    findings = [
        one
        | {
            "number": number,
            "title": one["title"][language],
            "why": one["why"][language],
            "suggestion": one["suggestion"][language],
            "severity_name": either(SEVERITIES[one["severity"]]),
            "kind_name": either(KINDS[one["kind"]]),
        }
        for number, one in enumerate(version.findings, start=1)
    ]
    spans = [Span(one["start"], one["end"]) for one in version.findings]
    return {"findings": findings, "pieces": pieces(version.text, spans)}
