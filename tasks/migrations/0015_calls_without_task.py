"""Calls that test a model belong to no task.

Dropping NOT NULL takes a lock for a moment and reads no row.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0014_brief_templates'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='modelcall',
            options={'ordering': ['id'], 'permissions': [('manage_models', 'Can see how language models are set up, and test them')]},
        ),
        migrations.AlterField(
            model_name='modelcall',
            name='task',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='calls', to='tasks.contenttask'),
        ),
    ]
