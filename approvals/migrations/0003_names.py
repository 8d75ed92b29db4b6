"""The index of review rules by the key of their category, which is computed by another rule now.

Two review rules whose categories the earlier rule kept apart and this one does not end the migration: remove one
of them first.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("approvals", "0002_terms_and_outbox"), ("tasks", "0003_names")]

    operations = [
        migrations.RemoveConstraint("reviewrule", "approvals_one_rule_a_category"),
        migrations.AddConstraint(
            "reviewrule",
            models.UniqueConstraint(
                models.Func("category", function="name_key", output_field=models.TextField()),
                name="approvals_one_rule_a_category",
                violation_error_message="This category already has a rule: change that one.",
            ),
        ),
    ]
