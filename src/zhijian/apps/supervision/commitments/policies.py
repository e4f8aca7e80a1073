"""May this firm promise, may this promise be checked, here and now? `check_*` raises, with words in both languages."""

from datetime import date

from zhijian.apps.supervision.commitments import rules
from zhijian.apps.supervision.commitments.models import ApprovalCommitment, CommitmentMatter
from zhijian.apps.supervision.commitments.rules import Bar, Withdrawal
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.registers.public_records import everything_of, is_on_serious_list

WITHDRAWN = "commitment.withdrawn"


def bar_of(uscc: str, *, on: date, known_on: date) -> Bar | None:
    """Say why a firm could not be approved on a promise on a day, asked of the facts known later; None where it could."""
    known = [one for one in everything_of(uscc, on=known_on) if one.occurred_on <= on]
    withdrawals = [
        Withdrawal(one.occurred_on, date.fromisoformat(one.payload["excluded_until"]))
        for one in known
        if one.kind == WITHDRAWN
    ]
    return rules.bar(is_on_serious_list=is_on_serious_list(known, on=on), withdrawals=withdrawals, on=on)


def check_unchecked(commitment: ApprovalCommitment, *, on: date) -> None:
    """Refuse a second case about a promise, and one about a promise that does not stand."""
    matter = CommitmentMatter.objects.filter(commitment=commitment.key).select_related("case").first()
    if matter is not None:
        raise ProcedureRefused(
            f"这项承诺已经由案件{matter.case.number}核查。",
            f"Case {matter.case.number} checks this promise already.",
        )
    if not commitment.stands_on(on):
        raise ProcedureRefused(
            "这项承诺现在不在有效期内，没有可以核查的。", "The promise does not stand now: nothing to check."
        )
