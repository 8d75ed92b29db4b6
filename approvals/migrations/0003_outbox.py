"""One outbox: what is to be delivered has the same columns everywhere."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("approvals", "0002_review_terms"),
    ]

    operations = [
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
    ]
