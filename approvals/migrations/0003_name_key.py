"""One rule for names of categories: review rules compare them as published categories are compared.

Two rules that the earlier function told apart and this one does not end the migration: remove one of them first.
"""

from django.db import migrations, models

from tasks.sql_files import LoadSQL


class Migration(migrations.Migration):
    dependencies = [("approvals", "0002_review_terms")]

    operations = [
        LoadSQL("name_key", "41c7f11896b70b20"),
        migrations.RemoveConstraint("reviewrule", "approvals_one_rule_a_category"),
        migrations.AddConstraint(
            "reviewrule",
            models.UniqueConstraint(
                models.Func("category", function="name_key", output_field=models.TextField()),
                name="approvals_one_rule_a_category",
                violation_error_message="This category already has a rule: change that one.",
            ),
        ),
        LoadSQL("review_rule", "2595fd80b2d6d5cf"),
        migrations.RunSQL("DROP FUNCTION review_category(text)"),
    ]
