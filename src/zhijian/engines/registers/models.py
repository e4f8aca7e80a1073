"""Registers of our own records: a model with a declaration, and every version of every entry."""

from typing import Any, ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from zhijian.engines.registers.declaration import RegisterDeclaration


class RegisterVersion(models.Model):
    """An entry of a register as it stood from `valid_from` until `valid_to` (null: it stands so now)."""

    register = models.CharField(max_length=64)
    object_key = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    snapshot = models.JSONField(encoder=DjangoJSONEncoder)
    changed_fields = models.JSONField(default=list)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    changed_by = models.CharField(max_length=150)
    reason = models.CharField(max_length=500)

    class Meta:
        ordering = ["register", "object_key", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["register", "object_key", "version"], name="one_version_per_number"
            ),
            models.UniqueConstraint(
                fields=["register", "object_key"],
                condition=models.Q(valid_to__isnull=True),
                name="one_version_stands",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register}/{self.object_key} v{self.version}"


class RegisterEntry(models.Model):
    """Base of a model that is a register: subclasses set `declaration`; `services.save_version` saves."""

    declaration: ClassVar[RegisterDeclaration]

    class Meta:
        abstract = True

    @property
    def register_key(self) -> str:
        return str(getattr(self, self.declaration.key))

    def snapshot(self) -> dict[str, Any]:
        """Return the declared fields as they stand on this object."""
        return {name: _plain(getattr(self, name)) for name in self.declaration.field_names}


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value
