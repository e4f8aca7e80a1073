"""Documents that were issued, the numbers they took, and how they were served. Nothing is taken back, only voided."""

import uuid

from django.db import models

from zhijian.engines.facts.models import AppendOnlyModel, Fact
from zhijian.security.models import Officer, Organisation


class OfficeWord(models.Model):
    """The word that begins an office's numbers (机关代字): no two offices share one."""

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="office_word")
    word = models.CharField(max_length=20, unique=True)

    def __str__(self) -> str:
        return self.word


class NumberSequence(models.Model):
    """The last number that an office gave in a year to a kind of document."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    word = models.CharField(max_length=20)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year", "word"], name="documents_one_sequence")
        ]


class Document(AppendOnlyModel):
    """One issued document. Its bytes lie under their hash; the hash is a fact."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token = models.CharField(max_length=32, unique=True)  # in the QR code
    template = models.CharField(max_length=60)
    title = models.CharField(max_length=100)
    owner_kind = models.CharField(max_length=60)
    owner_id = models.CharField(max_length=80)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="documents")
    year = models.PositiveSmallIntegerField()
    word = models.CharField(max_length=20)
    serial = models.PositiveIntegerField()
    number = models.CharField(max_length=60, unique=True)
    content = models.JSONField()  # addressee and paragraphs as they stand on it
    sha256 = models.CharField(max_length=64, db_index=True)
    docx_sha256 = models.CharField(max_length=64)
    fact = models.OneToOneField(Fact, on_delete=models.PROTECT, related_name="+")
    issued_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(db_index=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["-issued_at"]
        indexes = [models.Index(fields=["owner_kind", "owner_id"], name="documents_owner")]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "year", "word", "serial"], name="documents_one_number"
            )
        ]

    def __str__(self) -> str:
        return str(self.number)

    @property
    def is_void(self) -> bool:
        return hasattr(self, "voiding")


class Voiding(AppendOnlyModel):
    """A document that no longer counts. Its number stays taken, with the reason."""

    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="voiding")
    reason = models.CharField(max_length=300)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Way(models.TextChoices):
    """How a document is served. The ways by telephone, text and internet hold only where the rules of the case allow them."""

    IN_PERSON = "in_person", "直接送达"
    POST = "post", "邮寄"
    EMAIL = "email", "电子邮件"
    SMS = "sms", "短信"
    TELEPHONE = "telephone", "电话"
    ONLINE = "online", "平台送达"
    LEFT = "left", "留置送达"
    ENTRUSTED = "entrusted", "委托送达"
    NOTICE = "notice", "公告送达"


class Service(AppendOnlyModel):
    """That a document reached somebody: how, when, whom, and what proves it (送达回证)."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="services")
    way = models.CharField(max_length=12, choices=Way.choices)
    to_whom = models.CharField(max_length=100)
    served_at = models.DateTimeField()
    proof = models.CharField(max_length=300)
    proof_file = models.UUIDField(null=True)  # a file of the case, kept by the evidence engine
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["served_at", "id"]
