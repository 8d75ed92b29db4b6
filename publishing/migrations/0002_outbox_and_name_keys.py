"""The columns that all deliveries share; categories and tags are found by the key of their name."""

from django.db import migrations, models


def by_key(model: str) -> migrations.AddIndex:
    key = models.Func("name", function="name_key", output_field=models.TextField())
    return migrations.AddIndex(model, models.Index(key, name=f"publishing_{model}_key"))


class Migration(migrations.Migration):
    dependencies = [("publishing", "0001_schema"), ("approvals", "0002_terms_and_outbox")]

    operations = [
        # --- Outbox ---
        migrations.RenameField("announcement", "deliver_at", "due_at"),
        migrations.RemoveIndex("schedule", "publishing_due"),
        migrations.RenameField("schedule", "try_at", "due_at"),
        migrations.AlterModelOptions(
            name='announcement',
            options={'ordering': ['due_at', 'id']},
        ),
        migrations.AlterField(
            model_name='announcement',
            name='due_at',
            field=models.DateTimeField(help_text='When it is to be sent: a later time while it is being sent, or after it could not be. Empty once it is delivered or given up.', null=True),
        ),
        migrations.AlterField(
            model_name='announcement',
            name='last_error',
            field=models.TextField(blank=True),
        ),
        migrations.AlterField(
            model_name='schedule',
            name='attempts',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='schedule',
            name='due_at',
            field=models.DateTimeField(help_text='When it is to be sent: a later time while it is being sent, or after it could not be. Empty once it is delivered or given up.', null=True),
        ),
        migrations.AddIndex(
            model_name='announcement',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='publishing_announcement_due'),
        ),
        migrations.AddIndex(
            model_name='schedule',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['due_at'], name='publishing_due'),
        ),
        migrations.RunSQL(
            "UPDATE publishing_schedule SET due_at = NULL WHERE ended_at IS NOT NULL",
            "UPDATE publishing_schedule SET due_at = publish_at WHERE due_at IS NULL",
        ),
    
        # --- Names ---
        by_key("category"),
        by_key("tag"),
    ]
