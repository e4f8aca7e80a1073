"""When an association's word about a member may be taken in and shown. Pure."""

from datetime import date

from zhijian.standards.citation import rule

_PLAN = "《广东省市场监管现代化“十四五”规划》第五章第二节"


@rule(cites=_PLAN)
def is_shared(agreement_from: date | None, agreement_to: date | None, *, on: date) -> bool:
    """Say whether an agreement with the platform to share files is in force on a day."""
    return (
        agreement_from is not None and agreement_from <= on and (agreement_to is None or on <= agreement_to)
    )


@rule(cites=_PLAN)
def is_member(
    member_from: date, member_to: date | None, consent_on: date, consent_ended_on: date | None, *, on: date
) -> bool:
    """Say whether a firm is a member and agreed to the file on a day.

    ASSUMPTION: the last day of a membership still counts; the day on which consent ends does not.
    """
    is_in = member_from <= on and (member_to is None or on <= member_to)
    return is_in and consent_on <= on and (consent_ended_on is None or on < consent_ended_on)
