"""What the register of market entities hands out: frozen records that know how to say what they hold."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from zhijian.datazone.mart.credit_reasons import SHOWN, reasons_of
from zhijian.engines.facts.publicity import delivered_until
from zhijian.engines.registers import code_lists
from zhijian.engines.registers.code_lists import NOT_STATED
from zhijian.engines.registers.declaration import Label
from zhijian.standards import parameters
from zhijian.standards.calendar import ZONE, add_months


@dataclass(frozen=True)
class DivisionEvidence:
    """What decided one level of an entity's division: the words, and where they stood."""

    level: str
    code: str
    source: str
    words: str

    @property
    def sentence(self) -> Label:
        level = code_lists.DIVISION_LEVELS.get(self.level, Label(self.level, self.level))
        source = code_lists.EVIDENCE_SOURCES.get(self.source, Label(self.source, self.source))
        name = code_lists.division_name(self.code) or self.code
        return Label(
            f"{level.zh}：{name}（依据{source.zh}中的“{self.words}”）",
            f"{level.en}: {name} (from “{self.words}” in the {source.en})",
        )


@dataclass(frozen=True)
class EntityRecord:
    """A market entity as it stands on the register; the fields are those of `entity_market_entities`.

    Money is in the units of its currency (yuan, not 万). A null status means that the source does not say.
    """

    entity_id: int
    uscc: str
    name: str
    status_code: str | None
    registered_on: date | None
    enterprise_type_code: str | None
    entity_kind_code: str
    capital_yuan: Decimal | None
    capital_amount: Decimal | None
    capital_currency_code: str | None
    capital_text: str | None
    scope: str | None
    prefecture_code: str | None
    county_code: str | None
    street_code: str | None
    division_evidence: tuple[DivisionEvidence, ...]
    division_former_code: str | None
    industry_code: str | None
    industry_section: str | None
    industry_confidence: float | None
    industry_words: str | None
    address: str | None
    is_synthetic: bool
    source: str
    delivery_sha256: str
    delivered_on: date | None
    valid_from: datetime | None
    version: int

    @classmethod
    def from_stored(cls, values: Mapping[str, Any]) -> "EntityRecord":
        """Build a record from the plain values of the serving store or of a version's snapshot."""
        known = {name: _READ.get(name, _same)(values.get(name)) for name in ENTITY_COLUMNS}
        return cls(**known)

    @property
    def code_groups(self) -> tuple[str, str, str, str]:
        """The code as people read it out: 91 440106 MA9XH0TW2 T."""
        return self.uscc[:2], self.uscc[2:8], self.uscc[8:17], self.uscc[17:]

    @property
    def status(self) -> Label:
        return code_lists.STATUSES.get(self.status_code or "", NOT_STATED)

    @property
    def kind(self) -> Label:
        return code_lists.KINDS.get(self.entity_kind_code, code_lists.KINDS["other"])

    @cached_property
    def prefecture_name(self) -> str | None:
        return code_lists.division_name(self.prefecture_code)

    @property
    def prefecture(self) -> Label:
        return code_lists.prefecture_label(self.prefecture_code)

    @cached_property
    def county_name(self) -> str | None:
        return code_lists.division_name(self.county_code)

    @cached_property
    def street_name(self) -> str | None:
        return code_lists.division_name(self.street_code)

    @property
    def division_full_name(self) -> str | None:
        """The names from prefecture to street that are known, without a gap between them."""
        return "".join(filter(None, (self.prefecture_name, self.county_name, self.street_name))) or None

    @cached_property
    def industry_name(self) -> str | None:
        return code_lists.industry_name(self.industry_code)

    @property
    def industry_section_label(self) -> Label:
        return code_lists.industry_section_label(self.industry_section)

    @cached_property
    def enterprise_type_name(self) -> str | None:
        return code_lists.enterprise_type_name(self.enterprise_type_code)

    @property
    def capital(self) -> Label:
        """Registered capital as people read it; the source's own words where they could not be read."""
        return code_lists.capital_label(self.capital_amount, self.capital_currency_code, self.capital_text)

    @property
    def evidence_sentences(self) -> tuple[Label, ...]:
        return tuple(evidence.sentence for evidence in self.division_evidence)

    @property
    def industry_sentence(self) -> Label | None:
        """Which words decided the industry and how sure that is; None where no industry was found."""
        if self.industry_code is None:
            return None
        share = "" if self.industry_confidence is None else f"{self.industry_confidence:.0%}"
        words = self.industry_words or ""
        return Label(
            f"由经营范围推定：“{words}”" + (f"，把握{share}" if share else ""),
            f"Inferred from the business scope: “{words}”" + (f", confidence {share}" if share else ""),
        )


ENTITY_COLUMNS = tuple(one.name for one in fields(EntityRecord))


def _same(value: Any) -> Any:
    return value


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value[:10]) if value else None


def _instant(value: str | None) -> datetime | None:
    if not value:
        return None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _decimal(value: str | None) -> Decimal | None:
    return Decimal(value) if value is not None else None


def _evidence(value: str | None) -> tuple[DivisionEvidence, ...]:
    return tuple(
        DivisionEvidence(
            level=str(part.get("level", "")),
            code=str(part.get("code", "")),
            source=str(part.get("from", "")),
            words=str(part.get("words", "")),
        )
        for part in json.loads(value or "[]") or []
    )


_READ: dict[str, Callable[[Any], Any]] = {
    "registered_on": _date,
    "delivered_on": _date,
    "valid_from": _instant,
    "capital_yuan": _decimal,
    "capital_amount": _decimal,
    "division_evidence": _evidence,
    "is_synthetic": bool,
    "version": int,
    "entity_id": int,
}


@dataclass(frozen=True)
class EntityVersion:
    """The record as it stood from `record.valid_from` until `valid_to` (None: it stands so now)."""

    record: EntityRecord
    valid_to: datetime | None
    changed_fields: tuple[str, ...]
    change_reason: str | None


@dataclass(frozen=True)
class DeliveredFact:
    """A fact that another system delivered. Whether it may be shown is for engine `facts` to say."""

    fact_id: str
    uscc: str
    kind: str
    occurred_on: date
    recorded_at: datetime
    source: str
    source_key: str
    payload: dict[str, Any]
    legal_basis: str | None
    public_until: date | None
    is_synthetic: bool

    @classmethod
    def from_typed(cls, row: Mapping[str, Any], uscc: str) -> "DeliveredFact":
        """Build a fact from a row of `entity_facts`, whose substance is typed; it became known at the start of its day.

        No typed row says how long it is public: its last day is reckoned by the rule of its kind.
        """
        given = {
            "amount_yuan": None if row["amount_yuan"] is None else str(row["amount_yuan"]),
            "codes": row["codes"].split(",") if row["codes"] else None,
            **{name: row[name] for name in ("ground_code", "field_code", "reference")},
        }
        payload = {name: value for name, value in given.items() if value is not None}
        return cls(
            fact_id=f"{row['source']}/{row['source_key']}",
            uscc=uscc,
            kind=row["kind"],
            occurred_on=row["occurred_on"],
            recorded_at=datetime.combine(row["recorded_on"], time.min, ZONE),
            source=row["source"],
            source_key=row["source_key"],
            payload=payload,
            legal_basis=None,
            public_until=delivered_until(
                row["kind"], payload, occurred_on=row["occurred_on"], recorded_on=row["recorded_on"]
            ),
            is_synthetic=row["is_synthetic"],
        )


@dataclass(frozen=True)
class Reason:
    feature: str
    label: Label
    points: int
    detail: Label


@dataclass(frozen=True)
class CreditClass:
    """The credit-risk class of an entity: internal, for officers who inspect; never on a public page.

    `score` runs from 0 to 1000, higher is riskier. `measured` holds the points and counts of the indicators that
    have any, by the names of their columns in `mart_credit_score`.
    """

    uscc: str
    class_code: str
    score: int
    rule_version: str
    snapshot_month: str
    is_insufficient: bool
    measured: Mapping[str, int]

    @property
    def month_end(self) -> date:
        """The day as of which the class was computed."""
        year, month = map(int, self.snapshot_month.split("-"))
        return add_months(date(year, month, 1), 1) - timedelta(days=1)

    @cached_property
    def all_reasons(self) -> tuple[Reason, ...]:
        """Every reason, the heaviest first, in the words of the rule in force at the month's end."""
        weights = parameters.load("supervision/credit_class").on(self.month_end)
        row = {**self.measured, "is_insufficient": self.is_insufficient}
        return tuple(
            Reason(
                one.indicator_id,
                Label(one.label_zh, one.label_en),
                one.points,
                Label(one.detail_zh, one.detail_en),
            )
            for one in reasons_of(row, weights, limit=None)
        )

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The five heaviest reasons."""
        return self.all_reasons[:SHOWN]

    @property
    def further_reasons(self) -> tuple[Reason, ...]:
        return self.all_reasons[SHOWN:]


@dataclass(frozen=True)
class Segment:
    """A piece of a shown text: `is_match` where it is what the person looked for."""

    text: str
    is_match: bool


@dataclass(frozen=True)
class Suggestion:
    """One line of the list under the search box."""

    uscc: str
    name: str
    segments: tuple[Segment, ...]
    prefecture: Label
    status: Label
    is_synthetic: bool
