"""The ground that all tests stand on."""

import os

import pytest
from django.db import connection

pytestmark = pytest.mark.database


@pytest.mark.django_db
def test_the_suite_runs_on_the_database_that_was_asked_for():
    assert connection.vendor == os.environ.get("ZHIJIAN_TEST_DATABASE", "sqlite")


@pytest.mark.django_db
def test_no_model_has_changed_without_a_migration():
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
