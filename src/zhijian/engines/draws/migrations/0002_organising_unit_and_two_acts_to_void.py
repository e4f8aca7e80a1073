import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def name_the_unit(apps, schema_editor):
    """A draw belongs to the unit of whoever announced it."""
    events = apps.get_model("draws", "CeremonyEvent").objects.filter(kind="announced").select_related("draw")
    officers = apps.get_model("security", "Officer").objects
    for event in events:
        officer = officers.filter(username=event.actor).first()
        if officer is not None and event.draw.organisation_id is None:
            event.draw.organisation_id = officer.organisation_id
            event.draw.save(update_fields=["organisation"])


class Migration(migrations.Migration):

    dependencies = [
        ("security", "0001_organisations_and_officers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("draws", "0001_draws_and_ledger"),
    ]

    operations = [
        migrations.AddField(
            model_name="draw",
            name="organisation",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="draws", to="security.organisation"),
        ),
        migrations.AddField(model_name="draw", name="dispatched_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="draw", name="void_reason", field=models.TextField(blank=True)),
        migrations.AddField(
            model_name="draw",
            name="void_requested_by",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(model_name="draw", name="void_requested_at", field=models.DateTimeField(null=True)),
        migrations.RunPython(name_the_unit, migrations.RunPython.noop),
    ]
