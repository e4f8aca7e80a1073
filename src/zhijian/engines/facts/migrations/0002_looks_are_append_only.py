"""The record of looks refuses change and deletion, as the facts do."""

from django.db import migrations

from zhijian.engines.facts.append_only import GuardTable


class Migration(migrations.Migration):
    dependencies = [("facts", "0001_facts_and_seals"), ("security", "0002_looks_in_a_chain")]

    operations = [GuardTable("security_accessrecord")]
