"""Verbs of the exchange: apply, decide, issue a key, revoke, admit a delivery. Each writes down who and when."""

import hashlib
import hmac
import secrets
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Sum

from zhijian.datazone.catalogue import visible_columns
from zhijian.datazone.lake import Lake
from zhijian.engines.exchange import packing, policies
from zhijian.engines.exchange.addresses import check_address
from zhijian.engines.exchange.catalogue import DataService, data_services
from zhijian.engines.exchange.models import (
    Application,
    DataLevel,
    Decision,
    Delivery,
    Key,
    Revocation,
)
from zhijian.engines.exchange.packing import Format, Packet, Selection
from zhijian.engines.exchange.policies import Refused
from zhijian.security.models import Officer
from zhijian.standards.calendar import ZONE, statutory_day


def service_named(name: str) -> DataService:
    """Return a service.

    Raises:
        Refused: there is none of that name.
    """
    if name not in data_services():
        raise Refused(404, "no_such_service", "没有这项数据服务。", "There is no such data service.")
    return data_services()[name]


def apply(
    lake: Lake,
    service: str,
    *,
    columns: list[str],
    region: str,
    purpose: str,
    reason: str,
    legal_basis: str,
    until: date,
    webhook: str = "",
    by: Officer,
    at: datetime,
) -> Application:
    """Ask for access.

    Raises:
        Refused: something is missing or not there.
    """
    wanted = service_named(service)
    policies.check_application(
        wanted, lake.schema(wanted.table), columns, region, (_plain(reason), _plain(legal_basis)), until, at
    )
    if webhook:
        check_address(webhook)
    return Application.objects.create(
        service=service,
        columns=list(dict.fromkeys(columns)),
        region=region,
        purpose=purpose,
        reason=_plain(reason),
        legal_basis=_plain(legal_basis),
        until=until,
        webhook=webhook,
        applicant=by,
        organisation_name=by.organisation.name if by.organisation else "",
        applied_at=at,
    )


def decide(
    application: Application,
    *,
    is_approved: bool,
    level: str,
    rows_per_day: int,
    reason: str,
    by: Any,
    at: datetime,
) -> Decision:
    """Allow or turn down, once.

    Raises:
        Refused: the officer may not, gives no reason, or somebody decided already.
    """
    officer = policies.check_may_decide(service_named(application.service), application, by)
    if len(_plain(reason)) < 4 or level not in DataLevel.values or not 0 < rows_per_day < 2**53:
        raise Refused(
            422,
            "reason",
            "请写明理由（至少4个字）、级别和每日行数。",
            "Give a reason, a level and a number of rows a day.",
        )
    try:
        with transaction.atomic():
            return Decision.objects.create(
                application=application,
                is_approved=is_approved,
                level=level,
                rows_per_day=rows_per_day,
                reason=_plain(reason),
                officer=officer,
                decided_at=at,
            )
    except IntegrityError:
        raise Refused(409, "decided", "这份申请已有决定。", "This application was decided already.") from None


def issue_key(application: Application, *, by: Officer, at: datetime) -> str:
    """Return a new key, which nobody can show again; the one before it ends.

    Raises:
        Refused: the application is not the officer's own, not approved, or over.
    """
    if application.applicant_id != by.pk or application.state_on(statutory_day(at)) != "approved":
        raise Refused(
            403,
            "not_approved",
            "只有申请人能为有效的授权领取密钥。",
            "Only the applicant gets a key, and only for a grant in force.",
        )
    key = f"zj_{secrets.token_urlsafe(32)}"
    Key.objects.create(
        application=application, digest=_digest(key), issued_at=at, issued_to=by.get_username()
    )
    return key


def revoke(application: Application, *, reason: str, by: Any, at: datetime) -> Revocation:
    """End a grant at once.

    Raises:
        Refused: the officer may not, gives no reason, or there is nothing to end.
    """
    officer = policies.check_may_decide(service_named(application.service), application, by)
    if application.state != "approved" or len(_plain(reason)) < 4:
        raise Refused(
            422,
            "reason",
            "请写明理由；只能撤销有效的授权。",
            "Give a reason; only a grant in force can be revoked.",
        )
    try:
        with transaction.atomic():
            return Revocation.objects.create(
                application=application, reason=_plain(reason), officer=officer, revoked_at=at
            )
    except IntegrityError:
        raise Refused(409, "revoked", "授权已撤销。", "The grant was revoked.") from None


def signing_secret(application: Application) -> str:
    """Return the secret that signs pushes of this grant; made from the site's own and the newest key, so that none is
    stored and a new key ends the old secret too.

    Raises:
        Refused: no key was issued yet, so nobody could check a signature.
    """
    key = application.keys.first()
    if key is None:
        raise Refused(409, "no_key", "还没有领取密钥，不推送。", "No key was issued yet; nothing is pushed.")
    text = f"exchange-webhook:{application.pk}:{key.digest}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()


def granted(key: str, service: str, purpose: str, *, at: datetime) -> Application:
    """Return the grant that a key opens.

    Raises:
        Refused: unknown, superseded, ended, for another service or purpose.
    """
    found = Key.objects.filter(digest=_digest(key)).select_related("application__decision").first()
    is_newest = found is not None and not found.application.keys.filter(pk__gt=found.pk).exists()
    return policies.check_grant(
        found.application if found and is_newest else None, service=service, purpose=purpose, at=at
    )


def columns_of(lake: Lake, application: Application) -> list[str]:
    """Return the columns that may leave now: asked for, still there, and of a level that the grant covers."""
    table = service_named(application.service).table
    there = [name for name in lake.schema(table) if name in application.columns]
    visible = visible_columns(table, there, policies.level_named(application.decision.level), lake.contracts)
    flag = ["is_synthetic"] if "is_synthetic" in lake.schema(table) else []
    return [*visible, *(name for name in flag if name not in visible)]


def used_on(application: Application, day: date, *, besides: Selection | None = None) -> int:
    """Return how many rows left on a day of the law. A push that was tried again counts once, arrived or not.

    `besides` is a push about to be tried, whose earlier tries are not counted against it.
    """
    begins = datetime.combine(day, time(), tzinfo=ZONE)
    ends = datetime.combine(day, time.max, tzinfo=ZONE)
    of_day = application.deliveries.filter(delivered_at__range=(begins, ends))
    pulled = of_day.filter(way="pull").aggregate(total=Sum("rows"))["total"] or 0
    pushed = {
        (version, since): rows
        for version, since, rows in of_day.filter(way="push").values_list("version", "since", "rows")
    }
    if besides is not None:
        pushed.pop((besides.version, besides.since), None)
    return int(pulled) + sum(pushed.values())


def prepare(
    lake: Lake,
    application: Application,
    *,
    since: int | None,
    columns: list[str] | None,
    by: str,
    at: datetime,
) -> Selection:
    """Return what would be delivered. `by` is pull or push.

    Raises:
        Refused: nothing that the grant covers, a column that it does not cover, or more rows than the quota leaves.
    """
    service, allowed = service_named(application.service), columns_of(lake, application)
    if unknown := [name for name in columns or [] if name not in allowed]:
        raise Refused(
            422,
            "unknown_column",
            f"授权不含列：{'、'.join(unknown)}。可取：{'、'.join(allowed)}。",
            f"The grant does not cover {', '.join(unknown)}. It covers: {', '.join(allowed)}.",
        )
    if not set(allowed) & set(application.columns):
        raise Refused(
            403,
            "nothing_covered",
            "授权级别不含所申请的任何一列，请按更高级别重新申请。",
            "The granted level covers none of the columns; apply again for a higher level.",
        )
    chosen = [name for name in allowed if columns is None or name in columns or name == "is_synthetic"]
    selection = packing.select(lake, service, tuple(chosen), application.region, since)
    _room_for(application, selection, by=by, at=at)
    return selection


def admit(
    application: Application, selection: Selection, packet: Packet, *, by: str, at: datetime
) -> tuple[Delivery, int]:
    """Write down what is about to leave; return the record and the rows used of today's quota, these included.

    The one door for pulls and pushes: the grant and the quota are looked at again, one delivery of a grant at a time,
    so of two at once that do not both fit, one is refused.

    Raises:
        Refused: the grant has ended, or its quota is used up.
    """
    with transaction.atomic():
        locked = Application.objects.select_for_update().get(pk=application.pk)
        policies.check_grant(locked, service=locked.service, purpose=locked.purpose, at=at)
        used = _room_for(locked, selection, by=by, at=at)
        delivery = Delivery.objects.create(
            application=locked,
            way=by,
            columns=list(selection.columns),
            version=selection.version,
            since=selection.since,
            rows=selection.rows,
            bytes=packet.bytes,
            sha256=packet.sha256,
            outcome="sent" if by == "pull" else "sending",
            delivered_at=at,
        )
    return delivery, used + selection.rows


def deliver(
    lake: Lake,
    application: Application,
    form: Format,
    *,
    since: int | None,
    columns: list[str] | None,
    at: datetime,
) -> tuple[Packet, Selection, int]:
    """Pack a pull and write it down before it leaves; return it with the rows used of today's quota.

    Raises:
        Refused: as `prepare` and `admit`.
    """
    selection = prepare(lake, application, since=since, columns=columns, by="pull", at=at)
    packet = packing.pack(selection, form)
    try:
        _, used = admit(application, selection, packet, by="pull", at=at)
    except Refused:
        packet.file.close()
        raise
    return packet, selection, used


def _room_for(application: Application, selection: Selection, *, by: str, at: datetime) -> int:
    besides = selection if by == "push" else None
    used = used_on(application, statutory_day(at), besides=besides)
    policies.check_quota(application.decision.rows_per_day, used, selection.rows)
    return used


def _plain(text: str) -> str:
    """Return a text without NUL, which PostgreSQL cannot store, and without spaces around it."""
    return text.replace("\x00", "").strip()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
