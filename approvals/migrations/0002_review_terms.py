"""Names only: every table, column and constraint stays as it is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('approvals', '0001_schema'),
        ('tasks', '0001_schema'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
    ]
