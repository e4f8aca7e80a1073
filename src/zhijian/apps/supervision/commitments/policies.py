"""May this firm promise, may this promise be checked, here and now? `check_*` raises, with words in both languages."""

from datetime import date

from zhijian.apps.supervision.commitments import rules
from zhijian.apps.supervision.commitments.models import ApprovalCommitment, CommitmentMatter
from zhijian.apps.supervision.commitments.rules import Bar, Withdrawal
from zhijian.engines.facts import queries as facts
from zhijian.engines.facts.publicity import is_removed
from zhijian.engines.procedures.errors import ProcedureRefused

WITHDRAWN = "commitment.withdrawn"


def bar_of(uscc: str, *, on: date, known_on: date) -> Bar | None:
    """Say why a firm could not be approved on a promise on a day, asked of the facts known later; None where it could."""
    known = [one for one in facts.facts_of(uscc, on=known_on, public_only=False) if one.occurred_on <= on]
    is_listed = any(
        one.kind == "serious_list.listed"
        and not is_removed(one, known, on=on)
        and (one.public_until is None or on <= one.public_until)
        for one in known
    )
    withdrawals = [
        Withdrawal(one.occurred_on, date.fromisoformat(one.payload["excluded_until"]))
        for one in known
        if one.kind == WITHDRAWN
    ]
    return rules.bar(is_on_serious_list=is_listed, withdrawals=withdrawals, on=on)


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
