"""Recordings of checks: what may be registered, what the recordings leave open, how long they are kept. Pure functions."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from zhijian.standards import parameters
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import add_months
from zhijian.standards.citation import rule

SETTING = parameters.load("supervision/recording")
LONGEST = timedelta(hours=24)
PURPOSES = {
    "case": ("行政处罚案件", "A penalty case"),
    "review": ("行政复议或者诉讼", "Review or lawsuit"),
    "audit": ("执法监督检查", "Oversight of enforcement"),
    "objection": ("被检查人申请查阅", "The inspected asked to see it"),
}
_HASH = re.compile(r"[0-9a-f]{64}")


@rule(
    cites="《国务院办公厅关于全面推行行政执法公示制度执法全过程记录制度重大执法决定法制审核制度的指导意见》（国办发〔2018〕118号）"
)
def keep_until(recorded_on: date) -> date:
    """Return the last day on which a recording must still be there."""
    return add_months(recorded_on, int(SETTING.on(recorded_on)["keep_months"]))


@rule(
    cites="《国务院办公厅关于全面推行行政执法公示制度执法全过程记录制度重大执法决定法制审核制度的指导意见》（国办发〔2018〕118号）"
)
def gaps(
    arrived: datetime, left: datetime | None, recorded: Iterable[tuple[datetime, datetime]], *, seconds: int
) -> list[tuple[datetime, datetime]]:
    """Return what of a visit, from arrival to leaving, no recording covers; gaps of up to `seconds` do not count.

    Where nobody knows yet when the team left, the visit ends with the last recording.
    """
    spans = sorted(recorded)
    end = left or max((stop for _, stop in spans), default=arrived)
    found, reached = [], arrived
    for start, stop in spans:
        if start > reached and reached < end:
            found.append((reached, min(start, end)))
        reached = max(reached, stop)
    if reached < end:
        found.append((reached, end))
    return [one for one in found if one[1] - one[0] > timedelta(seconds=seconds)]


@rule(
    cites="《国务院办公厅关于全面推行行政执法公示制度执法全过程记录制度重大执法决定法制审核制度的指导意见》（国办发〔2018〕118号）"
)
def problems(
    *, sha256: str, size_bytes: int, device: str, keeper: str, begun_at: datetime | None,
    ended_at: datetime | None, now: datetime,
) -> list[Problem]:  # fmt: skip
    """Say what is wrong with a recording that somebody wants to register."""
    found = []
    if not _HASH.fullmatch(sha256):
        found.append(
            Problem("sha256", "文件摘要应当是64位十六进制的SHA-256。", "The hash is 64 hexadecimal digits.")
        )
    if size_bytes <= 0:
        found.append(Problem("size_bytes", "请填写文件大小（字节）。", "Give the size in bytes."))
    if not device:
        found.append(Problem("device", "请填写记录仪编号。", "Give the number of the camera."))
    if not keeper:
        found.append(Problem("keeper", "请填写保管单位或者采集站。", "Say who keeps the file."))
    if begun_at is None or ended_at is None:
        found.append(Problem("begun_at", "请填写开始和结束的时间。", "Give when it begins and ends."))
    elif not begun_at < ended_at <= begun_at + LONGEST:
        found.append(
            Problem(
                "ended_at",
                "结束应当在开始之后，并且不超过24小时。",
                "It ends after it begins, within 24 hours.",
            )
        )
    elif ended_at > now:
        found.append(Problem("ended_at", "结束的时间还没有到。", "It ends in the future."))
    return found
