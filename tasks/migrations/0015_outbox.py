"""One outbox: what is to be delivered has the same columns everywhere."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tasks", "0014_interface_wording")]

    operations = [
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
