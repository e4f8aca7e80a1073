"""May this be done to this item, here and now? `check_*` raises, with words in both languages."""

from datetime import date
from typing import Any

from zhijian.apps.consumer.credit_files.models import FileMatter
from zhijian.apps.supervision.listing.rules import objection_clock
from zhijian.apps.supervision.repair.models import RepairMatter
from zhijian.engines.facts.publicity import published_on
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import CaseStatus
from zhijian.standards.calendar import statutory_day

LEAST, MOST = 10, 2000


class NotInFile(ProcedureRefused):
    """The item named is not in the file of the firm named."""

    status = 404

    def __init__(self, uscc: str) -> None:
        super().__init__(
            f"这一条不在{uscc}的档案里（可能属于别的企业，或者已经离开档案）。只能对本企业的记录提出异议或申请修复。",
            f"This item is not in the file of {uscc}: it belongs to another firm, or has left. A firm acts on its own items.",
        )


class OtherAuthority(ProcedureRefused):
    """Another authority decided the item: who listed or punished corrects and repairs, nobody else."""

    def __init__(self, authority: str) -> None:
        super().__init__(
            f"这一条由{authority}决定，异议和修复由它办理（《市场监督管理信用修复管理办法》第四条）。请告知企业向它提出。"
            if authority
            else "这一条没有写明作出决定的机关，本单位不能代办，请转交数据来源单位。",
            f"{authority} decided this item; objections and repairs are its own (article 4 of the repair measures)."
            if authority
            else "The item names no authority that decided it; pass it to the system that delivered it.",
        )


def check_authority(authority: str, *, unit: str) -> None:
    """Refuse to touch what another authority decided, or nobody named."""
    if not authority.strip() or authority.strip() != unit.strip():
        raise OtherAuthority(authority.strip())


def check_statement(text: str) -> str:
    """Return what the firm says, or refuse what says nothing or too much."""
    plain = text.replace("\x00", "").strip()
    if not LEAST <= len(plain) <= MOST:
        raise ProcedureRefused(
            f"请写明事实和理由（{LEAST}至{MOST}字），现在是{len(plain)}字。",
            f"State facts and reasons in {LEAST} to {MOST} characters; these are {len(plain)}.",
        )
    return plain


def check_commitment(is_committed: bool) -> None:
    """Refuse a request to repair without the commitment that the measures ask for."""
    if not is_committed:
        raise ProcedureRefused(
            "申请修复要交守信承诺书，请收到后再登记。",
            "A repair needs the firm's credit commitment; register the request once it was handed in.",
        )


def check_in_time(fact: Any, *, on: date) -> None:
    """Refuse an objection to an abnormal listing after its thirty days; objections to other items know no last day."""
    if fact.kind != "abnormal_list.listed":
        return
    shown_from = published_on(fact.payload, statutory_day(fact.recorded_at))
    last = objection_clock(shown_from).lodge_by
    if on > last:
        raise ProcedureRefused(
            f"对列入经营异常名录的异议要自公示之日起三十日内提出，已于{last}届满；事由消除的可以申请移出，也可以依法申请行政复议。",
            f"An objection to an abnormal listing is lodged within 30 days; they ended on {last}. Ask for removal once it is cured.",
        )


def check_not_pending(source: str, source_key: str) -> None:
    """Refuse a second case about an item while the first is open, here or among the repairs of the supervision field."""
    here = FileMatter.objects.filter(source=source, source_key=source_key, case__status=CaseStatus.OPEN)
    there = RepairMatter.objects.filter(source=source, source_key=source_key, outcome="")
    pending = here.first() or there.first()
    if pending is not None:
        raise ProcedureRefused(
            f"这一条已有案件{pending.case.number}在办，办结后再提。",
            f"Case {pending.case.number} about this item is open; wait for its end.",
        )
