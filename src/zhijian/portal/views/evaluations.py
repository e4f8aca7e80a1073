"""消费后评价 for everybody: scores with their interval, one firm, evaluating with proof, the rules, a firm's own desk."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from zhijian.apps.consumer.complaints.codes import ComplaintState
from zhijian.apps.consumer.complaints.intake import receipts, throttle
from zhijian.apps.consumer.complaints.intake.receipt_door import open_receipt
from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.apps.consumer.complaints.services import last_ground
from zhijian.apps.consumer.evaluation import codes, queries, rules, screening, services, trades
from zhijian.apps.consumer.evaluation.models import EvaluatedFirm, Evaluation
from zhijian.apps.consumer.evaluation.policies import NotNow
from zhijian.apps.consumer.evaluation.scoring import SCORES
from zhijian.engines.documents.pictures import qr_svg
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.portal.components import bar_chart, score_chart
from zhijian.portal.components.words import in_english
from zhijian.portal.views.declared_registers import either
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now, today
from zhijian.standards.whole_number import whole_number

_CODES = throttle.Limit("evaluation-code", per_address=300, per_device=30)
_DESK = throttle.Limit("evaluation-desk", per_address=200, per_device=20)
_DESK_SESSION = "evaluation_desk"
_SHOWN = 100
_QR_AT_ONCE = 24
_OVER = (ComplaintState.TERMINATED, ComplaintState.CLOSED)
_NO_PROOF = (
    "T1",
    "T6",
)  # withdrawn; a ground for refusal found later: nobody examined that anything was bought
_YEAR_SECONDS = 365 * 24 * 3600


def _pair(pair: tuple[str, str]) -> str:
    return pair[1] if in_english() else pair[0]


def evaluation_list(request: HttpRequest) -> HttpResponse:
    """Scores by trade: firms with enough evaluations in order, the rest with their interval alone."""
    trade = request.GET.get("trade", "")
    known = {one.value: one for one in trades.TRADES}
    counts = queries.counts_by_trade()
    if trade not in known:
        trade = max((one.value for one in trades.TRADES), key=lambda code: counts.get(code, 0))
    rows = queries.trade_table(trade, on=today())
    if request.GET.get("format") == "csv":
        return csv_file(f"evaluations-{trade}.csv", _csv_rows(rows))
    ranked = [one for one in rows if one.is_ranked]
    context = {
        "trade": trade,
        "trades": [(one.value, either(one.label), counts.get(one.value, 0)) for one in trades.TRADES],
        "rows": rows,
        "ranked": ranked,
        "others": [one for one in rows if not one.is_ranked],
        "chart": _score_chart(_("各家评分和95%区间"), ranked or rows),
        "least": rules.SCREENING.on(today())["rank_least"],
        "prior": rows[0].prior if rows else None,
        "synthetic": "part" if any(one.firm.is_synthetic for one in rows) else "",
    }
    return render(request, "portal/evaluations/list.html", context)


def _score_chart(title: str, rows: list[queries.Standing]) -> score_chart.ScoreChart | None:
    if not rows:
        return None
    return score_chart.draw(title, [(one.firm.name, *_drawn(one)) for one in rows[:20]])


def _drawn(one: queries.Standing) -> tuple[float, float, float, str]:
    """Return point, ends and what is printed: the score, or with few evaluations the interval."""
    found = one.estimate
    text = f"{found.score:.1f}" if one.is_ranked else f"{found.low:.1f}–{found.high:.1f}"
    return found.score, found.low, found.high, text


def _csv_rows(rows: list[queries.Standing]) -> list[tuple[Any, ...]]:
    head = ("key", "name", "score", "low_95", "high_95", "counted", "n1", "n2", "n3", "n4", "n5", "set_aside",
            "in_order", "is_synthetic")  # fmt: skip
    return [
        head,
        *(
            (one.firm.key, one.firm.name, f"{one.estimate.score:.3f}" if one.is_ranked else "",
             f"{one.estimate.low:.3f}", f"{one.estimate.high:.3f}", one.estimate.count, *one.counts, one.aside_count, int(one.is_ranked),
             int(one.firm.is_synthetic))
            for one in rows
        ),
    ]  # fmt: skip


def evaluated_firm(request: HttpRequest, key: str) -> HttpResponse:
    """One firm: its score, how it was made, its evaluations with replies, and what was left out and why."""
    firm = get_object_or_404(EvaluatedFirm, key=key)
    one = queries.standing_of(firm, on=today()) if firm.valid_from <= today() else None
    if one is None:
        raise Http404
    if request.GET.get("format") == "csv":
        return csv_file(f"evaluations-{firm.key}.csv", _csv_rows([one]))
    rows = list(firm.evaluations.prefetch_related("steps")[:_SHOWN])
    bars = [
        (f"{int(score)} {_pair(codes.SCORE_WORDS[int(score)])}", float(n), str(n))
        for score, n in zip(SCORES, one.counts, strict=True)
    ]
    context = {
        "firm": firm,
        "one": one,
        "aside": [(_pair(codes.GROUNDS[ground]), number) for ground, number in one.aside],
        "bars": bar_chart.bars(_("计入的评价，按评分"), bars[::-1]),
        "chart": _score_chart(_("评分和95%区间"), [one]),
        "rows": [_shown(row) for row in rows],
        "trade": next(either(t.label) for t in trades.TRADES if t.value == firm.trade_code),
        "synthetic": "all" if firm.is_synthetic else "",
    }
    return render(request, "portal/evaluations/firm.html", context)


def _shown(row: Evaluation) -> dict[str, Any]:
    """An evaluation as everybody reads it; a text that waits or is withheld is said to be so."""
    aside = row.last("set_aside") if row.is_aside else None
    return {
        "row": row,
        "words": _pair(codes.SCORE_WORDS[row.score]),
        "criteria": [(_pair(codes.CRITERIA[name]), value) for name, value in row.criteria.items()],
        "ground": _pair(codes.GROUNDS[aside.ground]) if aside else "",
        "reason": aside.note if aside else "",
    }


def evaluation_rules(request: HttpRequest) -> HttpResponse:
    """The published rules: how a score is made, the criteria by trade, the tests, the grounds, their limits."""
    day = today()
    context = {
        "value": rules.SCREENING.on(day),
        "trades": [
            (
                either(one.label),
                [_pair(codes.CRITERIA[name]) for name in rules.criteria_of(one.value, on=day)],
            )
            for one in trades.TRADES
        ],
        "grounds": [_pair(pair) for pair in codes.GROUNDS.values()],
        "text_grounds": [_pair(pair) for pair in codes.TEXT_GROUNDS.values()],
        "tests": [_pair(codes.GROUNDS[test]) for test in screening.TESTS],
    }
    return render(request, "portal/evaluations/rules.html", context)


# ---------------------------------------------------------------------------------------------------------- evaluate


def _device(request: HttpRequest) -> str:
    return throttle.device_of(request)


def _with_device(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if not _device(request):
        response.set_cookie(
            throttle.DEVICE_COOKIE, secrets.token_urlsafe(24), max_age=_YEAR_SECONDS, httponly=True,
            samesite="Lax", secure=request.is_secure(),
        )  # fmt: skip
    return response


@never_cache
def evaluate(request: HttpRequest) -> HttpResponse:
    """Evaluate with the code of a receipt, or after a complaint that is over. No account; nobody's name is asked."""
    typed, problem, field = request.POST if request.method == "POST" else request.GET, "", ""
    shops: Sequence[EvaluatedFirm] = ()
    firm = EvaluatedFirm.objects.filter(key=typed.get("firm", "")[:40]).first()
    if request.method == "POST":
        try:
            made = _take(request, typed, firm)
        except NotNow as refused:
            problem, field = _refused(refused), refused.field
            shops = refused.shops if isinstance(refused, services.WhichShop) else ()
        except throttle.TooOften as often:
            problem = often.message_en if in_english() else often.message_zh
        else:
            request.session["evaluation_done"] = made.number
            return redirect("evaluation_done")
    trade = firm.trade_code if firm else _trade_of(request, typed)
    context = {
        "typed": typed,
        "problem": problem,
        "field": field,
        "firm": firm,
        "shops": shops,
        "criteria": [(name, _pair(codes.CRITERIA[name]), typed.get(f"c_{name}", "")) for name in rules.criteria_of(trade, on=today())],
        "scores": [(score, _pair(words)) for score, words in codes.SCORE_WORDS.items()],
        "most": rules.SCREENING.on(today())["text_most"],
    }  # fmt: skip
    response = render(request, "portal/evaluations/new.html", context, status=422 if problem else 200)
    return _with_device(request, response)


def _trade_of(request: HttpRequest, typed: QueryDict) -> str:
    """Return the trade of the ticket in the address, so that its criteria are asked; a wrong one is told on sending."""
    if not typed.get("code"):
        return ""
    try:
        throttle.admit(_CODES, address=throttle.address_of(request), device=_device(request), at=now())
        return services.ticket_of(typed.get("code", ""), firm=None, at=now()).firm.trade_code
    except (NotNow, throttle.TooOften):
        return ""


def _take(request: HttpRequest, typed: QueryDict, firm: EvaluatedFirm | None) -> Evaluation:
    throttle.admit(_CODES, address=throttle.address_of(request), device=_device(request), at=now())
    said = services.Said(
        score=_score(typed.get("score", "")),
        criteria={
            name: _score(typed.get(f"c_{name}", ""))
            for name in codes.CRITERIA
            if typed.get(f"c_{name}", "") != ""
        },
        text=typed.get("text", "").replace("\r\n", "\n"),
    )
    if typed.get("receipt"):
        receipt, uscc = _ended_complaint(request, typed)
        return services.evaluate_after_complaint(
            receipt,
            uscc,
            said,
            firm=firm,
            device=_device(request),
            at=now(),
            randomness=secrets.token_bytes,
        )
    return services.evaluate(
        typed.get("code", ""),
        said,
        firm=firm,
        device=_device(request),
        at=now(),
        randomness=secrets.token_bytes,
    )


def _score(text: str) -> int:
    return whole_number(text, most_digits=2) or 0


def _ended_complaint(request: HttpRequest, typed: QueryDict) -> tuple[str, str]:
    """Return the receipt of a complaint that is over, opened by its code, and the firm's code.

    Raises:
        NotNow: number and code do not open one, it is not over, or was refused or withdrawn.
        TooOften: too many wrong codes, here and on the status page together.
    """
    number = receipts.read_number(typed.get("receipt", "")[:40])
    who = {"address": throttle.address_of(request), "device": _device(request)}
    found = open_receipt(number, typed.get("receipt_code", "")[:40], **who, at=now()) if number else None
    if found is None:
        raise NotNow("回执号或者查询码不对。", "Receipt number or code is wrong.", "receipt")
    complaint = getattr(found, "complaint", None)
    if complaint is None or complaint.state not in _OVER:
        raise NotNow("这件投诉还没有办结，办结后可以评价。", "The complaint is not over yet.", "receipt")
    if not _is_proof(complaint):
        raise NotNow(
            "这件投诉没有受理，或者撤回了，不能证明在这家消费过。请用小票上的凭证码评价。",
            "This complaint was not accepted, or was withdrawn: it is no proof of a purchase. Use the code on a receipt.",
            "receipt",
        )
    return found.receipt_number, complaint.respondent_code


def _is_proof(complaint: Complaint) -> bool:
    """Say whether a complaint that is over shows a purchase: a unit accepted it, and it ran its course."""
    is_withdrawn = complaint.moment_of(ComplaintState.WITHDRAWN) is not None
    return complaint.accepted_at is not None and not is_withdrawn and last_ground(complaint) not in _NO_PROOF


def _refused(refused: NotNow) -> str:
    return refused.message_en if in_english() else refused.message_zh


@never_cache
def evaluation_done(request: HttpRequest) -> HttpResponse:
    """Say that it was taken in, what counts at once and what waits."""
    number = request.session.get("evaluation_done", "")
    made = Evaluation.objects.filter(number=number).select_related("firm").prefetch_related("steps").first()
    if made is None:
        return redirect("evaluate")
    hold = made.last("hold")
    ground = _pair(codes.TEXT_GROUNDS[hold.ground]) if hold else ""
    return render(request, "portal/evaluations/done.html", {"made": made, "ground": ground})


# ------------------------------------------------------------------------------------------------------ a firm's desk


@never_cache
def desk(request: HttpRequest) -> HttpResponse:
    """A firm's desk, opened by its key: issue tickets, reply, object. The device is remembered as the firm's own."""
    problem, codes_made = "", list[str]()
    firm: EvaluatedFirm | None = None
    try:
        firm = _desk_firm(request)
        if request.method == "POST" and firm is not None:
            codes_made = _act(request, firm)
    except (NotNow, ProcedureRefused) as refused:
        problem = refused.message_en if in_english() else refused.message_zh
    except throttle.TooOften as often:
        problem = often.message_en if in_english() else often.message_zh
    if firm is None:
        response = render(
            request, "portal/evaluations/desk_key.html", {"problem": problem}, status=422 if problem else 200
        )
        return _with_device(request, response)
    rows = list(firm.evaluations.prefetch_related("steps", "objections")[:_SHOWN])
    context = {
        "firm": firm,
        "problem": problem,
        "tickets": [_ticket(request, code) for code in codes_made[:_QR_AT_ONCE]],
        "more": [services.written(code) for code in codes_made[_QR_AT_ONCE:]],
        "made": len(codes_made),
        "rows": [_shown(row) | {"objected": bool(row.objections.all())} for row in rows],
        "grounds": [(code, _pair(pair)) for code, pair in codes.OBJECTION_GROUNDS.items()],
        "most": services.MOST_TICKETS,
        "synthetic": "all" if firm.is_synthetic else "",
    }
    return _with_device(
        request, render(request, "portal/evaluations/desk.html", context, status=422 if problem else 200)
    )


def _desk_firm(request: HttpRequest) -> EvaluatedFirm | None:
    """Return the firm of the desk that this browser has open. The session holds which desk it is, never its key.

    Raises:
        NotNow: the key is wrong, or the desk was closed since.
        TooOften: too many keys were tried.
    """
    if request.POST.get("verb") == "leave":
        request.session.pop(_DESK_SESSION, None)
        return None
    if key := request.POST.get("key", ""):
        throttle.admit(_DESK, address=throttle.address_of(request), device=_device(request), at=now())
        found = services.desk_of(key)
        request.session.cycle_key()
        request.session[_DESK_SESSION] = found.pk
    elif pk := request.session.get(_DESK_SESSION):
        kept = services.opened_desk(pk) if isinstance(pk, int) else None
        if kept is None:
            request.session.pop(_DESK_SESSION)
            raise NotNow("柜台密钥已经停用，请用新的密钥。", "The key of the desk is no longer in use; take the new one.", "key")  # fmt: skip
        found = kept
    else:
        return None
    services.remember_device(found.firm, _device(request), by=f"desk/{found.firm.key}", at=now())
    return found.firm


def _act(request: HttpRequest, firm: EvaluatedFirm) -> list[str]:
    """Do what the desk asks; returns the codes of new tickets."""
    verbs: dict[str, Callable[[HttpRequest, EvaluatedFirm], list[str]]] = {
        "issue": _issue, "reply": _reply, "object": _object,
    }  # fmt: skip
    verb = verbs.get(request.POST.get("verb", ""))
    return verb(request, firm) if verb else []


def _issue(request: HttpRequest, firm: EvaluatedFirm) -> list[str]:
    count = whole_number(request.POST.get("count", ""), most_digits=4) or 0
    return services.issue_tickets(
        firm, count, randomness=secrets.token_bytes, by=f"desk/{firm.key}", at=now(), device=_device(request)
    )


def _own(request: HttpRequest, firm: EvaluatedFirm) -> Evaluation:
    return get_object_or_404(Evaluation, number=request.POST.get("number", ""), firm=firm)


def _reply(request: HttpRequest, firm: EvaluatedFirm) -> list[str]:
    services.reply(
        _own(request, firm), request.POST.get("text", ""), firm=firm, by=f"desk/{firm.key}", at=now()
    )
    return []


def _object(request: HttpRequest, firm: EvaluatedFirm) -> list[str]:
    services.object_to(
        _own(request, firm), ground=request.POST.get("ground", ""), statement=request.POST.get("text", ""), firm=firm,
        by=f"desk/{firm.key}", at=now(),
    )  # fmt: skip
    return []


def _ticket(request: HttpRequest, code: str) -> tuple[str, SafeString]:
    address = f"{request.build_absolute_uri(reverse('evaluate'))}?code={code}"
    return services.written(code), mark_safe(qr_svg(address))  # noqa: S308 - our own drawing of our own code
