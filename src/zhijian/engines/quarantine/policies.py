"""May this be done to this row now? `check_*` raises, with words for the officer in both languages."""

from zhijian.datazone.contracts import Contract
from zhijian.datazone.ingest.resubmission import is_waivable
from zhijian.datazone.quarantine import RefusedRow
from zhijian.engines.quarantine.models import Resolution
from zhijian.standards.bilingual import BilingualError


class Refusal(BilingualError):
    """What was asked cannot be done to this row."""

    wording = "{zh}"


class Conflict(Refusal):
    """Somebody else acted on the row since this officer looked at it."""

    def __init__(self, newest: Resolution) -> None:
        who = newest.officer.display_name or newest.officer.username
        who_en = newest.officer.display_name_en or who
        super().__init__(
            f"{who}已先处理第{newest.source_line:,}行（{newest.get_action_display()}）。您填的内容没有丢，请核对后再定。",
            f"{who_en} acted on line {newest.source_line:,} first. What you typed is kept; compare and decide again.",
        )
        self.newest = newest


def check_seen(acts: list[Resolution], seen: int) -> None:
    """Refuse if the row has more acts than the officer saw, or is done with.

    Raises:
        Conflict: somebody was quicker.
    """
    if acts and (len(acts) != seen or acts[-1].is_final):
        raise Conflict(acts[-1])


def check_reason(reason: str) -> None:
    """Refuse to act without a reason.

    Raises:
        Refusal: the reason has fewer than four characters.
    """
    if len(reason.strip()) < 4:
        raise Refusal(
            "请写明理由（至少4个字），它会和这一行一起保留。",
            "Give a reason of at least four characters; it stays with the row.",
        )


def check_waivable(contract: Contract, row: RefusedRow) -> None:
    """Refuse to let pass what no table could hold, or what would hide something.

    Raises:
        Refusal: one of the broken rules cannot be waived.
    """
    firm = [rule_id for rule_id in row.rule_ids if not is_waivable(contract, rule_id)]
    if firm:
        raise Refusal(
            f"规则{'、'.join(firm)}不能放行：缺了必填内容、类型不对、重复或含不可见字符的行进不了标准表。请修正或退回来源。",
            f"Rules {', '.join(firm)} cannot be waived: the row is incomplete, repeated, of the wrong type or hides "
            "characters. Fix it or return it.",
        )


def can_waive(contract: Contract, row: RefusedRow) -> bool:
    """Say for the page whether waiving is offered."""
    return all(is_waivable(contract, rule_id) for rule_id in row.rule_ids)


def check_changed(contract: Contract, changes: dict[str, str]) -> None:
    """Refuse a correction that corrects nothing, or names fields that the contract lacks.

    Raises:
        Refusal: no field, or an unknown one.
    """
    known = {field.name for field in contract.fields}
    if not changes or not changes.keys() <= known:
        raise Refusal("请至少修正一个字段。", "Correct at least one field.")
