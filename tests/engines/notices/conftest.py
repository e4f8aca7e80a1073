"""Two kinds of notice, a way out by text message to a receiver on this machine, and an officer."""

import pytest


@pytest.fixture
def kinds(monkeypatch):
    from zhijian.engines.notices import declaration
    from zhijian.engines.notices.declaration import NoticeKind

    monkeypatch.setattr(declaration, "_KINDS", {})
    declaration.register(
        [
            NoticeKind(
                "due",
                "今天到期",
                "Due today",
                "{{ what }}今天到期。",
                "{{ what }} is due today.",
                "/work/{{ n }}/",
            ),
            NoticeKind(
                "recall", "召回", "Recall", "{{ what }}召回。", "{{ what }} is recalled.", is_urgent=True
            ),
        ]
    )


@pytest.fixture
def gateway(settings, monkeypatch):
    """Everything that may leave, kept; what it answers is `gateway.answer`."""
    from zhijian.engines.notices import gateways

    class Gateway:
        def __init__(self):
            self.sent, self.answer = [], "sent"

        def post(self, url, body, headers):
            self.sent.append((url, body.read(), headers))
            return self.answer

    kept = Gateway()
    settings.NOTICE_WEBHOOKS = {"sms": "https://sms.example.com/in", "yss": "https://yss.example.com/in"}
    settings.NOTICE_SECRET, settings.NOTICE_SENDER = "s" * 32, "noreply@example.com"
    monkeypatch.setattr(gateways, "post", kept.post)
    return kept


@pytest.fixture
def officer(db, settings):
    from tests.portal.pages import town

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return town.officer("reader", "handler", division="440106")
