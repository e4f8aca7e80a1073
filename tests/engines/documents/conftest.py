"""An officer who issues, and a document that was issued."""

import pytest


@pytest.fixture
def officer(db, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    from tests.portal.pages import town

    return town.officer("clerk", "handler", division="440106")


@pytest.fixture
def issued(home, officer):
    from tests.engines.documents.issuing import issue

    return issue(home, officer)
