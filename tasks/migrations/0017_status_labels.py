"""Labels of states as sentences have them: nothing changes in the database."""

from django.db import migrations, models

CHOICES = [
    ("pending", "Pending"), ("in_progress", "In progress"), ("on_hold", "On hold"),
    ("awaiting_approval", "Awaiting approval"), ("approved", "Approved"), ("rejected", "Rejected"),
    ("published", "Published"), ("failed", "Failed"), ("cancelled", "Cancelled"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("tasks", "0016_search_indexes")]

    operations = [
        migrations.AlterField(
            model_name="contenttask",
            name="status",
            field=models.CharField(choices=CHOICES, default="pending", editable=False, max_length=20),
        ),
    ]
