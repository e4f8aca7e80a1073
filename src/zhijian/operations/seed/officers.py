"""Invented units and officers for the demonstration. No natural person stands behind any of them."""

import json
import secrets
from datetime import date
from pathlib import Path

from django.db import transaction

from zhijian.security.models import Level, Officer, Organisation, Role
from zhijian.standards import divisions

PROVINCE = "440000"
INSPECTORS_PER_COUNTY = 3
SKILLS = ("general", "food", "special_equipment", "product_quality")

# Accounts that the demonstration prints: user name, unit's division, roles, what to try.
ACCOUNTS: tuple[tuple[str, str, tuple[str, ...], str, str], ...] = (
    ("province-drawer", PROVINCE, (Role.DRAWER,), "抽签：公告、冻结、承诺、揭示、抽取", "hold a draw"),
    ("province-auditor", PROVINCE, (Role.AUDITOR,), "承诺、核验、打开全部叶子、查看访问记录", "commit, verify, open all leaves"),
    ("province-publisher", PROVINCE, (Role.PUBLISHER,), "公示检查结果", "publish results"),
    ("province-reviewer", PROVINCE, (Role.PUBLISHER,), "复核更正，也可公示", "confirm corrections"),
    ("province-keeper", PROVINCE, (Role.HANDLER, Role.STEWARD), "维护消费名录，交文件、登记、核查", "keep the consumer registers"),
    ("province-steward", PROVINCE, (Role.STEWARD,), "数据质量与隔离区", "data quality and quarantine"),
)  # fmt: skip


def unit_code(division_code: str) -> str:
    return f"amr-{division_code}"


@transaction.atomic
def create_units_and_officers(*, certificates_until: date) -> dict[str, int]:
    """Create units from province to county, inspectors for each county, and the printed accounts.

    Those who are there already are left as they are. Returns how many were created.
    """
    before = (Organisation.objects.count(), Officer.objects.count())
    province = _unit(PROVINCE, "广东省市场监督管理局（示例）", "Guangdong AMR (sample)", Level.PROVINCE, None)
    for city in divisions.PREFECTURES:
        city_unit = _unit(
            city.code6,
            f"{city.name}市场监督管理局（示例）",
            f"{divisions.name_in_english(city.code6)} AMR (sample)",
            Level.CITY,
            province,
        )
        counties = [d for d in divisions.children(city.code6) if d.level == 3]
        for county in counties:
            unit = _unit(
                county.code6,
                f"{city.name}{county.name}市场监督管理局（示例）",
                f"AMR of {divisions.name_in_english(county.code6)} (sample)",
                Level.COUNTY,
                city_unit,
            )
            _inspectors(unit, county.name, certificates_until)
        if not counties:
            _inspectors(city_unit, city.name, certificates_until, times=4)
    for username, division, roles, zh, _ in ACCOUNTS:
        invented_officer(
            username,
            Organisation.objects.get(code=unit_code(division)),
            roles,
            f"示例{zh[:2]}人员",
            f"Sample {username.removeprefix('province-')}",
        )
    return {
        "units": Organisation.objects.count() - before[0],
        "officers": Officer.objects.count() - before[1],
    }


def _unit(division: str, name: str, name_en: str, level: str, parent: Organisation | None) -> Organisation:
    unit, _ = Organisation.objects.get_or_create(
        code=unit_code(division),
        defaults={
            "name": name,
            "name_en": name_en,
            "level": level,
            "division_code": division,
            "parent": parent,
            "is_synthetic": True,
        },
    )
    return unit


def _inspectors(unit: Organisation, place: str, certificates_until: date, times: int = 1) -> None:
    for number in range(1, INSPECTORS_PER_COUNTY * times + 1):
        officer = invented_officer(
            f"inspector-{unit.division_code}-{number}",
            unit,
            (Role.INSPECTOR,),
            f"示例检查员{number}（{place}）",
            f"Sample inspector {number}, {unit.division_code}",
        )
        if not officer.certificate_number:
            officer.certificate_number = f"示例{unit.division_code}{number:03d}"
            officer.certificate_valid_until = certificates_until
            officer.skills = [SKILLS[0], SKILLS[1 + number % 3]]
            officer.save()


def invented_officer(
    username: str, unit: Organisation, roles: tuple[str, ...], display_name: str, display_name_en: str
) -> Officer:
    """Return the officer of this name, who is created where there is none, without a password."""
    officer, created = Officer.objects.get_or_create(
        username=username,
        defaults={
            "organisation": unit,
            "roles": [str(role) for role in roles],
            "display_name": display_name,
            "display_name_en": display_name_en,
            "staff_number": f"示例-{username}"[:40],
            "is_synthetic": True,
        },
    )
    if created:
        officer.set_unusable_password()
        officer.save()
    return officer


def open_accounts(usernames: list[str], passwords_file: Path) -> dict[str, str]:
    """Give these accounts a random password each, kept in a file only its owner reads; return them.

    An account that has one keeps it, so that a second run prints the same.
    """
    known: dict[str, str] = json.loads(passwords_file.read_text("utf-8")) if passwords_file.exists() else {}
    for username in usernames:
        officer = Officer.objects.get(username=username)
        if username not in known or not officer.has_usable_password():
            known[username] = secrets.token_urlsafe(9)
            officer.set_password(known[username])
            officer.save()
    passwords_file.touch(mode=0o600)
    passwords_file.write_text(json.dumps(known, indent=1), "utf-8")
    return known
