"""Rules of the desk for quality checks, and what published texts are compared by."""


import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from tasks.sql_files import LoadSQL


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0008_proposals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='qualityreport',
            name='check_rules',
            field=models.JSONField(db_default=[], default=list, help_text="The desk's rules for checks that were in force."),
        ),
        migrations.CreateModel(
            name='QualityCheckRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('check_name', models.CharField(max_length=60, unique=True, verbose_name='check')),
                ('severity', models.CharField(blank=True, choices=[('veto', 'Veto: a failure must be fixed'), ('advisory', 'Advisory: a failure costs points'), ('off', 'Off: the check is not run')], max_length=10)),
                ('limits', models.JSONField(blank=True, default=dict, help_text='By the name of the threshold.', verbose_name='thresholds')),
                ('reason', models.CharField(max_length=500, validators=[django.core.validators.MinLengthValidator(10)])),
                ('changed_by_name', models.CharField(editable=False, max_length=150)),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('changed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'rule of a quality check',
                'verbose_name_plural': 'quality checks',
                'ordering': ['check_name'],
            },
        ),
        migrations.CreateModel(
            name='HistoricalQualityCheckRule',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('check_name', models.CharField(db_index=True, max_length=60, verbose_name='check')),
                ('severity', models.CharField(blank=True, choices=[('veto', 'Veto: a failure must be fixed'), ('advisory', 'Advisory: a failure costs points'), ('off', 'Off: the check is not run')], max_length=10)),
                ('limits', models.JSONField(blank=True, default=dict, help_text='By the name of the threshold.', verbose_name='thresholds')),
                ('reason', models.CharField(max_length=500, validators=[django.core.validators.MinLengthValidator(10)])),
                ('changed_by_name', models.CharField(editable=False, max_length=150)),
                ('changed_at', models.DateTimeField(blank=True, editable=False)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('changed_by', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical rule of a quality check',
                'verbose_name_plural': 'historical quality checks',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='PublishedSketch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('hashes', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=128)),
                ('draft', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='sketch', to='tasks.draft')),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['hashes'], name='tasks_sketch_hashes')],
            },
        ),
        LoadSQL("append_only_tables", "d9d4e7d3c551efba"),
    ]
