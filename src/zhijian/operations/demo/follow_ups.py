"""What came of problems that invented checks found: listings, cases, transfers, re-checks, a further order. Invented, marked."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO

from django.conf import settings
from PIL import Image, ImageDraw

from zhijian.apps.supervision.inspection import services
from zhijian.apps.supervision.inspection.codes import UnreachableProof
from zhijian.apps.supervision.inspection.ending_rules import Told
from zhijian.apps.supervision.inspection.models import Check, FollowUp, FollowUpClosing, InspectionTask
from zhijian.apps.supervision.inspection.rules import State
from zhijian.apps.supervision.inspection.services import Position, ResultEntry
from zhijian.apps.supervision.listing import services as listing
from zhijian.operations.demo import listing as lists_desk
from zhijian.operations.demo.days import moment
from zhijian.standards.calendar import statutory_day

SOUGHT = moment(11, 24, 14)  # when two firms were looked for at their premises
CLOSED = moment(11, 27, 16)
LISTED_IN = "4401"  # the area of the unit that keeps the lists
_LEFT_ALONE = 30  # of the open checks, from the last number on: other stories are told of them
INDIVIDUAL = "92"  # how the codes of individual businesses begin


@dataclass(frozen=True)
class Story:
    """How the next open follow-up of a kind ends."""

    kind: str
    told: Told


def stories(day: date) -> tuple[Story, ...]:
    """Return how follow-ups of ordinary checks end on a day."""
    return (
        Story("recheck", Told("corrected", "示例：复查时已经改正。", acted_on=day)),
        Story("recheck", Told("ordered_again", acted_on=day, until=day + timedelta(days=15))),
        Story("recheck", Told("filed", number="示市监案〔2026〕101号（合成）", acted_on=day)),
        Story("file_case", Told("filed", number="示市监案〔2026〕102号（合成）", acted_on=day)),
        Story("file_case", Told("not_filed", "示例：初次违法，后果轻微并已改正。", acted_on=day)),
        Story("file_case", Told("transferred", authority="示例消防救援大队", number="示移〔2026〕7号（合成）", acted_on=day)),
        Story("retag", Told("updated", "示例：已把“食品销售”标签去掉。")),
    )  # fmt: skip


def seed(done: InspectionTask, still_open: InspectionTask, *, now: datetime) -> int:
    """Close some follow-ups, each in another way; return how many, 0 where some are closed already."""
    if FollowUpClosing.objects.exists():
        return 0
    at = max(now, CLOSED)
    closed = sum(_close_next(done, one, at) for one in stories(statutory_day(at)))
    for place, check in enumerate(_to_seek(still_open)):
        _seek_in_vain(check)
        follow_up = FollowUp.objects.get(check_record=check, kind="abnormal_list")
        told = Told("not_listed", "示例：次日联系上了，已经变更登记的住所。")
        if place == 0:
            told = Told("listed", case=_propose(check, at))
        services.close_follow_up(follow_up, told, by=check.inspector_first, at=at)
        closed += 1
    return closed


def _close_next(task: InspectionTask, story: Story, at: datetime) -> int:
    rows = FollowUp.objects.filter(check_record__task=task, kind=story.kind, closing=None)
    rows = rows.filter(starts_on__lt=statutory_day(at))
    if story.told.ending == "ordered_again":  # nobody failed to correct before the time of the order is over
        rows = rows.filter(due_on__lt=statutory_day(at))
    found = rows.order_by("pk").first()
    if found is None:
        return 0
    services.close_follow_up(found, story.told, by=found.check_record.inspector_first, at=at)
    return 1


def _to_seek(task: InspectionTask) -> list[Check]:
    rows = task.checks.filter(replacements=None, objections=None).order_by("-number")
    rows = rows.select_related("task", "inspector_first", "inspector_second").prefetch_related("events")
    left = [one for one in rows if one.state is State.DISPATCHED and one.is_synthetic][_LEFT_ALONE:]
    listed = [one for one in left if one.division_code.startswith(LISTED_IN)][:1]
    return listed + [one for one in left if one not in listed][: len(listed)]


def _seek_in_vain(check: Check) -> None:
    """Two inspectors stand before premises that do not exist, take a picture and say so."""
    first, second = check.inspectors
    place = Position(words=check.address[:100])
    services.begin(check, place, certificates_shown=True, by=first, at=SOUGHT)
    services.add_evidence(check, _picture(), "示例门牌.png", media=settings.HOME.media, by=first, at=SOUGHT)
    gone = ResultEntry(
        ("5",), {}, "示例：门牌号不存在。", unreachable_proof=UnreachableProof.PREMISES_MISSING
    )
    services.record_result(check, gone, by=first, at=SOUGHT + timedelta(minutes=20))
    services.confirm_by_second(check, by=second, at=SOUGHT + timedelta(minutes=25))


def _picture() -> bytes:
    """Draw an empty place: no photograph, and of nobody."""
    picture = Image.new("RGB", (640, 480), "#d8dde3")
    ImageDraw.Draw(picture).rectangle((0, 330, 640, 480), fill="#9aa5b1")
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _propose(check: Check, at: datetime) -> str:
    """Open the case of listing and return its number."""
    clerk, _handler, _leader = lists_desk.staff()
    case = listing.propose_listing(
        check.uscc,
        name=check.entity_name,
        subject_kind="individual" if check.uscc.startswith(INDIVIDUAL) else "enterprise",
        ground="unreachable",
        arose_on=statutory_day(SOUGHT),
        clue=f"双随机检查{check.number}：登记的住所不存在（合成）",
        division=check.division_code,
        by=clerk,
        at=at,
        is_synthetic=True,
    )
    return case.number
