"""Interface wording, and the columns that all deliveries share. Tables and constraints keep their names."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import tasks.models.tasks



class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_schema")]

    operations = [
        # --- Wording ---
        migrations.AlterModelOptions(
            name='categoryguidance',
            options={'ordering': ['category', 'id'], 'verbose_name': 'category guideline', 'verbose_name_plural': 'category guidelines'},
        ),
        migrations.AlterModelOptions(
            name='historicalcategoryguidance',
            options={'get_latest_by': ('history_date', 'history_id'), 'ordering': ('-history_date', '-history_id'), 'verbose_name': 'historical category guideline', 'verbose_name_plural': 'historical category guidelines'},
        ),
        migrations.AlterField(
            model_name='categoryguidance',
            name='guidance',
            field=models.ForeignKey(help_text='The review reason it was adopted from, if any.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='adopted', to='tasks.guidance'),
        ),
        migrations.AlterField(
            model_name='categoryguidance',
            name='text',
            field=models.TextField(max_length=1000, validators=[django.core.validators.MinLengthValidator(10), django.core.validators.MaxLengthValidator(1000)], verbose_name='guideline'),
        ),
        migrations.AlterField(
            model_name='contenttask',
            name='brief',
            field=models.TextField(blank=True, help_text='What the article must say, and what it must not.', max_length=20000),
        ),
        migrations.AlterField(
            model_name='contenttask',
            name='budget_usd',
            field=models.DecimalField(blank=True, decimal_places=4, help_text='The most to spend on models. Empty: the setting TASK_BUDGET_USD.', max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(0)]),
        ),
        migrations.AlterField(
            model_name='contenttask',
            name='due_at',
            field=models.DateTimeField(blank=True, help_text='When the review should be finished. Nothing happens automatically then.', null=True, validators=[tasks.models.tasks.has_a_zone]),
        ),
        migrations.AlterField(
            model_name='contenttask',
            name='keywords',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, help_text='Sections of a digest. Separate with commas.', size=None),
        ),
        migrations.AlterField(
            model_name='contenttask',
            name='lost_leases',
            field=models.PositiveSmallIntegerField(default=0, editable=False, help_text='How often its worker has died since it last finished a stage.'),
        ),
        migrations.AlterField(
            model_name='contenttask',
            name='priority',
            field=models.SmallIntegerField(default=0, help_text='Higher numbers are written first.'),
        ),
        migrations.AlterField(
            model_name='contenttask',
            name='run_after',
            field=models.DateTimeField(blank=True, help_text='Earliest start of the work. The pause before a retry sets it too.', null=True, validators=[tasks.models.tasks.has_a_zone]),
        ),
        migrations.AlterField(
            model_name='contenttask',
            name='topic',
            field=models.CharField(help_text='What the article is about.', max_length=200),
        ),
        migrations.AlterField(
            model_name='historicalcategoryguidance',
            name='guidance',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='The review reason it was adopted from, if any.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tasks.guidance'),
        ),
        migrations.AlterField(
            model_name='historicalcategoryguidance',
            name='text',
            field=models.TextField(max_length=1000, validators=[django.core.validators.MinLengthValidator(10), django.core.validators.MaxLengthValidator(1000)], verbose_name='guideline'),
        ),
        migrations.AlterField(
            model_name='historicalcontenttask',
            name='brief',
            field=models.TextField(blank=True, help_text='What the article must say, and what it must not.', max_length=20000),
        ),
        migrations.AlterField(
            model_name='historicalcontenttask',
            name='budget_usd',
            field=models.DecimalField(blank=True, decimal_places=4, help_text='The most to spend on models. Empty: the setting TASK_BUDGET_USD.', max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(0)]),
        ),
        migrations.AlterField(
            model_name='historicalcontenttask',
            name='due_at',
            field=models.DateTimeField(blank=True, help_text='When the review should be finished. Nothing happens automatically then.', null=True, validators=[tasks.models.tasks.has_a_zone]),
        ),
        migrations.AlterField(
            model_name='historicalcontenttask',
            name='keywords',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, help_text='Sections of a digest. Separate with commas.', size=None),
        ),
        migrations.AlterField(
            model_name='historicalcontenttask',
            name='priority',
            field=models.SmallIntegerField(default=0, help_text='Higher numbers are written first.'),
        ),
        migrations.AlterField(
            model_name='historicalcontenttask',
            name='topic',
            field=models.CharField(help_text='What the article is about.', max_length=200),
        ),
        migrations.AlterField(
            model_name='taskevent',
            name='data',
            field=models.JSONField(help_text='status and stage: status, stage, progress, error. text: stage, offset and text, which continues the text so far at that character; offset 0 starts over.'),
        ),
        migrations.AlterField(
            model_name='worker',
            name='loop_lag_ms',
            field=models.FloatField(default=0, help_text='The longest delay of its event loop since the last heartbeat.'),
        ),
    
        # --- Outbox ---
        migrations.RemoveIndex("incident", "tasks_alert_due"),
        migrations.RenameField("incident", "deliver_at", "due_at"),
        migrations.RenameField("incident", "notified_at", "delivered_at"),
        migrations.AlterField(
            model_name='incident',
            name='delivered_at',
            field=models.DateTimeField(help_text='When the first channel delivered the alert.', null=True, verbose_name='notified at'),
        ),
        migrations.AlterField(
            model_name='incident',
            name='deliveries',
            field=models.JSONField(default=dict, help_text='By channel: attempts, delivered_at, error.'),
        ),
        migrations.AlterField(
            model_name='incident',
            name='due_at',
            field=models.DateTimeField(help_text='When it is to be sent: a later time while it is being sent, or after it could not be. Empty once it is delivered or given up.', null=True),
        ),
        migrations.AlterField(
            model_name='incident',
            name='kind',
            field=models.CharField(choices=[('failures', 'Tasks failed'), ('sla_breach', 'Time limits exceeded'), ('no_worker', 'No worker is alive'), ('plan_failed', 'Scheduled publications failed')], max_length=20),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='tasks_alert_due'),
        ),
    
    ]
