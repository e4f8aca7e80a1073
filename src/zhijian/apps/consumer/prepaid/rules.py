"""Prepaid cards: how much an issuer keeps aside, and what says early that it may run away. Pure, in yuan."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from zhijian.standards import parameters
from zhijian.standards.citation import rule

DEPOSIT = parameters.load("consumer/prepaid_deposit_percent")
RISK = parameters.load("consumer/prepaid_risk")
INTEREST = parameters.load("consumer/prepaid_interest_percent")
YEAR_DAYS = 365


@dataclass(frozen=True)
class Deposit:
    """What must be kept aside of a balance, what is, and what lacks (yuan)."""

    required_yuan: Decimal
    kept_yuan: Decimal

    @property
    def missing_yuan(self) -> Decimal:
        return max(Decimal(0), self.required_yuan - self.kept_yuan)

    @property
    def is_enough(self) -> bool:
        return self.missing_yuan == 0


@dataclass(frozen=True)
class Filed:
    """One month's filing, as the score takes it. Complaints are those about refunds in the last 7 days."""

    balance_yuan: Decimal
    redeemed_yuan: Decimal  # the last 30 days
    redeemed_before_yuan: Decimal  # the 30 days before
    deposit_yuan: Decimal
    discount_percent: int  # the deepest discount on offer: 60 for four tenths of the price
    pushes_cards: bool
    has_arrears: bool
    refund_complaints: int


@dataclass(frozen=True)
class Reason:
    """One sign: how many points it gives, and in which words."""

    sign: str
    points: int
    zh: str
    en: str


@dataclass(frozen=True)
class Risk:
    """The score from 0 to 100 with its reasons, heaviest first; `level` is low, watch or high."""

    score: int
    level: str
    reasons: tuple[Reason, ...]


@rule(cites="《单用途商业预付卡管理办法（试行）》第二十六条")
def required_deposit(balance_yuan: Decimal, issuer_class: str, kept_yuan: Decimal, *, on: date) -> Deposit:
    """Return what an issuer of this class keeps aside of what it owes.

    `issuer_class` is scale, group, brand or other. ASSUMPTION: issuers that the text does not name (other) owe no
    deposit by it; a province that asks one of them sets the percentage in its own parameter.
    """
    percent = Decimal(str(DEPOSIT.on(on)[issuer_class]))
    return Deposit((balance_yuan * percent / 100).quantize(Decimal("0.01")), kept_yuan)


@rule(cites="《消费者权益保护法实施条例》第二十二条")
def runaway_risk(filed: Filed, *, issuer_class: str, on: date) -> Risk:
    """Score the signs that an issuer takes money that it may never serve; decision support, never a sanction.

    Signs: what is owed would take more than so many months to serve; redemption halved; refund complaints in a week;
    wages or rent in arrears; deep discounts pushed with new cards; the deposit lacks. Points and limits are data.
    """
    limits = RISK.on(on)
    reasons = sorted(_signs(filed, issuer_class, limits, on), key=lambda one: -one.points)
    score = min(100, sum(one.points for one in reasons))
    level = "high" if score >= limits["high"] else "watch" if score >= limits["watch"] else "low"
    return Risk(score, level, tuple(reasons))


def _signs(filed: Filed, issuer_class: str, limits: dict, on: date) -> list[Reason]:
    found: list[Reason] = []
    points = limits["points"]

    def sign(name: str, is_there: bool, zh: str, en: str) -> None:
        if is_there:
            found.append(Reason(name, points[name], zh, en))

    months = filed.balance_yuan / filed.redeemed_yuan if filed.redeemed_yuan else None
    is_slow = filed.balance_yuan > 0 and (months is None or months > limits["months_of_service"])
    slow_zh = "近30天没有兑付" if months is None else f"未兑付余额是近30天兑付的{months:.1f}倍"
    slow_en = (
        "nothing was served in 30 days"
        if months is None
        else f"what is owed is {months:.1f} times what 30 days serve"
    )
    sign("slow", is_slow, slow_zh, slow_en)
    fall = _fall_percent(filed)
    sign(
        "falling",
        fall > limits["fall_percent"],
        f"兑付比前30天下降{fall}%",
        f"service fell by {fall}% against 30 days before",
    )
    sign("complaints", filed.refund_complaints >= limits["refund_complaints"],
         f"近7天退款投诉{filed.refund_complaints}件", f"{filed.refund_complaints} refund complaints in 7 days")  # fmt: skip
    sign("arrears", filed.has_arrears, "有欠租或欠薪线索", "rent or wages in arrears")
    sign("discount", filed.pushes_cards and filed.discount_percent > limits["discount_percent"],
         f"集中推销，优惠达{filed.discount_percent}%", f"cards are pushed at {filed.discount_percent}% off")  # fmt: skip
    deposit = required_deposit(filed.balance_yuan, issuer_class, filed.deposit_yuan, on=on)
    sign(
        "deposit",
        not deposit.is_enough,
        f"存管保证金缺{deposit.missing_yuan:,}元",
        f"the deposit lacks CNY {deposit.missing_yuan:,}",
    )
    return found


def _fall_percent(filed: Filed) -> int:
    before = filed.redeemed_before_yuan
    return int(100 * (before - filed.redeemed_yuan) / before) if before > 0 else 0


@rule(cites="《单用途商业预付卡管理办法（试行）》第十八条")
def is_face_allowed(face_yuan: Decimal, *, on: date) -> bool:
    """Say whether a card with its holder's name may carry this amount (yuan)."""
    return face_yuan <= Decimal(DEPOSIT.on(on)["most_face_yuan"])


@dataclass(frozen=True)
class Interest:
    """Interest on a refund: yuan, the yearly rate in percent, and for how many days."""

    yuan: Decimal
    percent: Decimal
    days: int


@rule(cites="《最高人民法院关于审理预付式消费民事纠纷案件适用法律若干问题的解释》第十四条至第二十条")
def refund_interest(
    refund_yuan: Decimal, *, is_consumers_reason: bool, contracted_on: date, ended_on: date, paid_on: date
) -> Interest | None:
    """Return the interest on a refund from the day the contract ended until it is paid; None where no rate is known.

    The operator's cause: the one-year LPR of the day of the contract; the consumer's own: the benchmark deposit rate of a
    year. ASSUMPTION: simple interest, 365 days a year, neither end counted twice; the interpretation names the rate and
    the first day only. A contract before the first rate of the parameter yields none.
    """
    if contracted_on < INTEREST.values[0].starts_on:
        return None
    rates = INTEREST.on(contracted_on)
    percent = Decimal(str(rates["deposit_1y" if is_consumers_reason else "lpr_1y"]))
    days = max(0, (paid_on - ended_on).days)
    yuan = refund_yuan * percent / 100 * days / YEAR_DAYS
    return Interest(yuan.quantize(Decimal("0.01")), percent, days)
