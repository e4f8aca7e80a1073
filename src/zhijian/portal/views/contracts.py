"""Consumer contracts for everybody: check a text by the published rules, take a model contract, read rules and figures."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhijian.apps.consumer.complaints.intake import throttle
from zhijian.apps.consumer.contracts import figures, services
from zhijian.apps.consumer.contracts.codes import KINDS, SEVERITIES, TRADES
from zhijian.apps.consumer.contracts.models import Matter, ModelContract
from zhijian.apps.consumer.contracts.reading import LIMIT_BYTES, checked_text, read_file
from zhijian.apps.consumer.contracts.screening.engine import MOST_CHARACTERS, Screening, screen
from zhijian.apps.consumer.contracts.screening.rulebook import shipped
from zhijian.apps.consumer.contracts.screening.shown import pieces
from zhijian.apps.consumer.contracts.texts import ModelWords, all_texts
from zhijian.engines.documents import plain
from zhijian.engines.evidence.refusal import RefusedFile
from zhijian.engines.forms import binding
from zhijian.engines.forms.shown import show, show_bound
from zhijian.engines.procedures.errors import Incomplete
from zhijian.portal.components import bar_chart
from zhijian.portal.components.words import in_english
from zhijian.portal.views.declared_registers import either
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now, today
from zhijian.security.models import Level, Organisation
from zhijian.standards import divisions
from zhijian.standards.whole_number import whole_number

HAND_IN = throttle.Limit("contract", per_address=120, per_device=20)
CHECK = throttle.Limit(
    "contract-check", per_address=300, per_device=0
)  # no cookie for it: an address counts alone
_MOST_BODY = LIMIT_BYTES + 6 * MOST_CHARACTERS  # bytes: a file, and the words in percent code
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def words_of(refused: throttle.TooOften | RefusedFile | Incomplete) -> str:
    """Return what a refusal says in the page's language."""
    return refused.message_en if in_english() else refused.message_zh


def trades() -> list[tuple[str, str]]:
    """Return the trades with their names in the page's language."""
    return [(one.value, either(one.label)) for one in TRADES]


def counties() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the counties of the province by city, for a list to choose from."""
    found = []
    for city in divisions.children("440000"):
        inside = [one for one in divisions.children(city.code12) if one.code12.endswith("000000")]
        found.append((city.name, [(one.code12[:6], one.name) for one in inside or [city]]))
    return found


def shown_findings(found: Screening) -> list[dict[str, Any]]:
    """Return the findings as the page lists them, numbered as in the text."""
    return [
        {
            "number": number,
            "rule": one.rule,
            "clause": one.clause.label,
            "quote": one.quote[:160],
            "severity": either(SEVERITIES[one.rule.severity]),
            "kind": either(KINDS[one.rule.kind]),
        }
        for number, one in enumerate(found.findings, start=1)
    ]


@csrf_exempt  # nothing is changed but an anonymous count; so a text that is too long meets words, not a bare error
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check_page(request: HttpRequest) -> HttpResponse:
    """Paste or hand in a contract; the answer comes at once, nothing of it is kept."""
    context: dict[str, Any] = {"typed": "", "trade": "", "trades": trades(), "most": MOST_CHARACTERS}
    if request.method != "POST":
        return _page(request, context)
    try:
        throttle.admit(CHECK, address=throttle.address_of(request), device="", at=now())
        text = _handed_in(request)
    except (throttle.TooOften, RefusedFile) as refused:
        return _page(request, context | _kept(request) | {"problem": words_of(refused)}, refused.status)
    trade = request.POST.get("trade", "")
    found = screen(text, shipped(), on=today())
    services.count_check(trade, found.kinds, by=None, at=now())
    return _page(request, context | _answer(text, found) | {"trade": trade})


def _page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    more = {"rules": shipped(), "counties": counties(), "placed": context.get("placed", {})}
    return render(request, "portal/contracts/check.html", more | context, status=status)


def _answer(text: str, found: Screening) -> dict[str, Any]:
    return {
        "typed": text,
        "found": found,
        "findings": shown_findings(found),
        "pieces": pieces(text, found.findings),
        "high": sum(one.rule.severity == "high" for one in found.findings),
    }


def _handed_in(request: HttpRequest) -> str:
    """Return the words of the file, or those that were pasted.

    Raises:
        RefusedFile: too much, nothing, or what is not read.
    """
    length = whole_number(request.headers.get("Content-Length") or "0")
    if length is None or length > _MOST_BODY:
        raise _too_much()
    try:
        files, pasted = request.FILES.get("file"), request.POST.get("text", "")
    except RequestDataTooBig:
        raise _too_much() from None
    if files:
        return read_file(files.chunks(), files.name or "")
    return checked_text(pasted)


def _too_much() -> RefusedFile:
    return RefusedFile(
        f"太大了。一次最多{LIMIT_BYTES // 1024**2} MB的文件，或者{MOST_CHARACTERS:,}个字。请只留合同正文，或者分开查。",
        f"Too much. At most a file of {LIMIT_BYTES // 1024**2} MB or {MOST_CHARACTERS:,} characters at once. Keep the contract only, or check it in parts.",
        413,
    )


def _kept(request: HttpRequest) -> dict[str, Any]:
    """Return what was typed, where it may be read at all."""
    try:
        text = request.POST.get("text", "")
        return {"typed": text[:MOST_CHARACTERS], "trade": request.POST.get("trade", "")}
    except RequestDataTooBig:
        return {}


@never_cache
@require_POST
def hand_in(request: HttpRequest) -> HttpResponse:
    """Hand a contract in as a clue: only now it is kept. Asks for no name, and says what is a complaint or report instead."""
    placed = {
        name: request.POST.get(name, "").strip()[:200]
        for name in ("firm_name", "uscc", "title", "division_code")
    }
    context: dict[str, Any] = {"trades": trades(), "most": MOST_CHARACTERS, "placed": placed} | _kept(request)
    try:
        throttle.admit(
            HAND_IN, address=throttle.address_of(request), device=throttle.device_of(request), at=now()
        )
        text = checked_text(request.POST.get("text", ""))
        context |= _answer(text, screen(text, shipped(), on=today()))
        opening = services.Opening(
            trade_code=request.POST.get("trade", ""),
            text=text,
            source="handed_in",
            firm_name=placed["firm_name"],
            uscc=placed["uscc"],
            title=placed["title"],
            division_code=placed["division_code"],
        )
        matter = services.open_matter(opening, unit_of(opening.division_code), by=None, at=now())
    except (throttle.TooOften, RefusedFile, Incomplete) as refused:
        told = {"problem": words_of(refused), "is_handing_in": True}
        return _page(request, context | told, refused.status)
    return render(request, "portal/contracts/handed_in.html", {"matter": matter})


def unit_of(county: str) -> Organisation:
    """Return the unit that handles what lies in a county: its own, else the city's, else the province's.

    Raises:
        Incomplete: no unit works here for that place.
    """
    for code in (county, f"{county[:4]}00", "440000"):
        unit = (
            Organisation.objects.filter(division_code=code)
            .exclude(level=Level.STATION)
            .order_by("id")
            .first()
        )
        if unit is not None:
            return unit
    zh, en = "请选县（市、区）", "Choose the county"
    raise Incomplete(zh, en, [("division_code", zh, en)])


@require_safe
def rules_page(request: HttpRequest) -> HttpResponse:
    """Every rule with its article, wordings, exceptions, examples and lawful wording; as a page, CSV or JSON."""
    book = shipped()
    if request.GET.get("format") == "csv":
        return csv_file("contract-rules.csv", _rule_rows())
    if request.GET.get("format") == "json":
        rows = [dict(zip(_HEAD, row, strict=True)) for row in _rule_rows()[1:]]
        return JsonResponse(
            {"version": book.version.isoformat(), "rules": rows}, json_dumps_params={"ensure_ascii": False}
        )
    groups = [
        (either(label), [one for one in book.rules if one.kind == kind]) for kind, label in KINDS.items()
    ]
    context = {
        "book": book,
        "groups": [pair for pair in groups if pair[1]],
        "severities": {name: either(label) for name, label in SEVERITIES.items()},
    }
    return render(request, "portal/contracts/rules.html", context)


_HEAD = (
    "rule", "kind", "severity", "since", "title_zh", "title_en", "articles", "wordings", "exceptions", "must_match",
    "must_not_match", "lawful_wording_zh", "lawful_wording_en",
)  # fmt: skip


def _rule_rows() -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [_HEAD]
    for one in shipped().rules:
        wordings = " ＋ ".join("／".join(group) for group in one.wordings)
        rows.append(
            (one.id, one.kind, one.severity, one.since.isoformat(), one.title.zh, one.title.en,
             "；".join(one.articles), wordings, "／".join(one.exceptions), "\n".join(one.match),
             "\n".join(one.no_match), one.suggest.zh, one.suggest.en)
        )  # fmt: skip
    return rows


@require_safe
def model_list(request: HttpRequest) -> HttpResponse:
    """Every model contract in force, with how often it was taken."""
    rows = ModelContract.objects.order_by("trade_code", "key")
    standing = [one for one in rows if one.stands_on(today())]
    uses = figures.uses()
    context = {
        "rows": [(one, _trade(one.trade_code), uses.get(one.key, 0)) for one in standing],
        "synthetic": "part" if any(one.is_synthetic for one in standing) else "",
    }
    return render(request, "portal/contracts/models.html", context)


def _trade(code: str) -> str:
    return next((either(one.label) for one in TRADES if one.value == code), code)


@require_http_methods(["GET", "HEAD", "POST"])
def model_page(request: HttpRequest, key: str) -> HttpResponse:
    """One model contract: its words, its files, and a form that fills it in. What is filled in is not kept."""
    entry = get_object_or_404(ModelContract, key=key)
    words = all_texts().get(entry.text_code)
    if words is None:
        raise Http404
    wanted = request.GET.get("format", "")
    if wanted in ("md", "docx"):
        services.count_use(key, wanted, by=None, at=now())
        content = (
            words.filled({}).encode() if wanted == "md" else plain.docx(words.lines({}), note=_note(entry))
        )
        return _file(f"{key}.{wanted}", content, DOCX if wanted == "docx" else "text/markdown; charset=utf-8")
    shown, status = show(words.form, {}), 200
    if request.method == "POST":
        bound = binding.bind(words.form, binding.typed_of(words.form, request.POST))
        if bound.is_valid:
            services.count_use(key, "filled", by=None, at=now())
            return _file(f"{key}-filled.docx", plain.docx(words.lines(bound.data), note=_note(entry)), DOCX)
        shown, status = show_bound(bound), 422
    return render(
        request, "portal/contracts/model.html", _model(entry, words) | {"shown": shown}, status=status
    )


def _model(entry: ModelContract, words: ModelWords) -> dict[str, Any]:
    return {
        "entry": entry,
        "synthetic": "part" if entry.is_synthetic else "",
        "trade": _trade(entry.trade_code),
        "lines": words.lines({}),
        "uses": figures.uses().get(entry.key, 0),
        "stands": entry.stands_on(today()),
    }


def _note(entry: ModelContract) -> str:
    source = f"参照{entry.issuer}《{entry.name}》{entry.edition}（{entry.key}）。供参照使用，内容由双方约定。"
    return f"{source}合成数据：为演示而造，不是真实的示范文本。" if entry.is_synthetic else source


def _file(name: str, content: bytes, mime: str) -> HttpResponse:
    response = HttpResponse(content, content_type=mime)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


@require_safe
def statistics_page(request: HttpRequest) -> HttpResponse:
    """Unfair terms by kind and trade, how matters ended, and what the public checked; pictures, tables, CSV."""
    told = figures.summary()
    if request.GET.get("format") == "csv":
        return csv_file("contract-statistics.csv", _figure_rows(told))
    kinds = [(either(KINDS[kind]), count) for kind, count in told.by_kind.items()]
    context = {
        "told": told,
        "synthetic": "part" if told.is_synthetic else "",
        "chart": bar_chart.bars(_("被监管合同中各类条款"), [(name, float(n), str(n)) for name, n in kinds])
        if kinds
        else None,
        "trades": [(_trade(code), *row) for code, row in told.by_trade.items()],
        "checks": [(either(KINDS[kind]), count) for kind, count in told.checked_kinds.items()],
        "kinds": kinds,
    }
    return render(request, "portal/contracts/statistics.html", context)


def _figure_rows(told: figures.Summary) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = [("source", "trade", "kind", "count", "synthetic")]
    mark = "1" if told.is_synthetic else "0"
    rows += [("matters", trade, kind, n, mark) for (trade, kind), n in sorted(told.cells.items())]
    rows += [
        ("public_checks", trade, kind or "all", n, "0")
        for (trade, kind), n in sorted(told.check_cells.items())
    ]
    return rows


@require_safe
def results_page(request: HttpRequest) -> HttpResponse:
    """What was published: whose contract, how it ended, in which words. Never who told of it."""
    found = Matter.objects.exclude(published_at=None).select_related("organisation").order_by("-published_at")
    rows = [(one, _trade(one.trade_code)) for one in found[:200]]
    synthetic = "part" if any(one.is_synthetic for one, _trade_name in rows) else ""
    return render(request, "portal/contracts/results.html", {"rows": rows, "synthetic": synthetic})
