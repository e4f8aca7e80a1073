"""Facts, the log of sealed facts, and the seals. Rows are added, never changed or deleted."""

from typing import Any, ClassVar, NoReturn

from django.db import models

from zhijian.engines.facts.errors import AppendOnly


def _refuse(what: str) -> NoReturn:
    raise AppendOnly(
        f"{what}只增不改：已记录的内容不能修改或删除。请记录一条更正（correct）或撤回（withdraw）。",
        f"{what}: nothing recorded is changed or deleted. Record a correction or a withdrawal.",
    )


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Refuses what would change or delete rows in bulk."""

    def update(self, **kwargs: Any) -> int:
        _refuse(self.model.__name__)

    def delete(self) -> tuple[int, dict[str, int]]:
        _refuse(self.model.__name__)


class AppendOnlyModel(models.Model):
    """A row that is written once."""

    objects: ClassVar[models.Manager[Any]] = models.Manager.from_queryset(AppendOnlyQuerySet)()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the row.

        Raises:
            AppendOnly: the row exists already.
        """
        if not self._state.adding:
            _refuse(f"{type(self).__name__} {self.pk}")
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse.

        Raises:
            AppendOnly: always.
        """
        _refuse(f"{type(self).__name__} {self.pk}")


class Fact(AppendOnlyModel):
    """What happened to whom, when, known from where, on which legal basis."""

    fact_id = models.UUIDField(primary_key=True)  # UUIDv5 of source, key and revision
    subject = models.CharField(max_length=80)  # a credit code, or the id of a draw plan
    kind = models.CharField(max_length=60)
    occurred_on = models.DateField()
    recorded_at = models.DateTimeField()
    source = models.CharField(max_length=80)
    source_key = models.CharField(max_length=200)
    revision = models.PositiveIntegerField(default=0)  # 0, then one more for each correction
    payload = models.JSONField()
    legal_basis = models.CharField(max_length=300)
    public_until = models.DateField(null=True)  # the last day shown; empty where the term names no day
    is_synthetic = models.BooleanField(default=False)
    supersedes = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="superseded_by", db_constraint=False
    )
    is_withdrawal = models.BooleanField(default=False)
    reason = models.CharField(max_length=500, blank=True)  # why it was corrected or withdrawn
    recorded_by = models.CharField(max_length=150)
    recorder_salt = models.CharField(
        max_length=32
    )  # keeps the recorder's name from being guessed; never published
    salt = models.CharField(max_length=32)  # keeps an internal fact from being guessed from its leaf
    leaf_hash = models.CharField(max_length=64)
    marks = models.CharField(max_length=200)  # a checksum per field, to say which one was altered

    earlier: "tuple[Fact, ...]" = ()  # what this fact superseded, newest first; filled in by queries

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "source_key", "revision"], name="facts_one_per_key")
        ]
        indexes = [
            models.Index(fields=["subject", "occurred_on"], name="facts_by_subject"),
            models.Index(fields=["kind", "occurred_on"], name="facts_by_kind"),
            models.Index(fields=["recorded_at", "fact_id"], name="facts_by_recording"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.occurred_on}"


class Seal(AppendOnlyModel):
    """One day's signature under the whole log so far: its size and its root."""

    day = models.DateField(primary_key=True)
    tree_size = models.BigIntegerField()
    root = models.CharField(max_length=64)
    previous_root = models.CharField(max_length=64)
    count = models.BigIntegerField()  # facts added by this seal
    sealed_through = models.DateTimeField(db_index=True)  # every fact recorded up to this moment is in
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.tree_size} {self.root}"

    def first_index(self) -> int:
        """The number of the first leaf that this seal added."""
        return self.tree_size - self.count


class SealedLeaf(AppendOnlyModel):
    """A place in the log: which fact stands there, and its hash on the day of sealing."""

    index = models.BigIntegerField(primary_key=True)
    fact_id = models.UUIDField(unique=True)
    leaf_hash = models.CharField(max_length=64)


class TreeNode(AppendOnlyModel):
    """The root of a complete subtree of 256, 65536, … leaves, kept so that proofs read little."""

    level = models.PositiveSmallIntegerField()
    position = models.BigIntegerField()
    node_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "position"], name="facts_one_node")]


GUARDED_TABLES = (
    "facts_fact",
    "facts_seal",
    "facts_sealedleaf",
    "facts_treenode",
    "security_accessrecord",
    "security_refusal",
)
