"""Photos and papers from the public: refused by size before they are read, by kind from their bytes, kept by hash."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from zhijian.apps.consumer.complaints import paperwork
from zhijian.apps.consumer.complaints.codes import PAPER_WORDS
from zhijian.apps.consumer.complaints.intake.models import Draft, DraftFile
from zhijian.apps.consumer.complaints.models import Attachment, Submission
from zhijian.engines.evidence import examining
from zhijian.engines.evidence import services as evidence
from zhijian.engines.evidence.examining import Examined
from zhijian.engines.evidence.kinds import clean_name
from zhijian.engines.evidence.refusal import RefusedFile as Refused
from zhijian.infrastructure.language import in_english

LIMIT_BYTES = examining.LIMIT_BYTES
MOST_FILES = 10
SENDER = "递交人（网上）"  # who handed a file in, as its chain of custody says; nobody's name

__all__ = ["Refused", "attach", "hand_over", "keep", "listed", "remove"]


@dataclass(frozen=True)
class Shown:
    """A file as a page lists it."""

    id: int
    name: str
    size: str
    sha256: str
    paper: str = ""  # of codes.Paper: what it shows of who stands for whom

    @property
    def paper_words(self) -> str:
        zh, en = PAPER_WORDS.get(self.paper, ("", ""))
        return en if in_english() else zh


def keep(
    draft: Draft, upload: "UploadedFile[bytes]", *, matter: str = "", paper: str = "", at: datetime
) -> DraftFile:
    """Examine a file of a draft and keep it; the same file twice is kept once.

    `matter`: complaint, report, or both (""); `paper`: one of `codes.Paper`, or evidence ("").

    Raises:
        Refused: too large, of a kind that is not taken, broken, dangerous, or one too many.
    """
    if draft.files.count() >= MOST_FILES:
        raise Refused("最多10个文件。请先去掉一个。", "At most 10 files. Take one away first.")
    examined, name = _examined(upload)
    found, _ = DraftFile.objects.get_or_create(
        draft=draft,
        sha256=examined.sha256,
        defaults={
            "matter": _mark(matter),
            "paper": _paper(paper),
            "name": name,
            "mime": examined.mime,
            "size_bytes": examined.size_bytes,
            "received_at": at,
        },
    )
    return found


def _mark(matter: str) -> str:
    """Return for which matter a file is; whatever else was handed in counts as for both."""
    return matter if matter in {Attachment.COMPLAINT, Attachment.REPORT} else ""


def _paper(paper: str) -> str:
    return paper if paper in PAPER_WORDS else ""


def attach(
    submission: Submission,
    upload: "UploadedFile[bytes]",
    *,
    matter: str = "",
    paper: str = "",
    at: datetime,
) -> Attachment:
    """Add a file to a submission that was handed in before.

    Raises:
        Refused: as `keep`.
    """
    examining.refuse_if_too_large(upload.size or 0)
    return _kept(submission, upload.read(), upload.name or "", _mark(matter), _paper(paper), at=at)


def hand_over(draft: Draft, submission: Submission, *, at: datetime) -> None:
    """Make the files of a draft those of the submission that it became, each with its chain of custody."""
    for one in draft.files.order_by("pk"):
        data = examining.original_path(settings.HOME.media, one.sha256).read_bytes()
        _kept(submission, data, one.name, one.matter, one.paper, at=at)


@transaction.atomic
def _kept(
    submission: Submission, data: bytes, name: str, matter: str, paper: str, *, at: datetime
) -> Attachment:
    if paper:
        matter = Attachment.COMPLAINT  # who stands for whom is no matter of a report
    owner = paperwork.owner_of_file(submission, matter)
    file = evidence.receive([data], name, owner, media=settings.HOME.media, by=SENDER, at=at)
    before = submission.attachments.filter(sha256=file.sha256, matter=matter, paper=paper).first()
    if before is not None:
        return before
    return Attachment.objects.create(
        submission=submission,
        matter=matter,
        paper=paper,
        sha256=file.sha256,
        name=file.name,
        mime=file.mime,
        size_bytes=file.size_bytes,
        evidence_key=str(file.pk),
        received_at=at,
    )


def _examined(upload: "UploadedFile[bytes]") -> tuple[Examined, str]:
    examining.refuse_if_too_large(upload.size or 0)
    name = clean_name(upload.name or "")
    data = upload.read()
    examined = examining.examine(data, name)
    examining.keep(settings.HOME.media, data, examined)
    return examined, name


def listed(draft: Draft) -> list[Shown]:
    """Return the files of a draft."""
    return [
        Shown(
            one.pk,
            one.name,
            examining.readable_size(one.size_bytes),
            one.sha256,
            one.paper,
        )
        for one in draft.files.all()
    ]


def remove(draft: Draft, number: str) -> None:
    """Take a file out of a draft."""
    if number.isascii() and number.isdigit() and len(number) < 19:
        draft.files.filter(pk=int(number)).delete()
