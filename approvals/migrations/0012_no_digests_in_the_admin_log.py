from django.db import migrations

# The library's admin named tokens by their digest, and the admin's index shows what was done there last.
FORGET = """
UPDATE django_admin_log SET object_repr = 'API token', object_id = NULL
WHERE content_type_id IN (SELECT id FROM django_content_type WHERE app_label = 'knox' AND model = 'authtoken')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0011_access"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]
