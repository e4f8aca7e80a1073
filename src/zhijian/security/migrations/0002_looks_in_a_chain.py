"""Give every look its place in a chain of hashes; looks kept so far are chained as they stand."""

from django.db import migrations, models

from zhijian.security.chain import linked

BATCH = 1000


def chain_what_is_kept(apps, schema_editor):
    record = apps.get_model("security", "AccessRecord")
    fields, batch = ["sequence", "previous_hash", "row_hash"], []
    for one in linked(list(record.objects.order_by("id"))):
        batch.append(one)
        if len(batch) == BATCH:
            record.objects.bulk_update(batch, fields)
            batch.clear()
    record.objects.bulk_update(batch, fields)


class Migration(migrations.Migration):
    dependencies = [("security", "0001_organisations_and_officers")]

    operations = [
        migrations.AddField("accessrecord", "sequence", models.BigIntegerField(null=True)),
        migrations.AddField("accessrecord", "previous_hash", models.CharField(max_length=64, default=""), preserve_default=False),
        migrations.AddField("accessrecord", "row_hash", models.CharField(max_length=64, default=""), preserve_default=False),
        migrations.RunPython(chain_what_is_kept, migrations.RunPython.noop),
        migrations.AlterField("accessrecord", "sequence", models.BigIntegerField(unique=True)),
    ]
