"""The names of items of inspection in the language of the page."""

from collections.abc import Mapping

from zhijian.apps.supervision.inspection.models import InspectionItem
from zhijian.portal.components.words import in_english


def named(items: Mapping[str, str]) -> dict[str, str]:
    """Name items in the language of the page; one without an English name, or listed under another name, keeps its own."""
    if not in_english():
        return dict(items)
    listed = InspectionItem.objects.filter(code__in=items).values_list("code", "name", "name_en")
    said = {code: name_en for code, name, name_en in listed if name_en and items[code] == name}
    return {code: said.get(code, name) for code, name in items.items()}
