"""The items that may be drawn on a day: those of the published register, copied as they stood when they were drawn."""

from collections.abc import Collection
from datetime import date

from zhijian.apps.supervision.inspection.models import InspectionItem
from zhijian.engines.registers.declared import queries, registry
from zhijian.engines.registers.declared.declaration import Register
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.security.models import Organisation, territory_prefix

REGISTER = "inspection_items"


def standing(
    codes: Collection[str], day: date, unit: Organisation | None = None
) -> dict[str, InspectionItem]:
    """Return those of the codes that stand on the list on a day, and that the unit may draw where one is given.

    The register of items governs; the shipped list does only where nothing was entered on the register yet.
    """
    if (register := _governing()) is None:
        return _shipped(codes, day)
    entries = _on(register, day).filter(key__in=codes)
    return {one.key: _kept(_text(one)) for one in entries if unit is None or _covers(one, unit)}


def offered(unit: Organisation, day: date) -> list[InspectionItem]:
    """Return the items that a unit may draw: of the lists whose area holds the unit's whole area."""
    if (register := _governing()) is None:
        return sorted(_shipped(None, day).values(), key=lambda one: one.code)
    return [_text(one) for one in _on(register, day).order_by("key") if _covers(one, unit)]


def _governing() -> Register | None:
    register = registry.find(REGISTER)
    return register if register is not None and queries.entries(register).exists() else None


def _on(register: Register, day: date) -> queries.Entries:
    return queries.entries(register).filter(valid_from__lte=day).exclude(valid_to__lt=day)


def _covers(entry: DeclaredEntry, unit: Organisation) -> bool:
    return unit.territory.startswith(territory_prefix(entry.division_code))


def _shipped(codes: Collection[str] | None, day: date) -> dict[str, InspectionItem]:
    rows = InspectionItem.objects.filter(register_version=0, valid_from__lte=day).exclude(valid_to__lt=day)
    if codes is not None:
        rows = rows.filter(code__in=codes)
    return {row.code: row for row in rows.order_by("valid_from")}


def _text(entry: DeclaredEntry) -> InspectionItem:
    """Return what an entry says in its present version.

    English words are those of the entry; where it has none, the shipped ones if the Chinese is the same.
    """
    said = entry.snapshot()
    texts = {name: said[name] for name in ("name", "content", "method")}
    known = InspectionItem.objects.filter(code=entry.key, register_version=0).order_by("-valid_from").first()
    english = {
        f"{name}_en": said.get(f"{name}_en")
        or (getattr(known, f"{name}_en") if known and getattr(known, name) == text else text)
        for name, text in texts.items()
    }
    names = ("is_desk_checkable", "is_jointable", "class_code", "cap_per_year", "list_version")
    return InspectionItem(
        code=entry.key,
        object_type=said["object_code"],
        level=said["level_code"],
        legal_basis=f"{said['law']}{said['article']}",
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        register_version=entry.version,
        **texts,
        **english,
        **{name: said[name] for name in names},
    )


def _kept(text: InspectionItem) -> InspectionItem:
    """Keep a text once for each version: a draw goes by it when the list changes later."""
    copied = InspectionItem.objects.filter(
        code=text.code, valid_from=text.valid_from, register_version=text.register_version
    ).first()
    if copied is None:
        text.save()
    return copied or text
