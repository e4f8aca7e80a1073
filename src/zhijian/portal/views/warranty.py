"""三包怎么算: what may be asked of the seller, by the rule that officers use, too."""

import re
from datetime import date
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from zhijian.apps.consumer.warranty import rules, words
from zhijian.apps.consumer.warranty.registers import CAUSES, PRODUCTS
from zhijian.portal.views.declared_registers import as_day, either
from zhijian.portal.views.register import today
from zhijian.standards.whole_number import whole_number

_NUMBERS = ("repairs", "repair_days", "waiting_days")


def warranty_page(request: HttpRequest) -> HttpResponse:
    """The calculator: no account, nothing is kept."""
    names = ("product", "cause", "sold_on", "fault_on", *_NUMBERS, "main", "no_model", "price", "returned_on")
    typed = {name: request.GET.get(name, "")[:20] for name in names}
    problems: dict[str, str] = {}
    goods = _goods(typed, problems) if "sold_on" in request.GET else None
    price, returned_on = _return_of(typed, goods, problems)
    found = rules.remedy(goods, on=goods.fault_on) if goods and not problems else None
    text = words.said(found.options, found.ground, is_reduced=found.is_reduced) if found else None
    context = {
        "typed": typed, "problems": problems, "found": found, "answer": either(text) if text else "",
        "fee": _fee(goods, found, price, returned_on), "asks_price": bool(found and found.is_reduced and price is None),
        "fee_article": rules.fee_article(goods.product) if goods else "",
        "products": [(one.value, either(one.label)) for one in PRODUCTS],
        "causes": [(one.value, either(one.label)) for one in CAUSES],
    }  # fmt: skip
    return render(request, "portal/warranty/warranty.html", context, status=422 if problems else 200)


def _fee(
    goods: rules.Goods | None, found: rules.Remedy | None, price: Decimal | None, returned_on: date
) -> str:
    """Say the fee for use where one may be taken and the price is known."""
    if goods is None or found is None or not found.is_reduced or price is None:
        return ""
    return str(either(words.fee_said(rules.usage_fee(goods, price, returned_on=returned_on), price)))


def _return_of(
    typed: dict[str, str], goods: rules.Goods | None, problems: dict[str, str]
) -> tuple[Decimal | None, date]:
    """Read the price and the day of return; without a day it is today. Both are wanted for the fee alone."""
    price, returned_on = None, today()
    if typed["price"]:
        if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,2})?", typed["price"]):
            price = Decimal(typed["price"])
        else:
            problems["price"] = _("请只写数字，最多两位小数，例如128.50。")
    if typed["returned_on"]:
        given = as_day(typed["returned_on"])
        if given is None:
            problems["returned_on"] = _("请填写日期。")
        elif goods is not None and given < goods.fault_on:
            problems["returned_on"] = _("退货日期早于故障日期，请核对。")
        else:
            returned_on = given
    return price, returned_on


def _goods(typed: dict[str, str], problems: dict[str, str]) -> rules.Goods | None:
    days = {name: _day(typed[name], name, problems) for name in ("sold_on", "fault_on")}
    numbers = {name: _number(typed[name], name, problems) for name in _NUMBERS}
    sold_on, fault_on = days["sold_on"], days["fault_on"]
    if sold_on and fault_on and fault_on < sold_on:
        problems["fault_on"] = _("故障日期早于购买日期，请核对。")
    if problems or sold_on is None or fault_on is None:
        return None
    return rules.Goods(
        product=typed["product"] if typed["product"] in rules.PRODUCTS else "other",
        sold_on=sold_on,
        fault_on=fault_on,
        cause=typed["cause"] if typed["cause"] in {one.value for one in CAUSES} else "fault",
        is_main_part=bool(typed["main"]),
        has_same_model=not typed["no_model"],
        **numbers,
    )


def _day(text: str, name: str, problems: dict[str, str]) -> date | None:
    found = as_day(text)
    if found is None or found.year < 1996:
        problems[name] = _("请填写日期。")
    elif found > today():
        problems[name] = _("日期在将来，请核对。")
    return found


def _number(text: str, name: str, problems: dict[str, str]) -> int:
    if not text:
        return 0
    number = whole_number(text, most_digits=4)
    if number is None:
        problems[name] = _("请写成整数，没有就空着。")
    return number or 0
