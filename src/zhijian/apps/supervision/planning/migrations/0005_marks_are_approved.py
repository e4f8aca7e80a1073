from django.db import migrations, models


class Migration(migrations.Migration):

    holds_because = "No released version works with this table yet; a later one would give the column a db_default."

    dependencies = [
        ('planning', '0004_annual_plans'),
    ]

    operations = [
        migrations.AddField(
            model_name='tagmark',
            name='approved_by',
            field=models.CharField(blank=True, max_length=60),
        ),
    ]
