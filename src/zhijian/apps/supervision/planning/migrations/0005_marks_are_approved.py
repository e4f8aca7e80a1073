from django.db import migrations, models


class Migration(migrations.Migration):

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
