"""What the API takes in and gives out about market entities. The credit class is in none of these."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Field, Schema

from zhijian.engines.registers import CodeCheck, EntityFilters, EntityRecord, EntityVersion, Label, Page
from zhijian.engines.registers import Suggestion as RegisterSuggestion
from zhijian.standards.uscc import CodeProblem

DivisionFilter = Annotated[
    str, Field(pattern=r"^([0-9]{6}|unknown)?$", description="GB/T 2260 code or 'unknown'")
]
Kind = Literal["", "enterprise", "individual_business", "cooperative", "other"]
Status = Literal["", "active", "suspended", "liquidating", "revoked", "deregistered", "unknown"]
FIRST_YEAR, LAST_YEAR = 1900, 2100
WITHOUT_NUL = r"^[^\x00]*$"  # the whole site refuses an address with NUL in it


class EntitySearch(Schema):
    """What to look for and by what to narrow it; conditions hold together, an empty one narrows nothing."""

    q: str = Field(
        "",
        max_length=100,
        pattern=WITHOUT_NUL,
        description="name, fragment, pinyin initials, credit code or address",
    )
    prefecture: DivisionFilter = ""
    county: DivisionFilter = ""
    section: str = Field("", pattern=r"^([A-T]|unknown)?$", description="section of GB/T 4754 or 'unknown'")
    kind: Kind = ""
    status: Status = ""
    synthetic: Literal["", "true", "false"] = Field("", description="invented entities only, or none of them")
    from_year: int = Field(
        FIRST_YEAR, ge=FIRST_YEAR, le=LAST_YEAR, description="first year of registration; 1900 for no limit"
    )
    to_year: int = Field(
        LAST_YEAR, ge=FIRST_YEAR, le=LAST_YEAR, description="last year of registration; 2100 for no limit"
    )

    def filters(self) -> EntityFilters:
        return EntityFilters(
            prefecture_code=self.prefecture or None,
            county_code=self.county or None,
            industry_section=self.section or None,
            entity_kind_code=self.kind or None,
            status_code=self.status or None,
            is_synthetic=self.synthetic == "true" if self.synthetic else None,
            registered_from_year=self.from_year if self.from_year > FIRST_YEAR else None,
            registered_to_year=self.to_year if self.to_year < LAST_YEAR else None,
        )


class EntityPageSearch(EntitySearch):
    cursor: str = Field(
        "", max_length=400, pattern=WITHOUT_NUL, description="`next_cursor` of the page before"
    )
    size: int = Field(20, ge=1, le=100)


class Words(Schema):
    zh: str
    en: str

    @classmethod
    def of(cls, label: Label) -> "Words":
        return cls(zh=label.zh, en=label.en)


class Coded(Schema):
    """A value of a code list; `code` is null where the source says nothing."""

    code: str | None
    name: Words


class Division(Schema):
    prefecture_code: str | None
    county_code: str | None
    street_code: str | None
    former_code: str | None = Field(description="the abolished code that the source still carries")
    name: str | None
    evidence: list[Words]


class Capital(Schema):
    """Amounts are exact decimals as text, in units of the currency (not 万)."""

    amount: str | None
    currency_code: str | None
    yuan: str | None = Field(description="only where the currency is CNY: no rate is guessed")
    as_delivered: str | None
    words: Words


class Industry(Schema):
    """Inferred from the business scope, with its confidence from 0 to 1 and the words that decided."""

    code: str | None
    name: str | None
    section: Coded
    confidence: float | None
    decided_by: str | None


class EntityOut(Schema):
    uscc: str
    name: str
    is_synthetic: bool
    status: Coded
    kind: Coded
    enterprise_type_code: str | None
    enterprise_type: str | None
    registered_on: date | None
    capital: Capital
    division: Division
    industry: Industry
    address: str | None
    scope: str | None
    source: str
    delivered_on: date | None
    version: int

    @classmethod
    def of(cls, record: EntityRecord) -> "EntityOut":
        return cls(
            uscc=record.uscc,
            name=record.name,
            is_synthetic=record.is_synthetic,
            status=Coded(code=record.status_code, name=Words.of(record.status)),
            kind=Coded(code=record.entity_kind_code, name=Words.of(record.kind)),
            enterprise_type_code=record.enterprise_type_code,
            enterprise_type=record.enterprise_type_name,
            registered_on=record.registered_on,
            capital=_capital(record),
            division=_division(record),
            industry=_industry(record),
            address=record.address,
            scope=record.scope,
            source=record.source,
            delivered_on=record.delivered_on,
            version=record.version,
        )


def _exact(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


def _capital(record: EntityRecord) -> Capital:
    return Capital(
        amount=_exact(record.capital_amount),
        currency_code=record.capital_currency_code,
        yuan=_exact(record.capital_yuan),
        as_delivered=record.capital_text,
        words=Words.of(record.capital),
    )


def _division(record: EntityRecord) -> Division:
    return Division(
        prefecture_code=record.prefecture_code,
        county_code=record.county_code,
        street_code=record.street_code,
        former_code=record.division_former_code,
        name=record.division_full_name,
        evidence=[Words.of(sentence) for sentence in record.evidence_sentences],
    )


def _industry(record: EntityRecord) -> Industry:
    return Industry(
        code=record.industry_code,
        name=record.industry_name,
        section=Coded(code=record.industry_section, name=Words.of(record.industry_section_label)),
        confidence=record.industry_confidence,
        decided_by=record.industry_words,
    )


class ProblemOut(Schema):
    kind: str
    position: int | None = Field(description="counted from 1; null where it is the whole code")
    found: str
    expected: str
    message: Words

    @classmethod
    def of(cls, problem: CodeProblem) -> "ProblemOut":
        return cls(
            kind=problem.kind,
            position=problem.position,
            found=problem.found,
            expected=problem.expected,
            message=Words(zh=problem.message_zh, en=problem.message_en),
        )


class Registered(Schema):
    uscc: str
    name: str
    is_synthetic: bool


class CodeCheckOut(Schema):
    """`suggestions` are right codes that look alike: ask, never fill in."""

    code: str
    is_valid: bool
    problems: list[ProblemOut]
    flags: list[ProblemOut]
    suggestions: list[str]
    registered: list[Registered]

    @classmethod
    def of(cls, check: CodeCheck) -> "CodeCheckOut":
        return cls(
            code=check.code,
            is_valid=check.is_valid,
            problems=[ProblemOut.of(problem) for problem in check.problems],
            flags=[ProblemOut.of(problem) for problem in check.flags],
            suggestions=list(check.suggestions),
            registered=[
                Registered(uscc=one.uscc, name=one.name, is_synthetic=one.is_synthetic)
                for one in check.registered
            ],
        )


class EntityPage(Schema):
    """`count` is exact unless `is_count_capped`: then there are more than that."""

    as_of: date | None
    count: int
    is_count_capped: bool
    next_cursor: str | None
    code_check: CodeCheckOut | None
    entities: list[EntityOut]

    @classmethod
    def of(cls, page: Page) -> "EntityPage":
        return cls(
            as_of=page.as_of,
            count=page.count,
            is_count_capped=page.is_count_capped,
            next_cursor=page.next_cursor,
            code_check=CodeCheckOut.of(page.code_check) if page.code_check else None,
            entities=[EntityOut.of(record) for record in page.records],
        )


class Counts(Schema):
    as_of: date | None
    by: str
    counts: dict[str, int]


class SegmentOut(Schema):
    text: str
    is_match: bool


class SuggestionOut(Schema):
    uscc: str
    name: str
    segments: list[SegmentOut]
    prefecture: Words
    status: Words
    is_synthetic: bool

    @classmethod
    def of(cls, one: RegisterSuggestion) -> "SuggestionOut":
        return cls(
            uscc=one.uscc,
            name=one.name,
            segments=[SegmentOut(text=part.text, is_match=part.is_match) for part in one.segments],
            prefecture=Words.of(one.prefecture),
            status=Words.of(one.status),
            is_synthetic=one.is_synthetic,
        )


class VersionOut(Schema):
    """The entity as it stood from `valid_from` until `valid_to` (null: it stands so now)."""

    version: int
    valid_from: datetime | None
    valid_to: datetime | None
    changed_fields: list[str]
    change_reason: str | None
    entity: EntityOut

    @classmethod
    def of(cls, one: EntityVersion) -> "VersionOut":
        return cls(
            version=one.record.version,
            valid_from=one.record.valid_from,
            valid_to=one.valid_to,
            changed_fields=list(one.changed_fields),
            change_reason=one.change_reason,
            entity=EntityOut.of(one.record),
        )


def not_sealed(source: str, day: date) -> Words:
    """Say of a delivered fact who delivered it and when: nothing here vouches for it."""
    return Words(
        zh=f"由{source}于{day}交付，没有在这里封存", en=f"Delivered by {source} on {day}, not sealed here"
    )


class FactOut(Schema):
    """A fact that is public today, delivered by another system or recorded here."""

    fact_id: str
    kind: str
    occurred_on: date
    recorded_at: datetime
    source: str
    legal_basis: str | None
    public_until: date | None
    is_synthetic: bool
    payload: dict[str, Any]
    is_in_log: bool = Field(
        description="the log that is sealed each day holds it; otherwise nothing vouches for it"
    )
    proof: str | None = Field(description="page with the proof that the log holds it")
    note: Words | None
