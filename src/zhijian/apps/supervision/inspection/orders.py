"""Until when an order of a check runs: what must be published counts from the day on which the firm received the order."""

from datetime import date

from zhijian.apps.supervision.inspection import site_rules
from zhijian.apps.supervision.inspection.models import Check, FollowUp
from zhijian.engines.documents.models import Service
from zhijian.standards.calendar import statutory_day

OF_SITE = "inspection.site_paper"  # the kind of the papers of a check; their owner is its number and the version of the result


def received_on(check: Check) -> date | None:
    """Return the day on which the firm last received an order of a check; None where none was delivered here."""
    last = (
        Service.objects.filter(
            document__owner_kind=OF_SITE,
            document__owner_id__startswith=f"{check.number}/",
            document__template=site_rules.ORDER,
            document__voiding=None,
        )
        .order_by("-served_at")
        .first()
    )
    return statutory_day(last.served_at) if last is not None else None


def order_ends_on(follow_up: FollowUp) -> date | None:
    """Return the last day of the order that a follow-up looks after."""
    received = received_on(follow_up.check_record)
    return site_rules.order_ends_on(follow_up.kind, follow_up.due_on, delivered_on=received)
