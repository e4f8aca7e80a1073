"""The record of refusals refuses change and deletion, as that of looks does."""

from django.db import migrations

from zhijian.engines.facts.append_only import GuardTable


class Migration(migrations.Migration):
    dependencies = [
        ("facts", "0003_sealing_without_the_right_to_change"),
        ("security", "0008_refusals_and_outside_subjects"),
    ]

    operations = [GuardTable("security_refusal")]
