"""The papers that a check leaves with the firm: its record, and the order to correct; made, delivered, read by the firm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from zhijian.apps.supervision.inspection import policies, queries, site_rules
from zhijian.apps.supervision.inspection.codes import WITNESSES, FollowUpKind
from zhijian.apps.supervision.inspection.models import Check, CheckResult
from zhijian.apps.supervision.inspection.orders import OF_SITE
from zhijian.apps.supervision.inspection.rules import Due, Finding, Signing, State, Verb
from zhijian.apps.supervision.inspection.site_rules import ORDER, RECORD, Delivery, Way
from zhijian.engines.documents import services as documents
from zhijian.engines.documents.declaration import Template, load_folder
from zhijian.engines.documents.models import Document, Service
from zhijian.engines.documents.paper import chinese_day, sentence
from zhijian.engines.evidence.services import Owner
from zhijian.security.models import BusinessPerson, Officer
from zhijian.security.permissions import Forbidden
from zhijian.standards.calendar import ZONE, statutory_day

KINDS = (RECORD, ORDER)
PAPERS: dict[str, Template] = load_folder(Path(__file__).parent / "papers")
_FIRM_MAY_READ = {State.CONFIRMED, State.PUBLISHED}


@dataclass(frozen=True)
class SitePaper:
    """One paper of a check. `is_replaced`: a later version of the result has its own."""

    document: Document
    version: int
    is_replaced: bool
    deliveries: tuple[Service, ...]

    @property
    def delivered_on(self) -> date | None:
        return statutory_day(self.deliveries[0].served_at) if self.deliveries else None

    @property
    def is_order(self) -> bool:
        return bool(self.document.template == ORDER)


def write(check: Check, kind: str, *, by: Officer, at: datetime) -> Document:
    """Return the paper of the newest result; a second one of the same version is not made.

    Raises:
        Forbidden, WrongPerson: none of the two inspectors. Incomplete: it cannot be made yet, or nothing was ordered.
        DocumentRefused: the office has no word of its own.
    """
    policies.check_inspector(check, by)
    with transaction.atomic():
        held = Check.objects.select_for_update(of=("self",)).select_related("task").get(pk=check.pk)
        result = held.result
        orders = orders_of(result)
        if problems := site_rules.paper_problems(kind, held.state, has_order=bool(orders)):
            raise policies.Incomplete(problems)
        assert result is not None
        owner = Owner(OF_SITE, f"{held.number}/{result.version}")
        earlier = _standing(owner, kind)
        if earlier is not None:
            return earlier
        if kind == ORDER and (problems := site_rules.late_order_problems(orders, on=statutory_day(at))):
            raise policies.Incomplete(problems)
        data = _record_data(held, result) if kind == RECORD else _order_data(held, result, orders, at)
        return documents.issue(
            PAPERS[kind], data, owner, site=settings.SITE, media=settings.HOME.media, by=by, at=at,
            is_synthetic=held.is_synthetic,
        )  # fmt: skip


def orders_of(result: CheckResult | None) -> list[Due]:
    """Return what a result orders the firm to put right."""
    if result is None:
        return []
    codes = [one.code for one in result.codes]
    return site_rules.orders_in(codes, result.completed_on, correct_by=result.correct_by)


def _standing(owner: Owner, kind: str) -> Document | None:
    rows = Document.objects.filter(owner_kind=owner.kind, owner_id=owner.id, template=kind, voiding=None)
    return rows.order_by("issued_at").last()


def deliver(check: Check, document: Document, delivery: Delivery, *, by: Officer, at: datetime) -> Service:
    """Write down that the firm received a paper of its check, now; from then on the paper stands on the firm's own page.

    Raises:
        Forbidden, WrongPerson: none of the two inspectors. Incomplete: the way lacks what the law asks of it, or the order is late.
        NotNow: it was delivered before, or the result has a newer version. DocumentRefused: another unit's paper, or void.
    """
    policies.check_inspector(check, by)
    with transaction.atomic():
        held = Check.objects.select_for_update(of=("self",)).get(pk=check.pk)
        if document.owner_kind != OF_SITE or _number(document.owner_id) != held.number:
            raise Forbidden("这不是这次检查的文书。", "This is no paper of this check.")
        if document.services.exists():
            raise policies.NotNow("这份文书已经送达。", "This paper was delivered before.")
        _check_newest(held, document)
        orders = orders_of(held.result) if document.template == ORDER else []
        if problems := site_rules.late_order_problems(orders, on=statutory_day(at)):
            raise policies.Incomplete(problems)
        has_account = BusinessPerson.objects.filter(uscc=held.uscc, is_active=True).exists()
        if problems := site_rules.delivery_problems(delivery, has_account=has_account):
            raise policies.Incomplete(problems)
        return documents.serve(
            document, way=delivery.way, to_whom=held.entity_name, served_at=at, proof=_proof(delivery), by=by, at=at,
        )  # fmt: skip


def _check_newest(check: Check, document: Document) -> None:
    """Refuse to deliver what the result no longer says."""
    newest = check.result.version if check.result is not None else 0
    if _version(document) != newest:
        raise policies.NotNow(
            f"这份文书写的是第{_version(document)}版结论，现在是第{newest}版。请出具、送达新的一版。",
            f"This paper tells version {_version(document)} of the result, which is now {newest}. Make and deliver a new one.",
        )


def _proof(delivery: Delivery) -> str:
    if delivery.way == Way.IN_PERSON:
        return f"当面签收：{delivery.receiver.strip()}"
    if delivery.way == Way.ONLINE:
        return "当事人同意电子送达并签订送达地址确认书，文书到达企业自己的页面"
    return f"拒收，留置：{delivery.reason.strip()}"


def papers_of(check: Check) -> list[SitePaper]:
    """Return the papers of a check that count, the newest first."""
    return _papers(Q(owner_id__startswith=f"{check.number}/"))


def _papers(owned: Q) -> list[SitePaper]:
    rows = (
        Document.objects.filter(owned, owner_kind=OF_SITE, voiding=None)
        .select_related("organisation")
        .prefetch_related("services")
        .order_by("-issued_at")
    )
    newest: dict[tuple[str, str], int] = {}
    found = [(one, (_number(one.owner_id), one.template), _version(one)) for one in rows]
    for _, of, version in found:
        newest[of] = max(version, newest.get(of, 0))
    return [
        SitePaper(one, version, version < newest[of], tuple(one.services.all())) for one, of, version in found
    ]


def _number(owner_id: str) -> str:
    return owner_id.rpartition("/")[0]


def _check_of(owner_id: str) -> Check | None:
    return Check.objects.filter(number=_number(owner_id)).first()


def _version(document: Document) -> int:
    return int(document.owner_id.rpartition("/")[2])


def page_of(owner_id: str) -> str:
    """Return where the papers of a check are delivered; empty where there is no such check."""
    check = _check_of(owner_id)
    return reverse("work_site_papers", kwargs={"check_id": check.pk}) if check is not None else ""


def check_paper(owner_id: str, officer: Officer) -> str:
    """Let those who may see a check see its papers.

    Raises:
        Forbidden: another role, or another area.
    """
    check = _check_of(owner_id)
    if check is None:
        raise Forbidden("没有这份文书。", "There is no such paper.")
    policies.check_view(check, officer)
    return check.uscc


# ------------------------------------------------------------------------------------------------------ the firm


def may_firm_read(check: Check) -> bool:
    """Say whether the firm may read the record of its check: once both inspectors stand behind it."""
    return check.state in _FIRM_MAY_READ


def delivered_to(uscc: str, *, since: date) -> list[tuple[Check, SitePaper]]:
    """Return the papers that a firm received from a day on, the newest first. What was not delivered is not told."""
    results = CheckResult.objects.filter(check_record__uscc=uscc).select_related(
        "check_record__task", "check_record__organisation"
    )
    checks = {f"{one.check_record.number}/{one.version}": one.check_record for one in results}
    found = [
        (checks[paper.document.owner_id], paper)
        for paper in _papers(Q(owner_id__in=list(checks)))
        if paper.delivered_on is not None and paper.delivered_on >= since
    ]
    return sorted(found, key=lambda pair: pair[1].deliveries[0].served_at, reverse=True)


# ------------------------------------------------------------------------------------------------------ the words


def _record_data(check: Check, result: CheckResult) -> dict[str, Any]:
    begun = check.last(Verb.BEGIN)
    rows = result.item_results.select_related("item").order_by("item__code")
    items = "".join(
        f"{place}．{row.item.name}（{row.item.legal_basis}）：{_finding(row)}"
        for place, row in enumerate(rows, 1)
    )
    return _common(check, result) | {
        "plan": check.task.plan_id,
        "place": check.address or "登记的住所",
        "team": "；".join(
            f"{one.display_name}（证件号{one.certificate_number}）" for one in check.inspectors
        ),
        "arrived": _clock(begun.happened_at) if begun else "",
        "items": items or "没有能逐项检查。",
        "summary": sentence(result.summary) if result.summary.strip() else "",
        "codes": "；".join(f"{one.code} {one.label_zh}" for one in result.codes),
        "correct_by": chinese_day(result.correct_by) if result.correct_by else "",
        "signed": _signed(result),
        "unit": check.organisation.name,
    }


def _order_data(check: Check, result: CheckResult, orders: Sequence[Due], at: datetime) -> dict[str, Any]:
    rows = (
        result.item_results.filter(finding=Finding.NONCONFORM).select_related("item").order_by("item__code")
    )
    found = "".join(
        f"{place}．{row.item.name}（{row.item.legal_basis}）：{_finding(row)}"
        for place, row in enumerate(rows, 1)
    )
    terms = site_rules.REMEDIES.on(statutory_day(at))
    return _common(check, result) | {
        "found": found or f"{'；'.join(one.label_zh for one in result.codes)}。",
        "articles": "、".join(one.article for one in orders if one.article.startswith("《")),
        "orders": "；".join(_ordered(one, statutory_day(at)) for one in orders),
        "reconsideration_days": terms["reconsideration_days"],
        "suit_months": terms["suit_months"],
    }


def _ordered(order: Due, on: date) -> str:
    if order.kind == FollowUpKind.ORDER_CORRECTION:
        return f"自收到本通知之日起{site_rules.days_to_publish(on)}日内公示应当公示的信息"
    assert order.due_on is not None, "an order to correct has its last day"
    return f"于{chinese_day(order.due_on)}以前（含当日）改正"


def _common(check: Check, result: CheckResult) -> dict[str, Any]:
    return {
        "firm": check.entity_name,
        "uscc": check.uscc,
        "check": check.number,
        "version": result.version,
        "day": chinese_day(result.completed_on),
        "is_rehearsal": check.task.is_rehearsal,
    }


def _finding(row: Any) -> str:
    words = queries.FINDING_WORDS[Finding(row.finding)][0]
    return f"{words}，{sentence(row.note)}" if row.note.strip() else f"{words}。"


def _signed(result: CheckResult) -> str:
    if result.signing == Signing.SIGNED:
        return "当事人看过记录，已签字或者盖章，签字存入案卷。"
    if result.signing == Signing.REFUSED:
        witness = WITNESSES.get(result.refusal_witness, ("没有人见证", ""))[0]
        return f"当事人没有签字：{sentence(result.refusal_reason)}{witness}。"
    return "没有见到当事人。"


def _clock(at: datetime) -> str:
    local = at.astimezone(ZONE)
    return f"{chinese_day(local.date())}{local:%H:%M}"
