"""Threads of comments at selections of the text, mentions, and notifications of tasks without a draft."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('approvals', '0003_names'),
        ('tasks', '0013_assignees'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='draftcomment',
            name='deleted_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='draftcomment',
            name='edited_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='draftcomment',
            name='mentioned',
            field=models.ManyToManyField(related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='draftcomment',
            name='parent',
            field=models.ForeignKey(help_text='The first comment of the thread; empty for that one itself.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='replies', to='approvals.draftcomment'),
        ),
        migrations.AddField(
            model_name='draftcomment',
            name='selection',
            field=models.TextField(blank=True, db_default='', default='', help_text='The words of the paragraph that it is about, as readers see them; empty: all of it.', max_length=1000, validators=[django.core.validators.MaxLengthValidator(1000)]),
        ),
        migrations.AddField(
            model_name='draftcomment',
            name='selection_after',
            field=models.CharField(blank=True, db_default='', default='', max_length=100),
        ),
        migrations.AddField(
            model_name='draftcomment',
            name='selection_before',
            field=models.CharField(blank=True, db_default='', default='', help_text='The words before the selection.', max_length=100),
        ),
        migrations.AddField(
            model_name='notification',
            name='task',
            field=models.ForeignKey(help_text='What it is about where there is no draft yet.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tasks.contenttask'),
        ),
        migrations.AddField(
            model_name='notificationsettings',
            name='assigned',
            field=models.CharField(choices=[('now', 'Immediately'), ('daily', 'Once a day'), ('never', 'Never')], db_default='now', default='now', help_text='You are not notified of what you assign to yourself.', max_length=10, verbose_name='A task that is assigned to you, to write or to review'),
        ),
        migrations.AddField(
            model_name='notificationsettings',
            name='mention',
            field=models.CharField(choices=[('now', 'Immediately'), ('daily', 'Once a day'), ('never', 'Never')], db_default='now', default='now', help_text='With its words.', max_length=10, verbose_name='A comment that mentions you, or a reply in a thread of yours'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='draft',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tasks.draft'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('decision', 'A decision about what you filed or edited'), ('awaiting', 'A draft that awaits your decision'), ('plan', 'A publication that you scheduled and that will not happen'), ('mention', 'A comment that mentions you, or a reply in a thread of yours'), ('assigned', 'A task that is assigned to you, to write or to review')], max_length=10),
        ),
        migrations.AlterField(
            model_name='notification',
            name='version',
            field=models.PositiveIntegerField(help_text='0 where there is no draft yet.'),
        ),
    ]
