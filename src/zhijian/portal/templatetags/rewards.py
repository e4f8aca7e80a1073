"""What of rewards stands on the workbench: a count for who pays, without a report or a firm."""

from typing import Any

from django import template

from zhijian.apps.consumer.complaints.rewards import queries
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may

register = template.Library()


@register.inclusion_tag("rewards/orders_waiting.html")
def orders_waiting(officer: Officer) -> dict[str, Any]:
    """How many payment orders of the officer's area wait for a receipt; nothing for who does not pay."""
    if not may(officer, Permission.PAY_REWARD):
        return {"shown": False}
    return {"shown": True, "waiting": queries.waiting_orders(officer).count()}
