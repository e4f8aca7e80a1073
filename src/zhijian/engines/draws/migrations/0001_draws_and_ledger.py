
import django.db.models.deletion
from django.db import migrations, models

from zhijian.engines.facts.append_only import GuardTable


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Draw',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('plan_id', models.CharField(max_length=60)),
                ('attempt', models.PositiveIntegerField(default=1)),
                ('title', models.CharField(max_length=200)),
                ('announcement', models.TextField()),
                ('is_synthetic', models.BooleanField(default=False)),
                ('rehearsal', models.BooleanField(default=False)),
                ('announced_at', models.DateTimeField(db_index=True)),
            ],
            options={
                'ordering': ['-announced_at', '-id'],
                'constraints': [models.UniqueConstraint(fields=('plan_id', 'attempt'), name='one_draw_per_attempt')],
            },
        ),
        migrations.CreateModel(
            name='CeremonyEvent',
            fields=[
                ('n', models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('actor', models.CharField(max_length=150)),
                ('kind', models.CharField(choices=[('announced', '公告'), ('frozen', '冻结'), ('committed', '承诺'), ('public_value', '记录公共随机数'), ('revealed', '揭示'), ('drawn', '抽取'), ('published', '公布'), ('outcomes', '公布结果'), ('voided', '作废')], max_length=20)),
                ('body', models.TextField()),
                ('body_sha256', models.CharField(max_length=64)),
                ('previous', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64, unique=True)),
                ('draw', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='draws.draw')),
            ],
            options={
                'ordering': ['n'],
            },
        ),
        GuardTable('draws_ceremonyevent'),
        migrations.CreateModel(
            name='Selection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('leaf', models.CharField(max_length=64)),
                ('object_id', models.CharField(db_index=True, max_length=60)),
                ('name', models.CharField(max_length=300)),
                ('division', models.CharField(max_length=6)),
                ('stratum', models.CharField(max_length=10)),
                ('order', models.PositiveIntegerField()),
                ('is_reserve', models.BooleanField()),
                ('inspectors', models.JSONField(default=list)),
                ('standby', models.JSONField(default=list)),
                ('pool', models.PositiveSmallIntegerField(default=0)),
                ('is_synthetic', models.BooleanField(default=False)),
                ('draw', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='selections', to='draws.draw')),
            ],
            options={
                'ordering': ['is_reserve', 'stratum', 'order'],
                'constraints': [models.UniqueConstraint(fields=('draw', 'leaf'), name='leaf_selected_once')],
            },
        ),
    ]
