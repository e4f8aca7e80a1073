"""Signs that somebody complains for a living (职业索赔): shown to officers for review, never a decision.

Order 121 article 17 lists what may be considered; the limits are dated data. Whatever the signs say, a refusal on ground
R3 needs a fact that rests on a document (`rules.refusal_problems`), and the public clue is verified all the same.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b

from zhijian.standards import parameters
from zhijian.standards.citation import rule

LIMITS = parameters.load("consumer/claimant_indicators")
A17 = "《市场监督管理投诉举报处理办法》第十七条"
ALIKE = 0.8  # of two texts' signatures, from which one counts as a copy of the other
_HASHES = 64
_ROUND_YUAN = {500, 1000}


@dataclass(frozen=True)
class Filing:
    """One complaint as the signs see it: no name, only marks and amounts (yuan)."""

    received_on: date
    respondent: str
    product: str = ""
    text: str = ""
    price_yuan: float = 0
    claim_yuan: float = 0
    order_count: int = 1
    is_withdrawn_paid: bool = False
    address_mark: str = ""
    phone_mark: str = ""
    person_mark: str = ""


@dataclass(frozen=True)
class Sign:
    """One indicator: its value, its limit, and whether it lies beyond."""

    name: str
    label_zh: str
    label_en: str
    value: float
    limit: float

    @property
    def is_beyond(self) -> bool:
        return self.value >= self.limit


@rule(cites=f"{A17}第一款第二项")
def product_concentration(products: Iterable[str]) -> float:
    """Return how far complaints keep to few classes of goods: the sum of squared shares, 1 where all are alike."""
    counts = Counter(product for product in products if product)
    total = sum(counts.values())
    return sum((count / total) ** 2 for count in counts.values()) if total else 0.0


@rule(cites=f"{A17}第一款第二项")
def same_text_share(texts: Sequence[str]) -> float:
    """Return the share of texts that have another at least 0.8 alike, by 64 minimum hashes of three-character pieces."""
    signatures = [_signature(text) for text in texts]
    alike = sum(
        any(
            other != place and _likeness(signature, signatures[other]) >= ALIKE
            for other in range(len(signatures))
        )
        for place, signature in enumerate(signatures)
    )
    return alike / len(texts) if texts else 0.0


@rule(cites=f"{A17}第一款第一项")
def multiple_purchases(filings: Sequence[Filing]) -> int:
    """Return in how many different shops the same goods were bought within any 7 days, at most."""
    most = 0
    for first in filings:
        last = first.received_on + timedelta(days=6)
        shops = {
            one.respondent
            for one in filings
            if one.product and one.product == first.product and first.received_on <= one.received_on <= last
        }
        most = max(most, len(shops))
    return most


@rule(cites=A17)
def signs_of(filings: Sequence[Filing], on: date) -> list[Sign]:
    """Return every sign of one claimant's filings of the last 12 months, as of `on`."""
    recent = [one for one in filings if on - timedelta(days=365) < one.received_on <= on]
    count = len(recent) or 1
    limits = LIMITS.on(on)
    values = (
        ("complaints_12_months", "十二个月内投诉件数", "Complaints in 12 months", len(recent)),
        ("respondents_12_months", "被投诉人数", "Different respondents", len({one.respondent for one in recent})),
        ("product_concentration", "商品集中度", "Concentration on goods", product_concentration(one.product for one in recent) if len(recent) > 2 else 0),
        ("same_text_share", "雷同文本占比", "Share of texts alike", same_text_share([one.text for one in recent])),
        ("multiple_purchases", "七日内购买同一商品的店数", "Shops with the same goods within 7 days", multiple_purchases(recent)),
        ("paid_withdrawal_share", "获付款后撤回占比", "Share withdrawn after payment", sum(one.is_withdrawn_paid for one in recent) / count),
        ("round_claim_share", "按500、1000元或三倍、十倍索赔占比", "Share claiming 500, 1,000 or 3 or 10 times", sum(_is_round(one) for one in recent) / count),
        ("people_at_one_address", "同一地址的不同投诉人", "People at one address", _people(recent, "address_mark")),
        ("people_with_one_phone", "同一电话的不同投诉人", "People with one phone", _people(recent, "phone_mark")),
    )  # fmt: skip
    return [Sign(name, zh, en, round(value, 2), limits[name]) for name, zh, en, value in values]


@rule(cites=A17)
def needs_review(signs: Iterable[Sign], on: date) -> bool:
    """Say whether an officer should look at the claimant's record: from a number of signs beyond their limit."""
    return bool(sum(sign.is_beyond for sign in signs) >= LIMITS.on(on)["tier_review"])


def _is_round(filing: Filing) -> bool:
    claim, price = filing.claim_yuan, filing.price_yuan
    return claim > 0 and (claim in _ROUND_YUAN or (price > 0 and claim / price in {3, 10}))


def _people(filings: Sequence[Filing], mark: str) -> int:
    people: dict[str, set[str]] = {}
    for one in filings:
        if getattr(one, mark):
            people.setdefault(getattr(one, mark), set()).add(one.person_mark)
    return max((len(found) for found in people.values()), default=0)


def _signature(text: str) -> tuple[int, ...]:
    plain = "".join(one for one in text.casefold() if one.isalnum())
    pieces = {plain[place : place + 3] for place in range(max(len(plain) - 2, 1))} if plain else set()
    if not pieces:
        return ()
    hashed = [
        int.from_bytes(blake2b(piece.encode(), digest_size=8).digest(), "big") for piece in sorted(pieces)
    ]
    return tuple(min(_mixed(value, seed) for value in hashed) for seed in range(_HASHES))


def _mixed(value: int, seed: int) -> int:
    """A cheap family of hashes over one good hash: odd multiplier, shifted, per seed."""
    return (value * (2 * seed + 0x9E3779B97F4A7C15) + seed * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF


def _likeness(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    if not one or not other:
        return 0.0
    return sum(a == b for a, b in zip(one, other, strict=True)) / _HASHES
