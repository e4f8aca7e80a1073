"""What the tests of an inspection share: a moment, entries, a picture."""

import io
from datetime import date, datetime
from zoneinfo import ZoneInfo

from PIL import Image

from zhijian.apps.supervision.inspection import services
from zhijian.apps.supervision.inspection.rules import Finding
from zhijian.apps.supervision.inspection.services import Position, ResultEntry

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 9, 16, 10, 0, tzinfo=SHANGHAI)
ITEMS = ("FOO-01", "REG-01", "REG-03")
HERE = Position(words="广州市天河区示例路88号")
PASSWORD = "correct horse battery staple"  # of invented accounts
NOTHING_FOUND = ResultEntry(codes=("1",), findings=dict.fromkeys(ITEMS, (Finding.CONFORM, "")))
PROBLEM_FOUND = ResultEntry(
    codes=("6", "9"),
    findings={**NOTHING_FOUND.findings, "FOO-01": (Finding.NONCONFORM, "散装红豆2箱未标明生产日期。")},
    correct_by=date(2026, 9, 30),
    summary="现场已下架。",
)


def corrected(check, entry, reason, *, staff, at):
    """Correct a published result by two people."""
    services.propose_correction(check, entry, reason, by=staff.publisher, at=at)
    return services.confirm_correction(check, by=staff.reviewer, at=at)


def picture(colour="red", size=(640, 480), kind="JPEG", exif=None):
    out = io.BytesIO()
    extra = {"exif": exif} if exif else {}
    Image.new("RGB", size, colour).save(out, kind, **extra)
    return out.getvalue()
