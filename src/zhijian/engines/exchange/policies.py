"""May this be asked, allowed, delivered? `check_*` raises, with words in both languages and a code for programs."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from zhijian.datazone.catalogue import Level
from zhijian.engines.exchange.catalogue import DataService
from zhijian.engines.exchange.models import Application
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may
from zhijian.security.persons import is_same_person
from zhijian.standards import divisions
from zhijian.standards.bilingual import BilingualError
from zhijian.standards.calendar import statutory_day


class Refused(BilingualError):
    """What was asked of the exchange is not done. `status` is that of HTTP."""

    def __init__(self, status: int, code: str, message_zh: str, message_en: str) -> None:
        super().__init__(message_zh, message_en)
        self.status, self.code = status, code


def check_application(
    service: DataService,
    there: Iterable[str],
    columns: list[str],
    region: str,
    texts: tuple[str, str],
    until: date,
    at: datetime,
) -> None:
    """Refuse an application that names nothing, nobody's column, no reason, or a day that is over."""
    unknown = [name for name in columns if name not in set(there)]
    if not columns or unknown:
        raise Refused(
            422,
            "unknown_column",
            f"请选择列；没有这些列：{'、'.join(unknown) or '（未选）'}。",
            f"Choose columns; these are not there: {', '.join(unknown) or '(none chosen)'}.",
        )
    if region and not _is_served(service, region):
        raise Refused(
            422, "unknown_region", f"不能按区划 {region} 提供。", f"Region {region} cannot be served."
        )
    if any(len(text.strip()) < 4 for text in texts):
        raise Refused(
            422,
            "reason",
            "请写明用途和法律依据（各至少4个字）。",
            "Give reason and legal basis, at least four characters each.",
        )
    if until < statutory_day(at):
        raise Refused(422, "expired", "截止日期已过。", "The last day is over already.")


def _is_served(service: DataService, region: str) -> bool:
    """A prefecture or county of the owner's own area: rows are chosen by those two codes, and by no other."""
    found, owner = divisions.find(region), service.owner_division
    depth = {divisions.PREFECTURE: 1, divisions.COUNTY: 2}.get(found.level, 0) if found else 0
    return len(region) == 6 and region[:2] == owner[:2] and 0 < depth <= len(service.region)


def check_may_decide(service: DataService, application: Application, officer: Any) -> Officer:
    """Refuse who is no steward of the owning unit, and the applicant whoever that is."""
    if (
        not may(officer, Permission.DECIDE_EXCHANGE)
        or officer.organisation is None
        or officer.organisation.division_code != service.owner_division
    ):
        raise Refused(
            403,
            "not_owner",
            "只有数据所属单位的数据管理员可以审批。",
            "Only a steward of the owning unit decides.",
        )
    if not isinstance(officer, Officer):
        raise TypeError(officer)
    if is_same_person(application.applicant, officer):
        raise Refused(
            403,
            "own_application",
            "不能审批自己的申请，请由同事审批。",
            "Nobody decides on an own application; ask a colleague.",
        )
    return officer


def check_grant(application: Application | None, *, service: str, purpose: str, at: datetime) -> Application:
    """Refuse a key that is unknown, ended, for another service, or used for another purpose."""
    if application is None or application.state not in ("approved", "revoked"):
        raise Refused(
            401,
            "unknown_key",
            "密钥无效，请核对 Authorization 标头。",
            "The key is not known; check the Authorization header.",
        )
    if application.state == "revoked":
        raise Refused(403, "revoked", "授权已撤销。", "The grant was revoked.")
    if statutory_day(at) > application.until:
        raise Refused(
            403,
            "expired",
            f"授权已于{application.until}到期，请重新申请。",
            f"The grant ended on {application.until}; apply again.",
        )
    if application.service != service:
        raise Refused(
            403,
            "other_service",
            f"密钥用于 {application.service}。",
            f"The key is for {application.service}.",
        )
    if application.purpose != purpose:
        raise Refused(
            403,
            "wrong_purpose",
            f"授权用途为 {application.purpose}，请求用途为 {purpose or '（未写）'}，不得他用。",
            f"The grant is for {application.purpose}; the request says {purpose or '(nothing)'}. Other use is not allowed.",
        )
    return application


def check_quota(allowed: int, used: int, rows: int) -> None:
    """Refuse rows beyond the day's quota."""
    if used + rows > allowed:
        raise Refused(
            429,
            "quota",
            f"今日配额{allowed:,}行，已用{used:,}行，本次{rows:,}行。请明日再取，或申请更大配额。",
            f"Today's quota is {allowed:,} rows, {used:,} are used, this is {rows:,}. Come tomorrow, or apply for more.",
        )


def level_named(word: str) -> Level:
    return Level[word.upper()]
