"""The three guarantees (三包) for goods of daily life: who may ask for repair, replacement, return. Not for cars. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from zhijian.standards import parameters
from zhijian.standards.calendar import add_months
from zhijian.standards.citation import rule

TERMS = parameters.load("consumer/three_guarantees")
FEE_RATES = parameters.load("consumer/three_guarantees_usage_fee")
_LAW = "《部分商品修理更换退货责任规定》"
PRODUCTS = ("phone", "computer", "tv", "fridge", "washer", "aircon", "bicycle", "other")


@dataclass(frozen=True)
class Goods:
    """What was bought and what happened to it. Days of repair are those of the longest repair, parts those of waiting."""

    product: str  # one of PRODUCTS
    sold_on: date
    fault_on: date
    cause: str = "fault"  # fault, misuse, opened or no_proof
    is_main_part: bool = False
    repairs: int = 0
    repair_days: int = 0
    waiting_days: int = 0
    has_same_model: bool = True


@dataclass(frozen=True)
class Remedy:
    """What may be asked for free of charge, the widest first; empty: nothing free. `is_reduced`: less a usage fee."""

    options: tuple[str, ...]  # of return, replace, repair
    article: str
    ground: str
    is_reduced: bool = False


@dataclass(frozen=True)
class UsageFee:
    """What the seller may keep of the price: `days` of use, percent of the price a day, both sums in yuan."""

    days: int
    percent_a_day: Decimal
    fee_yuan: Decimal
    refund_yuan: Decimal


@rule(cites=f"{_LAW}第八条")
def guaranteed_until(goods: Goods, *, on: date) -> date:
    """Return the last day of the guarantee: its months from the sale, longer by the days spent on repair and parts.

    ASSUMPTION: the day of sale is not counted; goods that no list names have the months of `other`.
    """
    months = TERMS.on(on)["main_part_months" if goods.is_main_part else "months"][goods.product]
    return add_months(goods.sold_on, months) + timedelta(days=goods.repair_days + goods.waiting_days)


@rule(cites=(f"{_LAW}第九条至第十三条", f"{_LAW}第十七条", "《消费者权益保护法》第二十四条"))
def remedy(goods: Goods, *, on: date) -> Remedy:
    """Say what the consumer may ask for, judged on the day the fault came up.

    Within 7 days of the sale: return, replacement or repair. Within 15: replacement or repair. Within the guarantee:
    repair; replacement after two repairs in vain, after 90 days without parts, after 30 days in repair. Where
    replacement is due and the seller has no such model: return. Damage by the consumer, by others who opened it, or
    without proof of purchase is repaired for pay.
    """
    terms = TERMS.on(on)
    if goods.cause != "fault":
        return Remedy((), f"{_LAW}第十七条", goods.cause)
    age = (goods.fault_on - goods.sold_on).days
    if 0 <= age <= terms["return_days"]:
        return Remedy(
            ("return", "replace", "repair"), f"{_LAW}第九条；《消费者权益保护法》第二十四条", "first_week"
        )
    if age < 0 or goods.fault_on > guaranteed_until(goods, on=on):
        return Remedy((), f"{_LAW}第八条", "expired")
    ground, article = _replacement(goods, age, terms)
    if not ground:
        return Remedy(("repair",), f"{_LAW}第十一条", "within_guarantee")
    if goods.has_same_model:
        options = ("replace", "repair") if ground == "second_week" else ("replace", "return", "repair")
        return Remedy(options, f"{_LAW}{article}", ground, is_reduced=ground != "second_week")
    return Remedy(("return", "repair"), f"{_LAW}{article}、第十三条", ground)


def _replacement(goods: Goods, age: int, terms: dict) -> tuple[str, str]:
    """Return the ground on which replacement is due, with its article; empty where it is not."""
    if age <= terms["replace_days"]:
        return "second_week", "第十条"
    if goods.repairs >= terms["repairs_in_vain"]:
        return "repaired_in_vain", "第十一条"
    if goods.waiting_days > terms["days_without_parts"]:
        return "no_parts", "第十二条"
    return ("too_long", "第十二条") if goods.repair_days > terms["days_in_repair"] else ("", "")


_FEE_ARTICLES = {
    "phone": "《移动电话机商品修理更换退货责任规定》及附件",
    "computer": "《微型计算机商品修理更换退货责任规定》及附件",
}


@rule(cites=(f"{_LAW}第十三条及附件", *_FEE_ARTICLES.values()))
def fee_article(product: str) -> str:
    """Return where the rate of a kind of goods stands: telephones and computers have regulations of their own."""
    return _FEE_ARTICLES.get(product, f"{_LAW}第十三条及附件")


@rule(cites=(f"{_LAW}第十三条及附件", *_FEE_ARTICLES.values()))
def usage_fee(goods: Goods, price_yuan: Decimal, *, returned_on: date) -> UsageFee | None:
    """Return the fee for use where goods go back though the model could be replaced; None: no catalogue has a rate.

    The price, times the rate of the kind of goods, times the days from the invoice to the return, less the days spent on
    repair and on waiting for parts. Whether a fee may be taken at all says `Remedy.is_reduced`; a replacement costs none.
    ASSUMPTION: the day of the invoice is not counted; the fee is never more than the price.
    """
    rate = FEE_RATES.on(returned_on).get(goods.product)
    if rate is None:
        return None
    days = max((returned_on - goods.sold_on).days - goods.repair_days - goods.waiting_days, 0)
    full = (price_yuan * Decimal(rate) * days / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    fee = min(full, price_yuan)
    return UsageFee(days, Decimal(rate), fee, price_yuan - fee)
