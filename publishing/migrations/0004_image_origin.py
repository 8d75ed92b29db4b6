import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("publishing", "0003_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="image",
            name="origin",
            field=models.JSONField(
                db_default={},
                default=dict,
                editable=False,
                help_text="Where the desk has it from: see publishing.images.automatic. Empty for uploads.",
            ),
        ),
        migrations.AlterField(
            model_name="image",
            name="uploaded_by",
            field=models.ForeignKey(
                editable=False,
                help_text="Empty for what the desk made or found by itself.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
