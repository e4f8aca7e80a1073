from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bay_area", "0001_transfers")]

    operations = [
        migrations.AddField(
            model_name="transfer",
            name="send_key",
            field=models.UUIDField(blank=True, null=True, unique=True),
        ),
    ]
