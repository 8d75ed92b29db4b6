from django.db import migrations, models

# Counts of requests change with each: they need no log, and room beside each row to change it in place.
UNLOGGED = """
ALTER TABLE approvals_requestcount SET UNLOGGED;
ALTER TABLE approvals_requestcount SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.5);
"""
LOGGED = "ALTER TABLE approvals_requestcount SET LOGGED;"


class Migration(migrations.Migration):
    dependencies = [("approvals", "0010_links_look_at_home")]

    operations = [
        migrations.CreateModel(
            name="PasswordFailures",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("blocked_until", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(help_text="When it is forgotten.")),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="RequestCount",
            fields=[
                ("key", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField()),
                ("ends_at", models.DateTimeField()),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunSQL(UNLOGGED, LOGGED),
    ]
