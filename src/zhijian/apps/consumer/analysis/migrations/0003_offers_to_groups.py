from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consumer_analysis", "0002_subscriptions_and_cases"),
    ]

    operations = [
        migrations.AddField(
            model_name="fastgroup",
            name="asked_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="fastgroup",
            name="answer_by",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="fastgroup",
            name="offer",
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name="fastgroup",
            name="offered_on",
            field=models.DateField(blank=True, null=True),
        ),
    ]
