"""The printed extract of a firm's public page: PDF/A with a verification code, and the page that checks one."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhijian.apps.consumer.complaints.intake import throttle
from zhijian.engines.documents import paper
from zhijian.engines.publicity import answers
from zhijian.engines.publicity.building import is_code, open_map
from zhijian.engines.publicity.extract import Extract, extract_of, is_right
from zhijian.infrastructure.home import current_home
from zhijian.portal.components import timeline
from zhijian.portal.views.register import market_entities, now, today

LIMIT = throttle.Limit("extract", per_address=120, per_device=0)


@require_GET
def extract_pdf(request: HttpRequest, uscc: str) -> HttpResponse:
    """Everything public about a code on the newest day, to print: with its code, which `extract_check` checks."""
    if not is_code(uscc):
        raise Http404
    try:
        throttle.admit(LIMIT, address=throttle.address_of(request), device="", at=now())
    except throttle.TooOften:
        return _said(request, _("这个地址这一小时里打印得太多，请过一会儿再来。"), 429)
    with open_map(current_home()) as store:
        newest = store.newest() if store is not None else None
        if store is None or newest is None:
            return _said(request, _("还没有公示日根，暂时不能打印。"), 404)
        shown = answers.shown_now(uscc, home=current_home(), on=today())
        answer = answers.answer(store, uscc, newest, today=today(), shown=shown)
        extract = extract_of(answer, store, newest)
    if extract is None:
        return _said(request, _("生成日根之后有记录停止公示，打印件要等下一个日根（每天零点）。"), 409)
    register = market_entities()
    record = register.find(uscc) if register.is_ready else None
    made = paper.pdf(_paper(extract, record), at=now())
    response = HttpResponse(made, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="extract-{uscc}-{extract.day}.pdf"'
    return response


def _said(request: HttpRequest, words: str, status: int) -> HttpResponse:
    return render(request, "portal/entities/extract.html", {"words": words}, status=status)


def _paper(extract: Extract, record: Any) -> paper.Paper:
    """Lay the list out; each item as its line on the firm's page, with basis and last day."""
    name = record.name if record is not None else "登记簿上没有这个代码"
    told = [
        f"{name}，统一社会信用代码{extract.uscc}。截至{paper.chinese_day(extract.day)}零点，依法公示的信息共{len(extract.items)}条"
        + ("，如下：" if extract.items else "，名下没有公示信息。")
    ]
    told += [f"{number}．{_line(item)}" for number, item in enumerate(extract.items, start=1)]
    told.append(
        f"以上清单一条不少，由当天公示日根证明。日根：{extract.root}。清单指纹：{extract.value or '无（名下没有）'}。"
    )
    told.append("本打印件只说明当天的公示情况，不加盖印章；此后有记录依法停止公示的，以网上为准。")
    return paper.Paper(
        title="企业公示信息打印件",
        organisation="智监公示平台",
        addressee="",
        paragraphs=tuple(told),
        dated=extract.day,
        number=f"核验码 {extract.code}",
        verify_url=f"{settings.SITE.rstrip('/')}/verify/extract/{extract.uscc}/{extract.day}/{extract.code}/",
        is_synthetic=any(one["is_synthetic"] for one in extract.items)
        or (record is not None and record.is_synthetic),
        has_seal=False,
    )


def _line(item: dict[str, Any]) -> str:
    last = item["public_until"]
    fact = SimpleNamespace(
        **{name: item[name] for name in ("kind", "payload", "fact_id", "source", "is_synthetic")},
        subject="",
        occurred_on=date.fromisoformat(item["occurred_on"]),
        legal_basis=item["basis"],
        public_until=date.fromisoformat(last) if last else None,
    )
    entry = timeline.entry_of(fact, has_proof=False, is_in_log=False)
    until = f"；公示至{paper.chinese_day(fact.public_until)}" if fact.public_until else ""
    return f"{entry.title}（{paper.chinese_day(entry.day)}）：{entry.detail or '无说明'}。依据：{entry.basis}{until}。"


@require_GET
def extract_check(request: HttpRequest, uscc: str, day: str, code: str) -> HttpResponse:
    """Where an extract's QR code leads: right or wrong by the day's root; and the list, as long as it still stands."""
    try:
        asked = date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    if not is_code(uscc):
        raise Http404
    with open_map(current_home()) as store:
        chosen = store.day(asked) if store is not None else None
        if store is None or chosen is None:
            raise Http404
        right = is_right(store, uscc, chosen, code)
        shown = answers.shown_now(uscc, home=current_home(), on=today())
        answer = answers.answer(store, uscc, chosen, today=today(), shown=shown)
    items = answer["leaf"]["items"] if right and answer["leaf"] else []
    context = {
        "uscc": uscc,
        "day": asked,
        "code": code.upper(),
        "is_right": right,
        "is_withheld": answer["is_withheld"],
        "lines": [_line(one) for one in items],
        "root": chosen.root.hex(),
        "synthetic": "all" if any(one["is_synthetic"] for one in items) else "",
    }
    return render(request, "portal/entities/extract.html", context, status=200 if right else 422)
