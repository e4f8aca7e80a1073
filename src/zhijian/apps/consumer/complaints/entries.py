"""What is handed to the services: a submission as its channel read it, in plain values."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from zhijian.apps.consumer.complaints.codes import RespondentKind
from zhijian.apps.consumer.complaints.people import Person
from zhijian.security.models import Organisation


@dataclass(frozen=True)
class Respondent:
    """Whom a complaint or a report is about. Division codes have 6 or 9 digits; empty where unknown."""

    name: str
    code: str = ""
    address: str = ""
    contact: str = ""
    kind: str = RespondentKind.ORDINARY
    division_code: str = ""
    published_division_code: str = ""
    platform_name: str = ""
    platform_code: str = ""
    platform_division_code: str = ""


@dataclass(frozen=True)
class ComplaintEntry:
    """The complaint's part of a submission. Sums are in yuan."""

    facts_text: str
    claims: tuple[str, ...] = ()
    goods: str = ""
    topic_code: str = ""
    bought_on: date | None = None
    knew_on: date | None = None
    place: str = ""
    order_number: str = ""
    amount_yuan: Decimal | None = None
    damage_text: str = ""
    claim_amount_yuan: Decimal | None = None
    consents_to_publish: bool = False
    consents_to_delegation: bool = False
    is_for_daily_life: bool = True
    is_prepaid: bool = False
    organisation: Organisation | None = None  # who handles it; None: who received the submission


@dataclass(frozen=True)
class ReportEntry:
    """The report's part of a submission. Who reported is apart, in `reporter` of the submission."""

    clue_text: str
    factual_basis: str = ""
    goods: str = ""
    topic_code: str = ""
    conduct_place: str = ""
    conduct_division_code: str = ""
    special_field: str = ""
    is_insider: bool = False
    organisation: Organisation | None = None


@dataclass(frozen=True)
class Reference:
    """A ticket of another system behind a submission."""

    system: str
    number: str
    category: str = ""
    first_call_at: datetime | None = None
    dispatched_at: datetime | None = None
    signed_for_at: datetime | None = None
    deadline_on: date | None = None


@dataclass(frozen=True)
class SubmissionEntry:
    """One envelope. `competent_received_at` is None until an authority with jurisdiction has it (J-7)."""

    receipt_number: str
    channel: str
    raw_text: str
    first_received_at: datetime
    received_by: Organisation
    respondent: Respondent | None = None
    complaint: ComplaintEntry | None = None
    report: ReportEntry | None = None
    parties: tuple[Person, ...] = ()
    reporter: Person | None = None
    references: tuple[Reference, ...] = ()
    competent_received_at: datetime | None = None
    redirected_to: str = ""
    receipt_code_hash: str = ""
    language: str = "zh-hans"
    send_key: UUID | None = None
    is_urgent: bool = False
    is_synthetic: bool = False


@dataclass(frozen=True)
class Refusal:
    """Why a complaint is not accepted, and what other ways its maker has."""

    ground: str
    reason: str
    remedies_text: str
    document_facts: tuple[str, ...] = ()
    citation: str = ""


@dataclass(frozen=True)
class Called:
    """To which session of mediation both parties are called."""

    on: date
    time: str  # 09:30, or empty
    place: str


@dataclass(frozen=True)
class Session:
    """One attempt at mediation: who came, how, what was said."""

    mode: str  # on_site, online, phone
    held_on: date
    attended: tuple[str, ...] = ()  # complainant, respondent, agent …
    statement: str = ""


@dataclass(frozen=True)
class Agreement:
    """What the parties agreed. A document is made after mediation on site unless done at once or both waive it."""

    content: str
    amount_yuan: Decimal | None = None
    was_on_site: bool = False
    performed_at_once: bool = False
    both_waive_document: bool = False
    represented_consent: bool = False  # of the consumers for whom an agent or representatives agreed


@dataclass(frozen=True)
class Closing:
    """How a complaint ends for the record: whether it was found true, on what, and whether it is published."""

    is_upheld: bool = False
    finding: str = ""
    wants_publication: bool = False
    summary: str = ""


@dataclass(frozen=True)
class Verification:
    """What the verification of a clue found. `tests` are the four of article 19."""

    finding: str
    ground: str = ""
    tests: dict[str, bool] = field(default_factory=dict)
