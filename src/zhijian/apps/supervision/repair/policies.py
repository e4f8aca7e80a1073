"""May this be done to this public record, here and now? `check_*` raises, with words in both languages."""

from datetime import date
from typing import Any

from zhijian.apps.consumer.credit_files.models import FileMatter
from zhijian.apps.consumer.credit_files.policies import check_authority, check_commitment, check_statement
from zhijian.apps.supervision.repair.models import RepairMatter
from zhijian.engines.facts import queries as facts
from zhijian.engines.facts import repair
from zhijian.engines.facts.publicity import published_on
from zhijian.engines.facts.repair import Verdict
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import CaseStatus
from zhijian.security.models import Organisation
from zhijian.security.permissions import is_above
from zhijian.standards.calendar import statutory_day

REPAIRABLE = frozenset({"penalty.decided", "serious_list.listed"})
WITHDRAWABLE = REPAIRABLE | {"abnormal_list.listed"}


class NoSuchRecord(ProcedureRefused):
    """The record named is not public about the firm named."""

    status = 404

    def __init__(self) -> None:
        super().__init__(
            "这一条不在这户的公示信息里（可能属于别的企业，或者已经停止公示）。",
            "This record is not among what is public about the firm: it belongs to another, or has left.",
        )


def find_record(uscc: str, fact_id: str, *, on: date, delivered: Any = ()) -> tuple[Any, list[Any]]:
    """Return a public record of a firm and its further standing facts, or refuse."""
    shown = [one.fact for one in facts.public_record(uscc, on=on, delivered=list(delivered))]
    for one in shown:
        if str(one.fact_id) == fact_id:
            return one, [other for other in shown if other is not one]
    raise NoSuchRecord


def verdict_of(fact: Any, others: list[Any], *, on: date) -> Verdict:
    """Say by the one rule whether a public record may be repaired on a day."""
    return repair.repair(
        fact.kind,
        fact.payload,
        occurred_on=fact.occurred_on,
        published_on=published_on(fact.payload, statutory_day(fact.recorded_at)),
        on=on,
        others=[(one.kind, one.occurred_on, one.payload) for one in others],
    )


def check_open(verdict: Verdict) -> None:
    """Refuse an application before it is filed where the law does not let it be granted, saying why and from when."""
    if not verdict.may_ask:
        raise ProcedureRefused(
            f"不能申请修复：{verdict.reason_zh}依据：{verdict.article}。",
            f"Its repair cannot be asked for: {verdict.reason_en} Basis: {verdict.article}.",
        )


def check_kind(fact: Any, kinds: frozenset[str]) -> None:
    """Refuse a record of a kind that this procedure does not know, with the way that leads further."""
    if fact.kind not in kinds:
        raise ProcedureRefused(
            "这一类记录不在这里办理：经营异常名录按移出办理，其他记录有错的可以提出异议。",
            "This kind of record is not handled here: a listing of abnormal operation leaves by removal; others can be objected to.",
        )


def pending(source: str, source_key: str) -> str:
    """Return the number of the open case about a record, here or in the credit files; empty where there is none."""
    here = RepairMatter.objects.filter(source=source, source_key=source_key, outcome="")
    there = FileMatter.objects.filter(source=source, source_key=source_key, case__status=CaseStatus.OPEN)
    found = here.select_related("case").first() or there.select_related("case").first()
    return str(found.case.number) if found is not None else ""


def check_not_pending(source: str, source_key: str) -> None:
    """Refuse a second case about a record while one runs, here or in the credit files."""
    number = pending(source, source_key)
    if number:
        raise ProcedureRefused(
            f"这一条已有案件{number}在办，办结后再提。",
            f"Case {number} about this record is open; wait for its end.",
        )


def unit_of(authority: str) -> Organisation:
    """Return the unit on the platform that decided a record: who decided repairs (article 4), or refuse."""
    found: Organisation | None = Organisation.objects.filter(name=authority.strip()).first()
    if found is None:
        raise ProcedureRefused(
            f"这一条由{authority.strip() or '没有写明的机关'}决定，它不在本平台办理，请直接向它申请（《市场监督管理信用修复管理办法》第四条）。",
            "The authority that decided this record does not work on this platform: apply there (article 4 of the repair measures).",
        )
    return found


def check_may_withdraw(authority: str, *, unit: Organisation) -> None:
    """Refuse a withdrawal by anybody but the authority that decided and those above it, which may annul its decision.

    Raises:
        OtherAuthority: the unit did neither decide nor stands above who did.
    """
    decided = Organisation.objects.filter(name=authority.strip()).first()
    if decided is not None and is_above(unit, decided):
        return
    check_authority(authority, unit=unit.name)


def check_granted(matter: RepairMatter) -> None:
    """Refuse to revoke what was not granted, or was revoked already."""
    if matter.outcome != "granted" or matter.revocations.filter(outcome="revoked").exists():
        raise ProcedureRefused(
            "这件修复没有准予，或者已经撤销，没有可以撤销的。",
            "This repair was not granted, or was revoked already: there is nothing to revoke.",
        )


__all__ = [
    "NoSuchRecord",
    "check_authority",
    "check_commitment",
    "check_granted",
    "check_kind",
    "check_may_withdraw",
    "check_not_pending",
    "check_open",
    "check_statement",
    "find_record",
    "unit_of",
    "verdict_of",
]
