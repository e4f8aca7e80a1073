"""What pages read of reviews: the class that people set and that still stands, and the reviews of a firm."""

from datetime import date

from zhijian.apps.supervision.class_review.models import ReviewMatter


def set_by_people(uscc: str, *, on: date) -> dict[str, ReviewMatter]:
    """Return the newest standing decision to set a class, by scope; one whose term is over, or that kept the model's, is none."""
    found: dict[str, ReviewMatter] = {}
    for one in (
        ReviewMatter.objects.filter(uscc=uscc, decided_on__lte=on)
        .select_related("case")
        .order_by("decided_on", "pk")
    ):
        found[one.scope] = one
    return {scope: one for scope, one in found.items() if one.until is not None and on <= one.until}


def of_firm(uscc: str) -> list[ReviewMatter]:
    """Return the reviews of a firm, newest first."""
    return list(ReviewMatter.objects.filter(uscc=uscc).select_related("case").order_by("-pk"))
