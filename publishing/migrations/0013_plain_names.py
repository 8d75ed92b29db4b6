"""Only names and help texts: the columns stay as they are."""

import django.db.models.deletion
from django.db import migrations, models

HOW_MADE = "How it was made and checked: see provenance.py."
OUTCOMES = [
    ("published", "Published"),
    ("unscheduled", "Removed from the schedule"),
    ("voided", "Voided"),
    ("given_up", "Could not be published"),
]
FIELDS = {
    "author": {
        "is_public": models.BooleanField(
            "name me", default=False, help_text="If unset, your texts carry only the name of the site."
        ),
        "name": models.CharField(max_length=100, help_text="As readers see it, on every text you approved."),
    },
    "image": {
        "name": models.CharField(max_length=64, primary_key=True, serialize=False, help_text="SHA-256 over its files."),
    },
    "post": {
        "author": models.ForeignKey(
            "publishing.author",
            on_delete=django.db.models.deletion.SET_NULL,
            null=True,
            related_name="posts",
            help_text="Who approved it, if they have an author page.",
        ),
        "feed_id": models.TextField(
            default="",
            db_default="",
            editable=False,
            help_text="Its permanent id in feeds: the address at which it was first published.",
        ),
        "revised_at": models.DateTimeField(
            null=True, editable=False, help_text="The last change that its page mentions: not a minor one."
        ),
    },
    "relatedpost": {"score": models.FloatField(help_text="Higher is more similar.")},
    "schedule": {
        "attempts": models.PositiveIntegerField(default=0, help_text="Failed attempts."),
        "failed_at": models.DateTimeField(
            null=True, db_index=True, help_text="When it was ended because it could not be published."
        ),
        "outcome": models.CharField(max_length=20, choices=OUTCOMES, blank=True),
        "slug": models.SlugField(
            max_length=100,
            allow_unicode=True,
            db_index=False,
            blank=True,
            db_default="",
            help_text="The address that it reserves until it ends; empty in old rows, which reserve none.",
        ),
        "try_at": models.DateTimeField(help_text="The time of the next attempt: later after a failure."),
        "zone": models.CharField(max_length=64, help_text="As entered: Europe/Berlin, or UTC+01:00."),
    },
}


class Migration(migrations.Migration):
    dependencies = [("publishing", "0012_plans_hold_addresses")]

    operations = [
        migrations.AlterField(
            "post", "making", models.JSONField(default=dict, db_column="making", help_text=HOW_MADE)
        ),
        migrations.RenameField("post", "making", "provenance"),
        *(
            migrations.AlterField(model, name, field)
            for model, fields in FIELDS.items()
            for name, field in fields.items()
        ),
    ]
