"""The names of items of inspection and of tags of objects in the language of the page."""

from collections.abc import Mapping

from zhijian.apps.supervision.inspection.models import InspectionItem
from zhijian.apps.supervision.planning.models import ListedItem, ObjectTag
from zhijian.portal.components.words import in_english


def named(items: Mapping[str, str]) -> dict[str, str]:
    """Name items in the language of the page; one without an English name, or listed under another name, keeps its own.

    The register of items says the English name; for texts that left it, the copy that a draw was made by.
    """
    if not in_english():
        return dict(items)
    copies = InspectionItem.objects.filter(code__in=items).values_list("code", "name", "name_en")
    listed = ListedItem.objects.filter(key__in=items).values_list("key", "name", "name_en")
    return _said(items, [*copies, *listed])


def tags_named(tags: Mapping[str, str]) -> dict[str, str]:
    """Name tags in the language of the page; one without an English name, or called otherwise since, keeps its own."""
    if not in_english():
        return dict(tags)
    return _said(tags, list(ObjectTag.objects.filter(key__in=tags).values_list("key", "name", "name_en")))


def _said(names: Mapping[str, str], known: list[tuple[str, str, str]]) -> dict[str, str]:
    said = {key: name_en for key, name, name_en in known if name_en and names[key] == name}
    return {key: said.get(key, name) for key, name in names.items()}
