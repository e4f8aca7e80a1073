"""Where a page is about a topic of consumption: what the reader may learn about rights there."""

from typing import Any

from django import template

from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.apps.consumer.education import queries
from zhijian.portal.components.words import in_english
from zhijian.portal.views.register import today

register = template.Library()


@register.inclusion_tag("portal/education/rights.html")
def rights_of_complaint(number: str) -> dict[str, Any]:
    """The same for who complained: by the topic of the complaint, or its own words where none was sure."""
    found = Complaint.objects.filter(number=number).values_list("topic_code", "goods", "facts_text").first()
    return know_your_rights(found[0], f"{found[1]} {found[2]}") if found else {"links": []}


@register.inclusion_tag("portal/education/rights.html")
def know_your_rights(topic: str = "", text: str = "") -> dict[str, Any]:
    """Links by a topic of the taxonomy, or by what a text is about; nothing where neither is clear."""
    code = topic or (queries.topic_of(text) if text else "")
    found = queries.for_topic(code, on=today()) if code else []
    return {"links": [(one.key, (in_english() and one.title_en) or one.name) for one in found]}
