"""New warnings by e-mail: asked for, confirmed by a click in the first message, ended by one click in any message.

An address is sealed on the way in and opened for the messenger alone. Whoever asks gets the same answer whether the
address is known or not. What was never confirmed is forgotten after two days.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q

from zhijian.apps.consumer.analysis.models import ConsumerWarning, Subscription
from zhijian.apps.consumer.analysis.policies import NotNow
from zhijian.engines.notices.declaration import load
from zhijian.engines.notices.services import Contact, drop_waiting, notify
from zhijian.security.sealed_text import fingerprint, seal, unseal
from zhijian.standards import consumer_matters, divisions
from zhijian.standards.whole_number import whole_number

KEY = "subscribers"  # the name of the key under which addresses are sealed
KINDS = load(Path(__file__).parent / "notices.yaml")
CONFIRM_WITHIN = timedelta(days=2)
MOST_MESSAGES = 3  # of confirmation to one address within that time
_LONGEST = 254
Randomness = Callable[[int], bytes]


def cities() -> list[tuple[str, str]]:
    """Return the code and name of each city of the province."""
    return [(one.code12[:6], one.name) for one in divisions.children("44")]


def ask(
    address: str,
    *,
    topic_codes: Sequence[str] = (),
    division_codes: Sequence[str] = (),
    language: str,
    at: datetime,
    randomness: Randomness = secrets.token_bytes,
) -> None:
    """Send a message with a link to confirm. What was chosen before holds until then.

    Raises:
        NotNow: no e-mail address, or no such topic or city.
    """
    plain = _checked(address, topic_codes, division_codes)
    mark = fingerprint(plain, key=KEY)
    recent = Subscription.objects.filter(mark=mark, asked_at__gt=at - CONFIRM_WITHIN)
    if recent.count() >= MOST_MESSAGES:
        return  # nobody fills a stranger's mailbox; whoever asks is not told that others did
    code = randomness(20).hex()
    language = "en" if language.startswith("en") else "zh"
    subscription = Subscription.objects.create(
        mark=mark,
        address_sealed=seal(plain, key=KEY, context=mark),
        language=language,
        topic_codes=sorted(set(topic_codes)),
        division_codes=sorted(set(division_codes)),
        code_digest=_digest(code),
        asked_at=at,
    )
    contact = Contact({"email": plain}, language, key=f"subscriber {subscription.pk}")
    link = f"{_site()}/warnings/subscribe/{code}/"
    notify(
        "warning.confirm_subscription",
        to=[contact],
        data={"url": link},
        at=at,
        once=f"asked {subscription.pk}",
    )


def _checked(address: str, topic_codes: Sequence[str], division_codes: Sequence[str]) -> str:
    plain = address.strip()
    try:
        if len(plain) > _LONGEST:
            raise ValidationError("too long")
        validate_email(plain)
    except ValidationError:
        raise NotNow("请填写完整的电子邮件地址，例如 name@example.com。",
                     "Give a whole e-mail address, e.g. name@example.com.") from None  # fmt: skip
    fields = {one.code for one in consumer_matters.fields()}
    if not set(topic_codes) <= fields or not set(division_codes) <= {code for code, _ in cities()}:
        raise NotNow("请从列出的事项和城市里选择。", "Choose from the topics and cities listed.")
    return plain


def waiting(code: str, *, at: datetime) -> Subscription | None:
    """Return what a link of confirmation is for, or None where it is unknown or too old."""
    youngest = at - CONFIRM_WITHIN
    found = Subscription.objects.filter(code_digest=_digest(code))
    return found.filter(Q(confirmed_at__isnull=False) | Q(asked_at__gt=youngest)).first()


@transaction.atomic
def confirm(subscription: Subscription, *, at: datetime) -> Subscription:
    """Let a subscription hold, in place of what the same address chose before. A second click changes nothing."""
    if subscription.confirmed_at is None:
        Subscription.objects.filter(mark=subscription.mark).exclude(pk=subscription.pk).delete()
        subscription.confirmed_at = at
        subscription.save(update_fields=["confirmed_at"])
    return subscription


def leave_code(subscription: Subscription) -> str:
    """Return what ends this subscription, without a secret being kept for it."""
    told = f"unsubscribe:{subscription.pk}:{subscription.code_digest}"
    return f"{subscription.pk}-{hmac.new(settings.SECRET_KEY.encode(), told.encode(), hashlib.sha256).hexdigest()[:40]}"


def find_leaving(code: str) -> Subscription | None:
    """Return the subscription that a link ends, or None: it has ended, or the link is none of ours."""
    found = Subscription.objects.filter(pk=whole_number(code.partition("-")[0]) or 0).first()
    return (
        found
        if found is not None and hmac.compare_digest(leave_code(found).encode(), code.encode())
        else None
    )


def leave(subscription: Subscription) -> None:
    """End a subscription: address and choice are deleted, and what waited for the morning is not sent."""
    for one in Subscription.objects.filter(mark=subscription.mark):
        address = unseal(one.address_sealed, key=KEY, context=one.mark)
        drop_waiting(address, kinds=[kind.code for kind in KINDS])
    Subscription.objects.filter(mark=subscription.mark).delete()


def forget_unconfirmed(*, at: datetime) -> int:
    """Delete what nobody confirmed in time; return how many."""
    return Subscription.objects.filter(confirmed_at=None, asked_at__lte=at - CONFIRM_WITHIN).delete()[0]


def _untold() -> tuple[Q, Q]:
    published = Q(published_at__isnull=False, told_at=None)
    taken_back = Q(told_at__isnull=False, taken_back_told_at=None, steps__verb="take_back")
    return published, taken_back


def has_untold() -> bool:
    """Say whether subscribers are still to be told of a warning."""
    published, taken_back = _untold()
    return ConsumerWarning.objects.filter(published | taken_back).exists()


def tell_subscribers(*, at: datetime) -> int:
    """Tell subscribers of what was published or taken back since; return how many messages were made.

    A run that breaks off is done again, and nobody gets a message twice.
    """
    count = 0
    published, taken_back = _untold()
    for warning in ConsumerWarning.objects.filter(published).order_by("published_at"):
        count += _tell(warning, "warning.new", at=at)
        ConsumerWarning.objects.filter(pk=warning.pk).update(told_at=at)
    for warning in ConsumerWarning.objects.filter(taken_back).distinct().order_by("published_at"):
        count += _tell(warning, "warning.taken_back", at=at)
        ConsumerWarning.objects.filter(pk=warning.pk).update(taken_back_told_at=at)
    return count


def _tell(warning: ConsumerWarning, kind: str, *, at: datetime) -> int:
    count = 0
    for one in Subscription.objects.filter(confirmed_at__lte=warning.published_at).iterator():
        if one.wants(warning):
            contact = Contact(
                {"email": unseal(one.address_sealed, key=KEY, context=one.mark)}, one.language,
                key=f"subscriber {one.pk}",
            )  # fmt: skip
            notify(kind, to=[contact], data=_words(warning, one), at=at, once=warning.number)
            count += 1
    return count


def _words(warning: ConsumerWarning, one: Subscription) -> dict[str, str]:
    zh, en = warning.severity_words
    return {
        "severity_zh": zh,
        "severity_en": en,
        "title_zh": warning.title,
        "title_en": warning.title_en or warning.title,
        "url": f"{_site()}/warnings/{warning.number}/",
        "leave": f"/warnings/unsubscribe/{leave_code(one)}/",
    }


def _digest(code: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"subscribe:{code}".encode(), hashlib.sha256).hexdigest()


def _site() -> str:
    return str(settings.SITE).rstrip("/")
