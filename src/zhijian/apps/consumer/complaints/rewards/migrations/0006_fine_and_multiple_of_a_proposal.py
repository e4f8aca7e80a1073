from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("report_rewards", "0005_review_examined_again")]

    operations = [
        migrations.AddField(
            model_name="proposal",
            name="fine_yuan",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="proposal",
            name="multiple",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=4, null=True),
        ),
    ]
