"""What the demonstration has of promises made at approval: one kept, one withdrawn, the others due. Invented, marked."""

from datetime import datetime

from zhijian.apps.supervision.commitments import services
from zhijian.apps.supervision.commitments.models import CommitmentMatter
from zhijian.operations.demo.listing import hand_in, staff
from zhijian.standards.calendar import statutory_day

KEPT, FALSE = "CN2026-0001", "CN2026-0003"


def seed(*, now: datetime) -> bool:
    """Check two promises of one county-level area to their end; return whether anything was new."""
    if CommitmentMatter.objects.exists():
        return False
    clerk, handler, leader = staff()
    kept, false = (services.open_check(key, by=clerk, at=now).pk for key in (KEPT, FALSE))
    found = {"method": "on_site", "found": "经营场所和人员与承诺一致（合成）"}
    hand_in(kept, "check", handler, now, outcome="kept", **found)
    hand_in(
        false, "check", handler, now, outcome="false", method="on_site", found="承诺时没有经营场所（合成）"
    )
    hand_in(false, "notify", handler, now, served_on=statutory_day(now).isoformat())
    hand_in(false, "hear", handler, now, outcome="silent", answer="逾期没有提出意见（合成）")
    hand_in(false, "decide", leader, now, outcome="withdraw", decision_reason="承诺不真实（合成）")
    return True
