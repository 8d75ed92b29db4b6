from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('approvals', '0006_links_and_notices'),
        ('tasks', '0008_versions_are_what_they_say'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(fields=['decided_at', 'id'], name='approvals_decided_at'),
        ),
    ]
