"""The place of each fact in the feed. Places are 1, 2, 3, … without a gap, given once, never changed."""

from django.db import models

from zhijian.engines.facts.models import AppendOnlyModel


class FactPlace(AppendOnlyModel):
    """One fact's number. A database's own sequence would leave gaps where a transaction was given up."""

    sequence = models.BigIntegerField(primary_key=True)
    fact_id = models.UUIDField(unique=True)
    complete_through = models.DateTimeField(
        null=True
    )  # every fact recorded up to then has a place, by its seal

    def __str__(self) -> str:
        return f"{self.sequence} {self.fact_id}"
