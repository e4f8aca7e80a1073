"""A firm's own class and why, for the firm alone, where the province's dated parameter allows it. Never public."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from zhijian.apps.supervision.class_review import queries as reviews
from zhijian.engines.registers.market_entities import EntityRegister
from zhijian.portal.components.words import in_english
from zhijian.standards import parameters

SHOWN = parameters.load("supervision/own_class_shown")


@dataclass(frozen=True)
class OwnClass:
    """What the firm reads of its class: the letter and its words, as of which month, what weighed on it and what for it."""

    letter: str
    words: str
    month: str
    against: tuple[tuple[str, str], ...]
    in_favour: tuple[tuple[str, str], ...]
    is_set_by_people: bool
    is_insufficient: bool


def is_shown(on: date) -> bool:
    """Say whether the parameter in force lets a firm see its own class."""
    return bool(SHOWN.on(on))


def of_firm(register: EntityRegister, uscc: str, *, on: date) -> OwnClass | None:
    """Return a firm's own class, or nothing where the parameter does not allow it or nobody reckoned one."""
    if not is_shown(on):
        return None
    found = register.credit_class(uscc)
    if found is None:
        return None
    by_people = reviews.set_by_people(uscc, on=on).get("general")
    letter = by_people.decided_class if by_people else found.class_code
    english = in_english()
    reasons = [
        (
            (one.label.en if english else one.label.zh),
            (one.detail.en if english else one.detail.zh),
            one.points,
        )
        for one in found.all_reasons
        if one.points
    ]
    return OwnClass(
        letter, _words()[letter], found.snapshot_month,
        tuple((label, detail) for label, detail, points in reasons if points > 0),
        tuple((label, detail) for label, detail, points in reasons if points < 0),
        by_people is not None, found.is_insufficient,
    )  # fmt: skip


def _words() -> dict[str, str]:
    return {
        "A": _("信用风险低"),
        "B": _("信用风险一般"),
        "C": _("信用风险较高"),
        "D": _("信用风险高"),
    }
