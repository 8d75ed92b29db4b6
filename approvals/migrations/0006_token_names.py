"""Names and scopes of API tokens. Existing tokens may do what their accounts may, as before.

The migration only adds a table, with a row for each token.
"""

import hashlib
from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def describe_existing_tokens(apps: Any, schema_editor: Any) -> None:
    Token, Details = apps.get_model('knox', 'AuthToken'), apps.get_model('approvals', 'TokenDetails')
    for digest in Token.objects.order_by('created').values_list('digest', flat=True):
        public_name = hashlib.sha256(digest.encode()).hexdigest()[:16]
        Details.objects.create(token_id=digest, public_name=public_name)


class Migration(migrations.Migration):

    dependencies = [
        ('approvals', '0005_people'),
        ('knox', '0009_extend_authtoken_field'),
    ]

    operations = [
        migrations.CreateModel(
            name='TokenDetails',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_name', models.CharField(help_text='As in addresses and in the audit chain.', max_length=16, unique=True)),
                ('name', models.CharField(blank=True, max_length=100)),
                ('scopes', models.JSONField(help_text='Null for everything that the account may do.', null=True)),
                ('last_used_at', models.DateTimeField(null=True)),
                ('rotated_at', models.DateTimeField(help_text='When another token took its place.', null=True)),
                ('token', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='details', to='knox.authtoken')),
            ],
            options={
                'ordering': ('-id',),
                'permissions': [('use_tokens', 'Can create, rotate and revoke own API tokens')],
                'default_permissions': (),
            },
        ),
        migrations.RunPython(describe_existing_tokens, migrations.RunPython.noop),
    ]
