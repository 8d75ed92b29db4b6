"""Slugs in letters of any script; categories and tags are found by the present key of their name."""

from django.db import migrations, models

from tasks.naming import AnyScriptSlugField


def reindex(model: str) -> list[migrations.RemoveIndex | migrations.AddIndex]:
    name = f"publishing_{model}_key"
    key = models.Func("name", function="name_key", output_field=models.TextField())
    return [migrations.RemoveIndex(model, name), migrations.AddIndex(model, models.Index(key, name=name))]


class Migration(migrations.Migration):
    dependencies = [("publishing", "0002_outbox_and_name_keys"), ("tasks", "0003_names")]

    operations = [
        *reindex("category"),
        *reindex("tag"),
        migrations.AlterField(
            "author",
            "slug",
            AnyScriptSlugField(help_text="The address of your page: /author/…/", max_length=100, unique=True),
        ),
        migrations.AlterField("category", "slug", AnyScriptSlugField(max_length=100, unique=True)),
        migrations.AlterField("historicalpost", "slug", AnyScriptSlugField(max_length=100)),
        migrations.AlterField("post", "slug", AnyScriptSlugField(max_length=100, unique=True)),
        migrations.AlterField("redirect", "slug", AnyScriptSlugField(max_length=100, unique=True)),
        migrations.AlterField(
            "schedule",
            "slug",
            AnyScriptSlugField(
                blank=True,
                db_default="",
                db_index=False,
                help_text="The address that it reserves until it ends; empty in old rows, which reserve none.",
                max_length=100,
            ),
        ),
        migrations.AlterField("tag", "slug", AnyScriptSlugField(max_length=100, unique=True)),
    ]
