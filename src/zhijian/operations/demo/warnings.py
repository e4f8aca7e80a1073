"""One consumer warning on its whole way, by five invented persons: written, checked twice, graded, published."""

from datetime import datetime

from django.db import transaction

from zhijian.apps.consumer.analysis import services
from zhijian.apps.consumer.analysis.models import ConsumerWarning
from zhijian.apps.consumer.analysis.steps import Severity
from zhijian.engines.facts.models import Seal
from zhijian.operations.demo.days import moment
from zhijian.operations.seed.officers import PROVINCE, invented_officer, unit_code
from zhijian.security.models import Officer, Organisation, Role

PEOPLE = {
    "warning-writer": (Role.ANALYST, "示例起草员", "Sample writer of warnings"),
    "warning-expert": (Role.ANALYST, "示例审核专家", "Sample expert"),
    "warning-lawyer": (Role.LEADER, "示例法律审核人", "Sample legal reviewer"),
    "warning-grader": (Role.LEADER, "示例定级人", "Sample grader"),
    "warning-publisher": (Role.LEADER, "示例发布人", "Sample publisher"),
}
DRAFTED, PUBLISHED = moment(11, 23, 9), moment(11, 25, 10)
TITLE = "【示例】办健身卡前先看合同：停业、转店怎么退，写清楚再付钱"
TITLE_EN = (
    "[Sample] Before you buy a gym card: have it written how money comes back when the gym closes or moves"
)
BODY = (
    "近期示例投诉反映，健身房装修停业、转店以后，卡里的余额退不出来。\n"
    "一、付钱前要书面合同，写明价格、有效期、退费办法和违约责任。\n"
    "二、少充一点，不为折扣一次充太多；留好合同、付款凭证和聊天记录。\n"
    "三、付款7日内可以不说理由退还本金（签约时已经在别处得到同样服务的除外）。\n"
    "四、停业、转店没有告知的，可以要求退还余额；谈不成，打12315或者在网上投诉。\n"
    "本警示为演示数据，不涉及任何真实经营者。"
)
BODY_EN = (
    "Sample complaints tell of gyms that closed for renovation or changed hands and did not give back what was left on the card.\n"
    "1. Ask for a written contract before you pay: price, term, how money comes back, who answers for a breach.\n"
    "2. Load little; do not pay far ahead for a discount. Keep the contract, proof of payment and messages.\n"
    "3. Within 7 days of paying you may have the principal back without a reason (unless you already had the same service).\n"
    "4. If the gym closes or moves without telling you, ask for the balance. If talks fail, call 12315 or complain online.\n"
    "This warning is demonstration data and is about no real firm."
)


def seed() -> int:
    """Bring the warning to its publication where it is not yet; return how many were new. All or nothing is written.

    In a home whose days are sealed already nothing can be recorded in them: then nothing is added.
    """
    if ConsumerWarning.objects.filter(title=TITLE).exists():
        return 0
    if Seal.objects.filter(sealed_through__gte=DRAFTED).exists():
        return 0
    with transaction.atomic():
        _publish({name: _officer(name) for name in PEOPLE})
    return 1


def _publish(people: dict[str, Officer]) -> None:
    warning = services.draft_warning(
        title=TITLE, title_en=TITLE_EN, body=BODY, body_en=BODY_EN, topic_code="M1102", signal=None,
        by=people["warning-writer"], at=DRAFTED,
    )  # fmt: skip
    steps: tuple[tuple[str, str, str, datetime], ...] = (
        ("check_expert", "warning-expert", "与近期投诉相符，建议可行。", moment(11, 23, 15)),
        ("check_law", "warning-lawyer", "不点名，不影响名誉，依据准确。", moment(11, 24, 10)),
        ("grade", "warning-grader", "", moment(11, 24, 16)),
        ("publish", "warning-publisher", "", PUBLISHED),
    )
    for verb, name, note, at in steps:
        severity = Severity.REMINDER if verb == "grade" else ""
        services.take_step(warning, verb, note=note, severity=severity, by=people[name], at=at)
        warning = ConsumerWarning.objects.get(pk=warning.pk)


def _officer(name: str) -> Officer:
    role, zh, en = PEOPLE[name]
    return invented_officer(name, Organisation.objects.get(code=unit_code(PROVINCE)), (role,), zh, en)
