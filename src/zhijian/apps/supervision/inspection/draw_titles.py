"""What a draw is called in the language of the page: its announced title, or the English of the checks that it sent out."""

from collections.abc import Iterable

from zhijian.apps.supervision.inspection.models import InspectionTask
from zhijian.engines.draws.models import Draw
from zhijian.infrastructure.language import in_english


def titles(draws: Iterable[Draw]) -> dict[str, str]:
    """Name draws by plan and attempt; one that nobody named in English keeps the words that were announced."""
    announced = {str(draw): (draw.plan_id, draw.attempt, draw.title) for draw in draws}
    english = {}
    if in_english():
        told = InspectionTask.objects.filter(
            plan_id__in={plan for plan, _attempt, _title in announced.values()}
        )
        english = {(one.plan_id, one.attempt): one.title_en for one in told}
    return {name: english.get((plan, attempt)) or title for name, (plan, attempt, title) in announced.items()}
