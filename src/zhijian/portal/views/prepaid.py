"""退卡能退多少: what of a prepaid card comes back, computed by the rule of the Supreme People's Court."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from zhijian.apps.consumer.complaints.rules import Refund, prepaid_refund
from zhijian.apps.consumer.prepaid.rules import refund_interest
from zhijian.portal.views.register import today


@dataclass
class Typed:
    """What was typed, kept through errors, and what is wrong with it by field."""

    text: dict[str, str]
    problems: dict[str, str]


_AMOUNTS = ("paid", "bonus", "used", "used_list")


def refund_page(request: HttpRequest) -> HttpResponse:
    """The calculator: no account, nothing is kept."""
    typed = Typed(
        {
            name: request.GET.get(name, "")[:30]
            for name in (*_AMOUNTS, "paid_on", "ended_on", "reason", "before")
        },
        {},
    )
    found = _computed(request.GET, typed) if "paid" in request.GET else None
    context: dict[str, Any] = {"typed": typed.text, "problems": typed.problems, "found": found}
    if found is not None:
        context |= {"refund": f"{found.refund_yuan:,.2f}", "used": f"{found.used_yuan:,.2f}"}
        context |= _interest(typed, found.refund_yuan)
    return render(request, "portal/prepaid/refund.html", context, status=422 if typed.problems else 200)


def _computed(form: QueryDict, typed: Typed) -> Refund | None:
    paid, bonus, used, used_list = (
        _amount(typed, name, is_needed=name in ("paid", "used")) for name in _AMOUNTS
    )
    paid_on, ended_on = _day(typed, "paid_on"), _day(typed, "ended_on")
    if paid_on and ended_on and ended_on < paid_on:
        typed.problems["ended_on"] = _("早于付款日期，请核对。")
    if paid == 0 and "paid" not in typed.problems:
        typed.problems["paid"] = _("付了多少钱，应大于零。")
    if typed.problems:
        return None
    return prepaid_refund(
        paid_yuan=paid,
        bonus_yuan=bonus,
        used_discounted_yuan=used,
        used_list_price_yuan=used_list if typed.text["used_list"].strip() else used,
        is_consumers_reason=form.get("reason") == "own",
        paid_on=paid_on,
        claimed_on=today() if paid_on else None,
        had_same_before=form.get("before") == "1",
    )


def _interest(typed: Typed, refund: Decimal) -> dict[str, Any]:
    """Until today, where both days were given and a rate of the day of payment is known."""
    paid_on, ended_on = _day(typed, "paid_on"), _day(typed, "ended_on")
    if paid_on is None or ended_on is None:
        return {}
    found = refund_interest(
        refund,
        is_consumers_reason=typed.text["reason"] == "own",
        contracted_on=paid_on,
        ended_on=ended_on,
        paid_on=today(),
    )
    if found is None:
        return {"has_no_rate": True}
    return {"interest": f"{found.yuan:,.2f}", "percent": f"{found.percent:.2f}", "days": found.days}


def _amount(typed: Typed, name: str, *, is_needed: bool) -> Decimal:
    text = typed.text[name].replace(",", "").replace("，", "").strip().removesuffix("元")
    if not text and not is_needed:
        return Decimal(0)
    try:
        amount = Decimal(text)
        if not amount.is_finite() or not 0 <= amount < 10**9:
            raise InvalidOperation
    except InvalidOperation:
        typed.problems[name] = _("请写成数字，如1000或99.50。")
        return Decimal(0)
    return amount


def _day(typed: Typed, name: str) -> date | None:
    text = typed.text[name]
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        typed.problems[name] = _("请写成2026-11-28。")
        return None
    if day > today():
        typed.problems[name] = (
            _("日期在将来，请核对。") if name == "ended_on" else _("付款日期在将来，请核对。")
        )
    elif day.year < 2000:
        typed.problems[name] = _("请写成2026-11-28。")
    return day
