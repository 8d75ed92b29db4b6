"""Plans for live posts: updates and withdrawals at a time."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("publishing", "0006_site_identity"),
        ("tasks", "0014_brief_templates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="schedule",
            name="publishing_one_open_schedule",
        ),
        migrations.AddField(
            model_name="schedule",
            name="action",
            field=models.CharField(
                choices=[("publish", "Publication"), ("update", "Update"), ("withdraw", "Withdrawal")],
                db_default="publish",
                default="publish",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="correction_kind",
            field=models.CharField(
                blank=True,
                choices=[("correction", "Correction"), ("update", "Update"), ("minor", "Minor change")],
                db_default="",
                default="",
                help_text="Of an update.",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="note",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The note to readers of an update, or the reason of a withdrawal.",
                max_length=500,
            ),
        ),
        migrations.AlterField(
            model_name="schedule",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("published", "Published"),
                    ("unscheduled", "Removed from the schedule"),
                    ("voided", "Voided"),
                    ("given_up", "Could not be published"),
                    ("withdrawn", "Withdrawn"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None), models.Q(("action", "withdraw"), _negated=True)),
                fields=("draft",),
                name="publishing_one_open_schedule",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.UniqueConstraint(
                condition=models.Q(("action", "withdraw"), ("ended_at", None)),
                fields=("draft",),
                name="publishing_one_open_withdrawal",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("action", "update"), models.Q(("correction_kind", ""), _negated=True)),
                    models.Q(models.Q(("action", "update"), _negated=True), ("correction_kind", "")),
                    _connector="OR",
                ),
                name="publishing_update_has_a_note",
            ),
        ),
    ]
