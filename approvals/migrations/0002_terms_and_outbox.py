"""Terms, the columns that all deliveries share, and one rule for names of categories.

Tables and constraints keep their names. Two review rules whose categories the earlier rule told apart and
this one does not end the migration: remove one of them first.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from tasks.sql_files import LoadSQL

# As it was when the function belonged to this app. `tasks.0003_names` has its present text, and may have run before.
NAME_KEY = r"""
DO $do$ BEGIN
    IF to_regprocedure('name_key(text)') IS NULL THEN
        CREATE FUNCTION name_key(name text) RETURNS text
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT btrim(regexp_replace(
                replace(replace(replace(lower(normalize(name, NFKC)), U&'i\0307', 'i'), 'ß', 'ss'), 'ς', 'σ'),
                '[\s_-]+', ' ', 'g'))
        $$;
    END IF;
END $do$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0001_schema"),
        ("tasks", "0001_schema"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # --- Terms ---
        migrations.AlterModelTable('reviewclaim', 'approvals_reviewclaim'),
        migrations.RenameModel('ReviewClaim', 'ReviewLock'),
        migrations.AlterField('reviewlock', 'claimed_at', models.DateTimeField(db_column='claimed_at')),
        migrations.RenameField('reviewlock', 'claimed_at', 'locked_at'),
        migrations.AlterModelOptions('reviewlock', {'ordering': ['locked_at']}),
        migrations.AlterModelTable('opinion', 'approvals_opinion'),
        migrations.RenameModel('Opinion', 'SignOffFeedback'),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint('signofffeedback', 'approvals_opinion_known'),
                migrations.RemoveConstraint('signofffeedback', 'approvals_concerns_need_text'),
                migrations.AlterField(
                    'signofffeedback', 'opinion',
                    models.CharField(choices=[('agree', 'Agrees'), ('concerns', 'Has concerns')], db_column='opinion', max_length=10),
                ),
                migrations.RenameField('signofffeedback', 'opinion', 'choice'),
                migrations.AddConstraint(
                    'signofffeedback',
                    models.CheckConstraint(condition=models.Q(('choice__in', ['agree', 'concerns'])), name='approvals_opinion_known'),
                ),
                migrations.AddConstraint(
                    'signofffeedback',
                    models.CheckConstraint(condition=models.Q(('choice', 'agree'), ('text__length__gte', 10), _connector='OR'), name='approvals_concerns_need_text'),
                ),
            ],
        ),
        migrations.AlterField(
            model_name='decision',
            name='objections',
            field=models.JSONField(help_text='Objections to an approval: kind, text and details of each. Null for other verdicts.', null=True),
        ),
        migrations.AlterField(
            model_name='decision',
            name='opened_at',
            field=models.DateTimeField(help_text='When the actor opened the text; empty where the desk did not show it.', null=True),
        ),
        migrations.AlterField(
            model_name='decision',
            name='way',
            field=models.CharField(blank=True, choices=[('review', 'On the review page'), ('edit', 'Saved and approved in the editor'), ('bulk', 'In bulk, from a list of titles'), ('api', 'Through the API'), ('seed', 'By manage.py seed_posts, for demonstration')], db_default='', default='', help_text='How it was made; empty for decisions older than this column.', max_length=10),
        ),
        migrations.AlterField(
            model_name='draftcomment',
            name='version',
            field=models.PositiveIntegerField(help_text='The version that was commented on.'),
        ),
        migrations.AlterField(
            model_name='historicaldecision',
            name='objections',
            field=models.JSONField(help_text='Objections to an approval: kind, text and details of each. Null for other verdicts.', null=True),
        ),
        migrations.AlterField(
            model_name='historicaldecision',
            name='opened_at',
            field=models.DateTimeField(help_text='When the actor opened the text; empty where the desk did not show it.', null=True),
        ),
        migrations.AlterField(
            model_name='historicaldecision',
            name='way',
            field=models.CharField(blank=True, choices=[('review', 'On the review page'), ('edit', 'Saved and approved in the editor'), ('bulk', 'In bulk, from a list of titles'), ('api', 'Through the API'), ('seed', 'By manage.py seed_posts, for demonstration')], db_default='', default='', help_text='How it was made; empty for decisions older than this column.', max_length=10),
        ),
        migrations.AlterField(
            model_name='historicalreviewrule',
            name='approvals_needed',
            field=models.PositiveSmallIntegerField(choices=[(1, 'One approval'), (2, 'Two approvals, by two people')], default=1, help_text='Decisions made before this number is changed stay valid.'),
        ),
        migrations.AlterField(
            model_name='historicalreviewrule',
            name='category',
            field=models.CharField(blank=True, help_text='As drafts name it, in any case. Empty: every category without a rule of its own.', max_length=100),
        ),
        migrations.AlterField(
            model_name='passwordfailures',
            name='ends_at',
            field=models.DateTimeField(help_text='When the row may be deleted.'),
        ),
        migrations.AlterField(
            model_name='previewlink',
            name='kind',
            field=models.CharField(choices=[('preview', 'Read'), ('sign_off', 'Read and give feedback once')], max_length=10),
        ),
        migrations.AlterField(
            model_name='previewlink',
            name='person',
            field=models.CharField(blank=True, help_text='Who it is for.', max_length=150),
        ),
        migrations.AlterField(
            model_name='reviewlock',
            name='draft',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='review_lock', serialize=False, to='tasks.draft'),
        ),
        migrations.AlterField(
            model_name='reviewlock',
            name='taken_from',
            field=models.ForeignKey(help_text='The previous reviewer, to whom the desk shows that it was taken over.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='reviewrule',
            name='approvals_needed',
            field=models.PositiveSmallIntegerField(choices=[(1, 'One approval'), (2, 'Two approvals, by two people')], default=1, help_text='Decisions made before this number is changed stay valid.'),
        ),
        migrations.AlterField(
            model_name='reviewrule',
            name='category',
            field=models.CharField(blank=True, help_text='As drafts name it, in any case. Empty: every category without a rule of its own.', max_length=100),
        ),
        migrations.AlterField(
            model_name='signofffeedback',
            name='draft',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sign_off_feedback', to='tasks.draft'),
        ),
        migrations.AlterField(
            model_name='signofffeedback',
            name='link',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='feedback', to='approvals.previewlink'),
        ),
        migrations.AlterConstraint(
            model_name='reviewrule',
            name='approvals_one_rule_a_category',
            constraint=models.UniqueConstraint(models.Func('category', function='review_category', output_field=models.TextField()), name='approvals_one_rule_a_category', violation_error_message='This category already has a rule: change that one.'),
        ),
    
        # --- Outbox ---
        # The tables stay as they are named.
        migrations.AlterModelTable("notice", "approvals_notice"),
        migrations.RenameModel("Notice", "Notification"),
        migrations.AlterModelTable("noticesettings", "approvals_noticesettings"),
        migrations.RenameModel("NoticeSettings", "NotificationSettings"),
        migrations.RemoveIndex("notification", "approvals_notice_due"),
        migrations.RenameField("notification", "deliver_at", "due_at"),
        migrations.RenameField("notification", "sent_at", "delivered_at"),
        migrations.AddField("notification", "channel", models.CharField(max_length=20, default="mail"), preserve_default=False),
        migrations.RunSQL(
            "UPDATE approvals_notice SET channel = 'webhook' WHERE recipient_id IS NULL",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveConstraint("webhookdelivery", "approvals_webhook_pending_has_time"),
        migrations.RemoveIndex("webhookdelivery", "approvals_webhook_due"),
        migrations.RenameField("webhookdelivery", "try_at", "due_at"),
        migrations.RenameField("webhook", "claimed_until", "leased_until"),
        migrations.AlterModelOptions(
            name='notificationsettings',
            options={'verbose_name_plural': 'notification settings'},
        ),
        migrations.AddField(
            model_name='webhook',
            name='previous_salt',
            field=models.CharField(blank=True, db_default='', editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='webhook',
            name='previous_until',
            field=models.DateTimeField(editable=False, help_text='Until then, calls are signed with the previous secret too.', null=True),
        ),
        migrations.AlterField(
            model_name='notification',
            name='due_at',
            field=models.DateTimeField(help_text='When it is to be sent: a later time while it is being sent, or after it could not be. Empty once it is delivered or given up.', null=True),
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('decision', 'A decision about what you filed or edited'), ('awaiting', 'A draft that awaits your decision'), ('plan', 'A publication that you scheduled and that will not happen')], max_length=10),
        ),
        migrations.AlterField(
            model_name='notification',
            name='last_error',
            field=models.TextField(blank=True),
        ),
        migrations.AlterField(
            model_name='notification',
            name='text',
            field=models.TextField(blank=True, db_default='', help_text='What only this notification knows.'),
        ),
        migrations.AlterField(
            model_name='notificationsettings',
            name='decision',
            field=models.CharField(choices=[('now', 'Immediately'), ('daily', 'Once a day'), ('never', 'Never')], default='now', help_text='With its reason. You are not notified of your own decisions.', max_length=10, verbose_name='A decision about what you filed or edited'),
        ),
        migrations.AlterField(
            model_name='notificationsettings',
            name='plan',
            field=models.CharField(choices=[('now', 'Immediately'), ('daily', 'Once a day'), ('never', 'Never')], db_default='now', default='now', help_text='Because it failed, or because another person changed the text.', max_length=10, verbose_name='A publication that you scheduled and that will not happen'),
        ),
        migrations.AlterField(
            model_name='notificationsettings',
            name='user',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='notification_settings', serialize=False, to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='webhook',
            name='deactivated_because',
            field=models.CharField(blank=True, help_text='Why the desk paused it; empty when its owner did.', max_length=200),
        ),
        migrations.AlterField(
            model_name='webhook',
            name='try_at',
            field=models.DateTimeField(default=django.utils.timezone.now, help_text='After a failure nothing is sent until then.'),
        ),
        migrations.AlterField(
            model_name='webhookdelivery',
            name='attempts',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='webhookdelivery',
            name='last_error',
            field=models.TextField(blank=True),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='approvals_notice_due'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(condition=models.Q(('status', 'pending')), fields=['webhook', 'due_at'], name='approvals_webhook_due'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('due_at__isnull', False), ('status', 'pending')), models.Q(('due_at', None), ('status__in', ['delivered', 'failed'])), _connector='OR'), name='approvals_webhook_pending_has_time'),
        ),
    
        # --- Names of categories ---
        migrations.RunSQL(NAME_KEY),
        migrations.RemoveConstraint("reviewrule", "approvals_one_rule_a_category"),
        migrations.AddConstraint(
            "reviewrule",
            models.UniqueConstraint(
                models.Func("category", function="name_key", output_field=models.TextField()),
                name="approvals_one_rule_a_category",
                violation_error_message="This category already has a rule: change that one.",
            ),
        ),
        LoadSQL("review_rule", "2595fd80b2d6d5cf"),
        migrations.RunSQL("DROP FUNCTION review_category(text)"),
    
    ]
