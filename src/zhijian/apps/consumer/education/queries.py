"""What reading pages and the statistics read."""

from collections import Counter
from datetime import date

from django.db.models import Q, QuerySet, Sum

from zhijian.apps.consumer.education import rules
from zhijian.apps.consumer.education.models import EducationBase, EducationEvent, EducationItem, ReadingCount
from zhijian.standards import consumer_matters, divisions
from zhijian.standards.calendar import add_months

_NEEDED = 2  # words of a matter in a text before it is taken to be about it


def standing(on: date) -> QuerySet[EducationItem]:
    """Return the items that are published on a day."""
    ends = Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    found: QuerySet[EducationItem] = EducationItem.objects.filter(ends, valid_from__lte=on)
    return found


def for_topic(topic: str, *, on: date, most: int = 3) -> list[EducationItem]:
    """Return what there is to learn about a topic of the taxonomy: of its field, the newest first."""
    if not consumer_matters.find(topic):
        return []
    return list(standing(on).filter(field_code=topic[: consumer_matters.FIELD_DIGITS])[:most])


def topic_of(text: str) -> str:
    """Return the field of the taxonomy that a text is about, by its words; empty where none is clear."""
    counts: Counter[str] = Counter()
    for matter in consumer_matters.all_entries().values():
        hits = sum(word in text for word in matter.words)
        counts[matter.code[: consumer_matters.FIELD_DIGITS]] += hits
    best = counts.most_common(2)
    if not best or best[0][1] < _NEEDED or (len(best) > 1 and best[0][1] == best[1][1]):
        return ""
    return best[0][0]


def counties() -> list[str]:
    """Return the counties of the province; a city without counties (Dongguan, Zhongshan) stands for itself."""
    found: list[str] = []
    for city in divisions.children("440000"):
        inside = [
            one.code
            for one in divisions.children(city.code)
            if one.level == divisions.COUNTY and not one.name.endswith("市辖区")
        ]
        found += inside or [city.code]
    return found


def is_county(code: str) -> bool:
    """Whether a reader may choose this place."""
    return code in counties()


def coverage(on: date) -> rules.Coverage:
    """Return which counties education reaches."""
    since = add_months(on, -rules.COVERAGE.on(on)["window_months"])
    ends = Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    bases = EducationBase.objects.filter(ends, valid_from__lte=on).values_list("division_code", flat=True)
    events = EducationEvent.objects.values_list("division_code", "valid_from")
    counted = ReadingCount.objects.filter(day__gt=since, day__lte=on).values("division_code")
    readings = dict(counted.annotate(n=Sum("count")).values_list("division_code", "n"))
    return rules.coverage(
        counties(), bases=[code[:6] for code in bases], events=[(code[:6], day) for code, day in events],
        readings=readings, on=on,
    )  # fmt: skip


def by_city(on: date) -> list[tuple[str, int, int, float]]:
    """Return for each city its name, the counties reached, all its counties, and the share in percent."""
    found = coverage(on)
    whole: Counter[str] = Counter(f"{code[:4]}00" for code in counties())
    part: Counter[str] = Counter(f"{code[:4]}00" for code in found.covered)
    return [(code, part[code], n, round(100 * part[code] / n, 1)) for code, n in sorted(whole.items())]


def readings_by_month(on: date) -> list[tuple[str, int]]:
    """Return the readings of the last twelve months, by month."""
    since = add_months(on, -12)
    rows = ReadingCount.objects.filter(day__gt=since, day__lte=on).values_list("day", "count")
    counts: Counter[str] = Counter()
    for day, n in rows:
        counts[f"{day:%Y-%m}"] += n
    return sorted(counts.items())
