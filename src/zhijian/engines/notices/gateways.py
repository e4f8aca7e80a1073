"""The ways out: e-mail by the configured server, text messages and the two government apps by a signed webhook.

A gateway receives JSON and three headers: `X-Zhijian-Notice` (the same for every try, so that a repeat does no harm),
`X-Zhijian-Timestamp` and `X-Zhijian-Signature`, the HMAC-SHA256 over "timestamp.notice." and the body. Where it may
lie is ruled by the same lines as the exchange's pushes (https, no private network that the operator did not name).
"""

import hashlib
import hmac
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage

from zhijian.engines.exchange.posting import post
from zhijian.engines.notices.models import Channel, Dispatch


@dataclass(frozen=True)
class Gateways:
    """Which ways out this installation has."""

    webhooks: Mapping[str, str]  # address by channel
    secret: str
    sender: str  # of e-mail; empty: no e-mail

    @classmethod
    def configured(cls) -> "Gateways":
        return cls(settings.NOTICE_WEBHOOKS, settings.NOTICE_SECRET, settings.NOTICE_SENDER)

    def has(self, channel: str) -> bool:
        """Say whether anything can leave by this way."""
        if channel == Channel.EMAIL:
            return bool(self.sender)
        return bool(self.webhooks.get(channel) and self.secret)


def send(dispatch: Dispatch, gateways: Gateways, *, at: datetime) -> str:
    """Send one dispatch; return 'sent' or why not."""
    if not gateways.has(dispatch.channel):
        return "this way is not set up"
    if dispatch.channel == Channel.EMAIL:
        return _mail(dispatch, gateways.sender)
    body = json.dumps(_content(dispatch), ensure_ascii=False).encode()
    headers = _headers(gateways.secret, str(dispatch.pk), body, at)
    return post(gateways.webhooks[dispatch.channel], io.BytesIO(body), headers)


def signature(secret: str, timestamp: str, notice: str, body: bytes) -> str:
    """Return what a gateway computes again."""
    return hmac.new(secret.encode(), f"{timestamp}.{notice}.".encode() + body, hashlib.sha256).hexdigest()


def _headers(secret: str, notice: str, body: bytes, at: datetime) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    return {
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": str(len(body)),
        "X-Zhijian-Notice": notice,
        "X-Zhijian-Timestamp": timestamp,
        "X-Zhijian-Signature": signature(secret, timestamp, notice, body),
    }


def _content(dispatch: Dispatch) -> dict[str, str]:
    title, text = _words(dispatch)
    return {
        "channel": dispatch.channel,
        "to": dispatch.address,
        "language": dispatch.language,
        "kind": dispatch.notice.kind,
        "title": title,
        "text": text,
    }


def _mail(dispatch: Dispatch, sender: str) -> str:
    title, text = _words(dispatch)
    headers = {"Message-ID": f"<{dispatch.pk}@zhijian>"}
    if dispatch.notice.leave:
        leave = f"{str(settings.SITE).rstrip('/')}{dispatch.notice.leave}"
        text += f"\n\n{'Unsubscribe' if dispatch.language == 'en' else '退订'}: {leave}"
        headers |= {"List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    message = EmailMessage(
        subject=title,
        body=text,
        from_email=sender,
        to=[dispatch.address],
        headers=headers,
    )
    try:
        message.send()
    except (OSError, SMTPException, ValueError) as problem:
        return f"not reached: {type(problem).__name__}"
    return "sent"


def _words(dispatch: Dispatch) -> tuple[str, str]:
    notice = dispatch.notice
    if dispatch.language == "en":
        return notice.title_en, notice.text_en
    return notice.title_zh, notice.text_zh
