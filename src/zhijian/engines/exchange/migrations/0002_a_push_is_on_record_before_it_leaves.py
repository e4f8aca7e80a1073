import django.db.models.deletion
from django.db import migrations, models

from zhijian.engines.facts.append_only import GuardTable


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_applications_and_deliveries")]

    operations = [
        migrations.CreateModel(
            name="Arrival",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("outcome", models.CharField(max_length=200)),
                ("arrived_at", models.DateTimeField()),
                (
                    "delivery",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="arrival",
                        to="exchange.delivery",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        GuardTable("exchange_arrival"),
    ]
