"""Firms that a visitor signs in as: one that thrives, one on the abnormal list, one with a coded visit today. Invented, marked."""

import json
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from django.contrib.auth.hashers import make_password

from zhijian.apps.supervision.annual_reports.instant_information import services as information
from zhijian.apps.supervision.annual_reports.rules import Reporter
from zhijian.apps.supervision.annual_reports.services import Firm
from zhijian.apps.supervision.inspection.models import Check, InspectionTask
from zhijian.apps.supervision.listing import queries as listing
from zhijian.apps.supervision.visit_codes import services as visit_codes
from zhijian.engines.registers import EntityFilters, EntityRecord
from zhijian.engines.registers.market_entities import EntityRegister
from zhijian.security.models import BusinessPerson, BusinessRole
from zhijian.standards.calendar import statutory_day

USERNAME = "owner"
_LOOKED_AT = 600
_ADVERSE = frozenset({"penalty.decided", "abnormal_list.listed", "serious_list.listed"})
_PURPOSES = {
    "thriving": "企业：没有不良记录 / a firm that thrives",
    "listed": "企业：在经营异常名录上，看最快怎样移出 / a firm on the abnormal list, with its way off",
    "visited": "企业：今天有人上门检查，核对亮码 / a firm with a coded visit",
}


def seed(register: EntityRegister, task: InspectionTask, *, now: datetime) -> bool:
    """Give each of the three firms a manager's account, publish one piece of information; return whether any was new."""
    if BusinessPerson.objects.filter(username=USERNAME, is_synthetic=True).exists():
        return False
    for purpose, record in _firms(register, task, now):
        person = BusinessPerson.objects.create(
            uscc=record.uscc, firm_name=record.name, username=USERNAME, display_name="示例管理员", role=BusinessRole.MANAGER,
            password=make_password(None), email=f"{purpose}@example.org", created_at=now, is_synthetic=True,
        )  # fmt: skip
        if purpose == "thriving":
            _publish(record, person, now)
    return True


def _firms(
    register: EntityRegister, task: InspectionTask, now: datetime
) -> Iterator[tuple[str, EntityRecord]]:
    on, found = statutory_day(now), dict[str, EntityRecord]()
    check = Check.objects.filter(task=task, is_synthetic=True).order_by("number").first()
    visited = register.find(check.uscc) if check else None
    if check is not None and visited is not None:
        visit_codes.issue(check, by=None, at=now)
        found["visited"] = visited
    for record in islice(register.iterate(filters=EntityFilters(is_synthetic=True)), _LOOKED_AT):
        facts = register.delivered_facts(record.uscc)
        kinds = {one.kind for one in facts}
        if "thriving" not in found and record.entity_kind_code == "enterprise" and not kinds & _ADVERSE:
            found["thriving"] = record
        if "listed" not in found and "abnormal_list.listed" in kinds:
            steps = listing.path_of(record.uscc, on=on, delivered=facts)
            if any(one.record.kind == "abnormal_list.listed" and one.is_open_now for one in steps):
                found["listed"] = record
        if len(found) == len(_PURPOSES):
            break
    taken: set[str] = set()
    for purpose, record in found.items():
        if record.uscc not in taken:
            taken.add(record.uscc)
            yield purpose, record


def _publish(record: EntityRecord, person: BusinessPerson, now: datetime) -> None:
    reporter = Reporter(record.entity_kind_code, record.registered_on, record.status_code)
    firm = Firm(record.uscc, record.name, record.county_code or record.prefecture_code or "", reporter, True)
    typed = {
        "number": "示例许〔2026〕1号", "name": "食品经营许可证（合成）", "from_on": "2026-01-01", "authority": "示例许可机关",
        "content": "预包装食品销售（合成）",
    }  # fmt: skip
    information.publish(firm, "licence", typed, statutory_day(now) - timedelta(days=3), by=person, at=now)


def open_accounts(passwords_file: Path) -> list[tuple[str, str, str]]:
    """Give each account a random password kept beside the officers'; return code and name, password and purpose."""
    known: dict[str, str] = json.loads(passwords_file.read_text("utf-8")) if passwords_file.exists() else {}
    rows = []
    for person in BusinessPerson.objects.filter(username=USERNAME, is_synthetic=True).order_by("pk"):
        key = f"{person.uscc}/{person.username}"
        if key not in known:
            known[key] = secrets.token_urlsafe(12)
            person.password = make_password(known[key])
            person.save(update_fields=["password"])
        purpose = person.email.split("@")[0]
        rows.append((key, known[key], f"{_PURPOSES.get(purpose, purpose)}（/my/）"))
    passwords_file.touch(mode=0o600)
    passwords_file.write_text(json.dumps(known, indent=1), "utf-8")
    return rows
