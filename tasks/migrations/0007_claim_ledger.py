"""What the sources say of each factual sentence of a version. Texts of before have no such ledger."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from tasks.sql_files import LoadSQL


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0006_recordings'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClaimLedger',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('claims', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), help_text='Ids of claim records.', size=None)),
                ('counts', models.JSONField(help_text='How many claims have each verdict.')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('draft', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claim_ledgers', to='tasks.draft')),
            ],
            options={
                'ordering': ['-id'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['draft', 'version', '-id'], name='tasks_claims_of_version')],
            },
        ),
        migrations.CreateModel(
            name='ClaimRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fingerprint', models.CharField(help_text='SHA-256 over everything below but the version.', max_length=64)),
                ('first_version', models.PositiveIntegerField(help_text='The first version that has it.')),
                ('text', models.TextField(help_text='As readers see it, without citations.')),
                ('section', models.TextField(blank=True, help_text='The heading above it.')),
                ('citations', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveIntegerField(), size=None)),
                ('source', models.PositiveIntegerField(help_text='The number of the source with the passage.', null=True)),
                ('sha256', models.CharField(blank=True, help_text='Of the bytes that source was read from.', max_length=64)),
                ('reader', models.CharField(blank=True, help_text='Which read them, with its version.', max_length=100)),
                ('start', models.PositiveIntegerField(help_text='Where the passage begins in the text of that reading.')),
                ('end', models.PositiveIntegerField()),
                ('passage', models.TextField(blank=True)),
                ('score', models.FloatField(help_text='How much of the sentence the passage has, 0 to 1.')),
                ('verdict', models.CharField(choices=[('supported', 'supported'), ('partly_supported', 'partly supported'), ('unsupported', 'unsupported'), ('contradicted', 'contradicted'), ('uncited', 'uncited'), ('not_compared', 'not compared')], max_length=20)),
                ('why', models.TextField(blank=True)),
                ('draft', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='tasks.draft')),
            ],
            options={
                'ordering': ['-id'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('draft', 'fingerprint'), name='tasks_claim_recorded_once')],
            },
        ),
    ]
