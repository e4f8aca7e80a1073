"""What intake keeps besides the submissions themselves: drafts, ratings, keys of other systems, counts of tries."""

from django.db import models

from zhijian.apps.consumer.complaints.models import Complaint, Submission, ViolationReport
from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.security.models import Officer, Organisation


class Draft(models.Model):
    """What somebody filled in so far, without an account. A code, of which only the digest is kept, opens it again.

    It goes when it is handed in, or a while after it was last saved.
    """

    code_digest = models.CharField(max_length=64, unique=True)
    answers_sealed = models.TextField(blank=True)  # sealed as a whole: drafts hold names and phone numbers
    send_key = models.UUIDField(unique=True)  # the same form sent twice is one submission
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField(db_index=True)


class DraftFile(models.Model):
    """A photo or paper of a draft, examined and kept under its hash the moment it arrived."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="files")
    matter = models.CharField(max_length=10, blank=True)  # as of the attachment that it becomes
    paper = models.CharField(max_length=16, blank=True)  # likewise
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=150)
    mime = models.CharField(max_length=80)
    size_bytes = models.PositiveBigIntegerField()
    evidence_key = models.CharField(max_length=80, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["draft", "sha256"], name="a_file_once_in_a_draft")]


class Repeat(AppendOnlyModel):
    """A complaint that came again by another way: no new matter, no new clock (H-3). The first one goes on."""

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="repeat")
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="repeats")
    noticed_at = models.DateTimeField()


class SameMatter(AppendOnlyModel):
    """A mark of (person, respondent, transaction) of a complaint: a keyed hash that names nobody (H-3)."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="same_matter")
    mark = models.CharField(max_length=64, db_index=True)


class Message(AppendOnlyModel):
    """What the person added on the status page after handing in: further material in words, or the wish to withdraw."""

    ADDED, WITHDRAWN = "added", "withdrawn"

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=10, choices=[(ADDED, "补充材料"), (WITHDRAWN, "撤回投诉")])
    text = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]


class Rating(AppendOnlyModel):
    """How the person judged the handling of a finished matter: once, with the receipt's code (S46)."""

    complaint = models.OneToOneField(
        Complaint, null=True, blank=True, on_delete=models.PROTECT, related_name="rating"
    )
    report = models.OneToOneField(
        ViolationReport, null=True, blank=True, on_delete=models.PROTECT, related_name="rating"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="ratings")
    speed = models.PositiveSmallIntegerField()  # 1 (bad) to 5 (good)
    clarity = models.PositiveSmallIntegerField()
    fairness = models.PositiveSmallIntegerField()
    is_solved = models.CharField(
        max_length=8, choices=[("yes", "解决了"), ("partly", "解决了一部分"), ("no", "没有解决")]
    )
    words = models.TextField(blank=True)
    rated_at = models.DateTimeField(db_index=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(complaint__isnull=True) ^ models.Q(report__isnull=True),
                name="a_rating_is_of_one_matter",
            )
        ]


class IntakeKey(models.Model):
    """The key by which another system hands in. Shown once; only its digest is kept."""

    name = models.CharField(max_length=100)
    system = models.CharField(max_length=20)  # a channel, e.g. hotline_12345
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="intake_keys")
    digest = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Count(models.Model):
    """How often one address or device did a thing within an hour. The key is a hash; old rows are swept away."""

    key = models.CharField(max_length=64)
    window_starts_at = models.DateTimeField(db_index=True)
    times = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "window_starts_at"], name="one_count_an_hour")]
