"""The words that say most about each post, for relevance feedback in searches."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0009_search_words'),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchKeywords',
            fields=[
                ('post', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='search_keywords', serialize=False, to='publishing.post')),
                ('stems', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ('weights', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None)),
            ],
        ),
    ]
