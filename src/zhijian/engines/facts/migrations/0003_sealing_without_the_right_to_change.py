"""An account that may only add facts can still hold new ones back while a day is sealed."""

from django.db import migrations

from zhijian.engines.facts.append_only import HoldForSealing


class Migration(migrations.Migration):
    dependencies = [("facts", "0002_looks_are_append_only")]

    operations = [HoldForSealing()]
