"""Verbs of contracts: open a matter, keep a version of its text, end it; count uses and public checks."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from zhijian.apps.consumer.contracts.codes import SOURCES, TRADE_WORDS
from zhijian.apps.consumer.contracts.models import ContractVersion, Matter, PublicCheck, TextUse
from zhijian.apps.consumer.contracts.reading import checked_text
from zhijian.apps.consumer.contracts.screening.engine import screen
from zhijian.apps.consumer.contracts.screening.rulebook import shipped
from zhijian.apps.consumer.contracts.screening.shown import finding_json
from zhijian.engines.procedures import numbering
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import Incomplete
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import Permission, require
from zhijian.standards import divisions
from zhijian.standards.calendar import statutory_day
from zhijian.standards.uscc import is_valid

SUPERVISION = "consumer/contract_supervision"
_PREFIX = "HT"


@dataclass(frozen=True)
class Opening:
    """Which contract of which firm, and how one came upon it. `source_number` is internal."""

    firm_name: str
    uscc: str
    trade_code: str
    division_code: str  # of a county
    title: str
    text: str
    source: str
    source_number: str = ""
    is_synthetic: bool = False


@transaction.atomic
def open_matter(opening: Opening, unit: Organisation, *, by: Officer | None, at: datetime) -> Matter:
    """Open the supervision of a contract with its first version. `by` None: a member of the public handed it in.

    Raises:
        Forbidden: the officer may not, or not in this area.
        Incomplete: a field is missing or wrong, each named.
        RefusedFile: the text is empty or too long.
    """
    _check(opening)
    if by is not None:
        require(by, Permission.WORK_CONTRACT, division=opening.division_code)
    text = checked_text(opening.text)
    day = statutory_day(at)
    matter = Matter.objects.create(
        number=numbering.take(
            f"{_PREFIX}{day.year}-{opening.division_code}-", width=4, taken=Matter.objects.all()
        ),
        organisation=unit,
        division_code=opening.division_code,
        firm_name=opening.firm_name.strip(),
        uscc=opening.uscc.strip(),
        trade_code=opening.trade_code,
        title=opening.title.strip(),
        source=opening.source,
        source_number=opening.source_number.strip(),
        opened_at=at,
        is_synthetic=opening.is_synthetic,
    )
    keep_version(matter, text, by=by, at=at)
    matter.case = procedures.start_case(
        SUPERVISION,
        number=matter.number,
        title=f"{matter.firm_name}：{matter.title}",
        organisation=unit,
        division_code=matter.division_code,
        entity_code=matter.uscc,
        data={"unit_code": unit.code, "opened_on": day},
        by=by,
        at=at,
        is_synthetic=matter.is_synthetic,
    )
    matter.save(update_fields=["case"])
    return matter


def _check(opening: Opening) -> None:
    problems = [(name, zh, en) for name, is_wrong, zh, en in _asked(opening) if is_wrong]
    if problems:
        told_zh, told_en = "；".join(zh for _, zh, _ in problems), "; ".join(en for _, _, en in problems)
        raise Incomplete(told_zh, told_en, problems)


def _asked(one: Opening) -> Iterable[tuple[str, bool, str, str]]:
    code, place = one.uscc.strip(), one.division_code
    yield (
        "firm_name",
        not 2 <= len(one.firm_name.strip()) <= 200,
        "请写经营者名称（2到200个字）",
        "Name the firm (2 to 200 characters)",
    )
    yield (
        "uscc",
        bool(code) and not is_valid(code),
        "统一社会信用代码不对，请对照营业执照核对，不知道就空着",
        "The credit code is wrong; check the licence, or leave it empty",
    )
    yield "trade_code", one.trade_code not in TRADE_WORDS, "请选行业", "Choose the trade"
    yield (
        "division_code",
        len(place) != 6 or not divisions.full_name(place),
        "请选县（市、区）",
        "Choose the county",
    )
    yield (
        "title",
        not 2 <= len(one.title.strip()) <= 200,
        "请写合同名称（2到200个字）",
        "Name the contract (2 to 200 characters)",
    )
    yield "source", one.source not in SOURCES, "请选来源", "Choose how it was found"
    yield (
        "source_number",
        len(one.source_number) > 40,
        "来源编号最多40个字",
        "The number has at most 40 characters",
    )


def keep_version(matter: Matter, text: str, *, by: Officer | None, at: datetime) -> ContractVersion:
    """Keep a text of the contract with what the rules of today say about it."""
    found = screen(text, shipped(), on=statutory_day(at))
    version: ContractVersion = ContractVersion.objects.create(
        matter=matter,
        sequence=matter.versions.count() + 1,
        text=text,
        sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        rules_version=found.version,
        findings=[finding_json(one) for one in found.findings],
        kinds=list(found.kinds),
        officer=by,
        at=at,
    )
    return version


def count_use(key: str, way: str, *, by: None, at: datetime) -> None:
    """Count that a model contract was taken; nobody is known by it."""
    _add_one(TextUse, {"key": key, "day": statutory_day(at), "way": way})


def count_check(trade: str, kinds: Iterable[str], *, by: None, at: datetime) -> None:
    """Count a stranger's check by trade and kind of term; no word of the contract is kept."""
    code = trade if trade in TRADE_WORDS else "other"
    for kind in ("", *kinds):
        _add_one(PublicCheck, {"day": statutory_day(at), "trade_code": code, "kind": kind})


def _add_one(model: type[TextUse] | type[PublicCheck], what: dict[str, object]) -> None:
    mine = model._default_manager.filter(**what)
    if mine.update(times=F("times") + 1):
        return
    try:
        with transaction.atomic():
            model._default_manager.create(times=1, **what)
    except IntegrityError:  # another process opened the day at the same moment
        mine.update(times=F("times") + 1)
