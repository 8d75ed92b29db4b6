"""One rule for names, and slugs in letters of any script."""

from django.db import migrations, models

import tasks.naming
from tasks.sql_files import LoadSQL


class Migration(migrations.Migration):
    dependencies = [("tasks", "0002_terms_and_outbox")]

    operations = [
        # Before this one the function belonged to approvals. Indexes there and in publishing are made again
        # by their own migrations, which depend on this one.
        LoadSQL("name_key", "339d45eaa0243deb"),
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
    ]
