"""What sources were: the bytes of documents, where they came from, and what was read from them.

Sources that were filed before have none; their next run adds them.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models



class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0003_names"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='source',
            name='file_name',
            field=models.CharField(blank=True, db_default='', default='', editable=False, help_text='Of the file that the text was read from, if it was.', max_length=255),
        ),
        migrations.CreateModel(
            name='SourceBytes',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.PositiveIntegerField(help_text='In bytes, before they were compressed.')),
                ('data', models.BinaryField()),
                ('is_compressed', models.BooleanField(help_text='By zlib.')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tasks.source')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='SourceSnapshot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('origin', models.CharField(choices=[('fetched', 'Fetched'), ('uploaded', 'Uploaded'), ('typed', 'Typed')], max_length=10)),
                ('media_type', models.CharField(blank=True, help_text='As it was served, or as the name of the file says.', max_length=255)),
                ('requested_url', models.TextField(blank=True)),
                ('final_url', models.TextField(blank=True, help_text='Where redirects led.')),
                ('file_name', models.CharField(blank=True, max_length=255)),
                ('fetched_at', models.DateTimeField(help_text='When it was fetched, uploaded or first read.')),
                ('uploaded_by_name', models.CharField(blank=True, max_length=150)),
                ('content', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tasks.sourcebytes')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='snapshots', to='tasks.source')),
                ('uploaded_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='SourceReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reader', models.CharField(help_text='With its version.', max_length=100)),
                ('media_type', models.CharField(help_text='What the document is.', max_length=100)),
                ('charset', models.CharField(blank=True, max_length=40)),
                ('charset_from', models.CharField(blank=True, help_text='How the charset was found.', max_length=40)),
                ('title', models.CharField(blank=True, max_length=1000)),
                ('author', models.CharField(blank=True, max_length=1000)),
                ('published', models.CharField(blank=True, help_text='In ISO 8601, as precise as the document states it.', max_length=40)),
                ('language', models.CharField(blank=True, help_text='As the document declares it.', max_length=40)),
                ('text', models.TextField()),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), help_text='Of each block of the text.', size=None)),
                ('words', models.PositiveIntegerField()),
                ('share_taken', models.FloatField(help_text='Of the words of a plain reading, 0 to 1; null where it was not measured.', null=True)),
                ('warnings', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), help_text='What is missing or doubtful in it.', size=None)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('snapshot', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='readings', to='tasks.sourcesnapshot')),
            ],
            options={
                'ordering': ['id'],
                'default_permissions': (),
            },
        ),
        migrations.AddConstraint(
            model_name='sourcebytes',
            constraint=models.UniqueConstraint(fields=('source', 'sha256'), name='tasks_source_bytes_stored_once'),
        ),
        migrations.AddConstraint(
            model_name='sourcesnapshot',
            constraint=models.CheckConstraint(condition=models.Q(('origin__in', ['fetched', 'uploaded', 'typed'])), name='tasks_snapshot_origin_known'),
        ),
        migrations.AddConstraint(
            model_name='sourcereading',
            constraint=models.UniqueConstraint(fields=('snapshot', 'reader'), name='tasks_source_read_once_by_a_reader'),
        ),
    ]
