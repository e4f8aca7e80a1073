"""Registers of our own: every version of every entry is kept, with who, when and why."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, models, transaction

from zhijian.engines.registers import Audience, Field, Label, RegisterDeclaration
from zhijian.engines.registers.models import RegisterEntry, RegisterVersion
from zhijian.engines.registers.services import VersionRefused, find_version_at, save_version, versions_of

pytestmark = [pytest.mark.database, pytest.mark.django_db]
AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


class SampleInspector(RegisterEntry):
    declaration = RegisterDeclaration(
        name="sample_inspectors",
        title=Label("示例人员库", "Sample inspectors"),
        keeper=Label("示例局", "Sample bureau"),
        audience=Audience.OFFICER,
        contract="sample_inspectors",
        key="number",
        fields=(
            Field("number", Label("编号", "Number")),
            Field("valid_until", Label("有效期至", "Valid until")),
        ),
    )
    number = models.CharField(max_length=10, unique=True)
    valid_until = models.DateField()

    class Meta:
        app_label = "tests_registers"


@pytest.fixture(scope="module", autouse=True)
def _table(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        with connection.schema_editor() as editor:
            editor.create_model(SampleInspector)
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(SampleInspector)


@pytest.fixture
def inspector() -> SampleInspector:
    return SampleInspector(number="E01", valid_until=AT.date())


def test_the_first_version_stands_from_the_moment_of_the_change(inspector):
    version = save_version(inspector, by="张三", at=AT, reason="入库")
    assert (version.version, version.valid_from, version.valid_to) == (1, AT, None)
    assert (version.changed_by, version.reason, version.changed_fields) == ("张三", "入库", [])
    assert version.snapshot == {"number": "E01", "valid_until": "2026-11-20"}


def test_a_change_ends_the_version_before_and_names_the_fields(inspector):
    save_version(inspector, by="张三", at=AT, reason="入库")
    inspector.valid_until += timedelta(days=365)
    later = AT + timedelta(days=1)
    save_version(inspector, by="李四", at=later, reason="换证")
    newest, oldest = versions_of(inspector)
    assert oldest.valid_to == newest.valid_from == later
    assert newest.changed_fields == ["valid_until"]
    assert SampleInspector.objects.get().valid_until == inspector.valid_until


def test_saving_without_a_change_keeps_the_version(inspector):
    first = save_version(inspector, by="张三", at=AT, reason="入库")
    assert save_version(inspector, by="李四", at=AT + timedelta(days=1), reason="核对") == first
    assert RegisterVersion.objects.count() == 1


def test_what_stood_at_a_time_can_be_asked_for_the_moment_before_and_at_the_change(inspector):
    save_version(inspector, by="张三", at=AT, reason="入库")
    inspector.valid_until += timedelta(days=1)
    later = AT + timedelta(days=1)
    save_version(inspector, by="张三", at=later, reason="换证")
    moments = [AT - timedelta(seconds=1), AT, later - timedelta(seconds=1), later]
    found = [find_version_at("sample_inspectors", "E01", moment) for moment in moments]
    assert [one.version if one else None for one in found] == [None, 1, 1, 2]


@pytest.mark.parametrize(
    ("by", "at", "reason"),
    [
        (" ", AT, "换证"),
        ("张三", AT, ""),
        ("张三", AT.replace(tzinfo=None), "换证"),
        ("张三", AT - timedelta(1), "换证"),
    ],
)
def test_a_change_without_name_reason_or_time_or_before_the_last_is_refused_and_nothing_saved(
    inspector, by, at, reason
):
    save_version(inspector, by="张三", at=AT, reason="入库")
    inspector.valid_until += timedelta(days=1)
    with pytest.raises(VersionRefused):
        save_version(inspector, by=by, at=at, reason=reason)
    assert SampleInspector.objects.get().valid_until == AT.date()
    assert RegisterVersion.objects.count() == 1


def test_two_versions_cannot_stand_at_once(inspector):
    version = save_version(inspector, by="张三", at=AT, reason="入库")
    version.pk, version.version = None, 2
    with pytest.raises(IntegrityError), transaction.atomic():
        version.save(force_insert=True)
