"""Before an upgrade, `zhijian migrate --plan` says which steps hold a table."""

import pytest
from django.db import migrations, models
from django.db.models.functions import Lower

from zhijian.operations.locks import steps


def told(*operations):
    return [step.holds for step in steps("app.0002", operations)]


def test_what_only_adds_holds_nobody():
    optional = models.CharField(max_length=5, null=True)
    assert told(migrations.AddField("fact", "note", optional)) == [""]
    assert told(
        migrations.CreateModel("new", []), migrations.AddIndex("new", models.Index(Lower("a"), name="i"))
    ) == ["", ""]


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (migrations.AddIndex("fact", models.Index(Lower("a"), name="i")), "AddIndexConcurrently"),
        (migrations.AddField("fact", "n", models.IntegerField()), "without default"),
        (
            migrations.AddField("fact", "n", models.IntegerField(null=True, unique=True)),
            "index of the new column",
        ),
        (migrations.AlterField("fact", "n", models.TextField()), "rewritten"),
        (migrations.RemoveField("fact", "n"), "version before"),
        (migrations.RunPython(migrations.RunPython.noop), "try it on a copy"),
    ],
)
def test_what_holds_a_table_with_rows_is_told(operation, words):
    assert words in told(operation)[0]
