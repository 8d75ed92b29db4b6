"""One rule for names, and slugs in letters of any script."""

from typing import Any

from django.db import migrations, models

import tasks.naming
from tasks.pipeline.text.paragraphs import paragraph_sha256, paragraphs
from tasks.sql_files import LoadSQL


def relock(apps: Any, schema_editor: Any) -> None:
    """Locks on parts of texts as they are now: a list with blank lines is one, what stands above it another."""
    for lock in apps.get_model("tasks", "ParagraphLock").objects.select_related("draft").order_by("pk"):
        parts = paragraphs(lock.draft.body)
        if lock.text in parts:
            continue
        around = [part for part in parts if f"\n\n{lock.text}\n\n" in f"\n\n{part}\n\n"]
        pieces = around[:1] or [piece for piece in paragraphs(lock.text) if piece in parts]
        for piece in pieces:
            values = {"sha256": paragraph_sha256(piece), "text": piece}
            if not lock.draft.locks.filter(sha256=values["sha256"]).exists():
                copy = {name: getattr(lock, name) for name in ("reason", "locked_by_id", "locked_by_name")}
                made = lock.draft.locks.create(**values, **copy)
                type(made).objects.filter(pk=made.pk).update(locked_at=lock.locked_at)
        if pieces:
            lock.delete()


class Migration(migrations.Migration):
    dependencies = [("tasks", "0002_terms_and_outbox")]

    operations = [
        # Before this one the function belonged to approvals. Indexes there and in publishing are made again
        # by their own migrations, which depend on this one.
        LoadSQL("name_key", "32064e0ef484f0db"),
        migrations.RemoveConstraint("categoryguidance", "tasks_guidance_adopted_once"),
        migrations.AlterField(
            model_name="categoryguidance",
            name="category",
            field=models.CharField(help_text="Upper and lower case, blanks and hyphens make no difference.", max_length=100),
        ),
        migrations.AlterField(
            model_name="historicalcategoryguidance",
            name="category",
            field=models.CharField(help_text="Upper and lower case, blanks and hyphens make no difference.", max_length=100),
        ),
        migrations.AddConstraint(
            "categoryguidance",
            models.UniqueConstraint(
                models.Func("category", function="name_key", output_field=models.TextField()),
                models.F("guidance"),
                name="tasks_guidance_adopted_once",
            ),
        ),
        migrations.AlterField("draft", "slug", tasks.naming.AnyScriptSlugField(max_length=100)),
        migrations.AlterField("historicaldraft", "slug", tasks.naming.AnyScriptSlugField(max_length=100)),
        migrations.RunPython(relock, migrations.RunPython.noop),
    ]
