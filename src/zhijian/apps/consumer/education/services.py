"""Verbs on consumer education: count a reading."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from zhijian.apps.consumer.education import queries
from zhijian.apps.consumer.education.models import EducationItem, ReadingCount
from zhijian.standards.bilingual import BilingualError
from zhijian.standards.calendar import statutory_day

MOST_A_DAY = 5_000
"""So many readings of one item are counted from one county on one day; more tells of a program, not of readers."""


class NotCounted(BilingualError):
    """A reading was not counted; says why in both languages."""


def count_reading(item: str, division_code: str, *, by: Any, at: datetime) -> None:
    """Count one reading for a county that the reader chose. `by` is always None: nobody is kept.

    Raises:
        NotCounted: no such item or county here, or the day's limit is reached.
    """
    if not queries.is_county(division_code):
        raise NotCounted("请选择您所在的县（市、区）。", "Choose your county.")
    if not EducationItem.objects.filter(key=item).exists():
        raise NotCounted("没有这一篇。", "There is no such item.")
    with transaction.atomic():
        row, _new = ReadingCount.objects.get_or_create(
            item=item, day=statutory_day(at), division_code=division_code
        )
        counted = ReadingCount.objects.filter(pk=row.pk, count__lt=MOST_A_DAY).update(count=F("count") + 1)
    if not counted:
        raise NotCounted(
            "今天这个县区的次数已经数满，不再增加。",
            "The day's count of this county is full; it grows no more.",
        )
