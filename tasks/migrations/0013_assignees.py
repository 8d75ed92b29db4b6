"""Who writes and who reviews a task; and the score of texts that were checked after a person changed them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SAME_SCORE = """
    UPDATE tasks_draft draft SET score = report.score FROM tasks_qualityreport report
    WHERE report.draft_id = draft.id AND report.version = draft.version
        AND draft.score IS DISTINCT FROM report.score
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0012_kind"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "contenttask",
            "assignee",
            models.ForeignKey(
                blank=True, editable=False, help_text="Who sees to it that the text gets written.", null=True,
                on_delete=django.db.models.deletion.SET_NULL, related_name="assigned_tasks",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "contenttask",
            "reviewer",
            models.ForeignKey(
                blank=True, editable=False, help_text="Who is asked to decide about the text.", null=True,
                on_delete=django.db.models.deletion.SET_NULL, related_name="tasks_to_review",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(SAME_SCORE, migrations.RunSQL.noop),
    ]
