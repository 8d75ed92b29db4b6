"""The identity of the site, and pages: posts that stand outside of all lists."""

import django.core.validators
import django.db.models.deletion
import publishing.models.site_identity
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from tasks.sql_files import LoadSQL


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0003_names"),
        ("publishing", "0005_media_library"),
        ("tasks", "0011_web_search"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalSiteIdentity",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                (
                    "name",
                    models.CharField(help_text="Shown on every page, in feeds and on mails.", max_length=60),
                ),
                (
                    "tagline",
                    models.CharField(
                        blank=True, help_text="A few words under the name on the front page.", max_length=120
                    ),
                ),
                (
                    "description",
                    models.TextField(
                        blank=True,
                        help_text="One or two sentences for search engines, feed readers and programs.",
                        max_length=300,
                    ),
                ),
                (
                    "logo",
                    models.JSONField(
                        blank=True, default=dict, help_text="See logos.py. Empty: the name in letters."
                    ),
                ),
                (
                    "icon",
                    models.JSONField(
                        blank=True, default=dict, help_text="See logos.py. Empty: the icon that is shipped."
                    ),
                ),
                (
                    "accent",
                    models.CharField(
                        blank=True,
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^#[0-9a-f]{6}\\Z",
                                "Enter a colour as #a03c14: six digits from 0 to 9 and a to f.",
                            )
                        ],
                    ),
                ),
                (
                    "accent_dark",
                    models.CharField(
                        blank=True,
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^#[0-9a-f]{6}\\Z",
                                "Enter a colour as #a03c14: six digits from 0 to 9 and a to f.",
                            )
                        ],
                    ),
                ),
                (
                    "menu",
                    models.JSONField(
                        blank=True, default=list, help_text="Its entries in order: see menu.py."
                    ),
                ),
                ("footer_text", models.TextField(blank=True, help_text="Markdown.", max_length=2000)),
                (
                    "footer_links",
                    models.JSONField(blank=True, default=list, help_text="Each with a label and an address."),
                ),
                (
                    "social_links",
                    models.JSONField(blank=True, default=list, help_text="Each with a label and an address."),
                ),
                (
                    "time_zone",
                    models.CharField(
                        default="UTC",
                        max_length=64,
                        validators=[publishing.models.site_identity.is_time_zone],
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("de", "German"), ("fr", "French"), ("es", "Spanish")],
                        default="en",
                        max_length=10,
                    ),
                ),
                (
                    "posts_per_page",
                    models.PositiveSmallIntegerField(
                        default=20,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Grows with each change."
                    ),
                ),
                ("changed_by_name", models.CharField(editable=False, max_length=150)),
                ("changed_at", models.DateTimeField(blank=True, editable=False)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
            ],
            options={
                "verbose_name": "historical site identity",
                "verbose_name_plural": "historical site identity",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="SiteIdentity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(help_text="Shown on every page, in feeds and on mails.", max_length=60),
                ),
                (
                    "tagline",
                    models.CharField(
                        blank=True, help_text="A few words under the name on the front page.", max_length=120
                    ),
                ),
                (
                    "description",
                    models.TextField(
                        blank=True,
                        help_text="One or two sentences for search engines, feed readers and programs.",
                        max_length=300,
                    ),
                ),
                (
                    "logo",
                    models.JSONField(
                        blank=True, default=dict, help_text="See logos.py. Empty: the name in letters."
                    ),
                ),
                (
                    "icon",
                    models.JSONField(
                        blank=True, default=dict, help_text="See logos.py. Empty: the icon that is shipped."
                    ),
                ),
                (
                    "accent",
                    models.CharField(
                        blank=True,
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^#[0-9a-f]{6}\\Z",
                                "Enter a colour as #a03c14: six digits from 0 to 9 and a to f.",
                            )
                        ],
                    ),
                ),
                (
                    "accent_dark",
                    models.CharField(
                        blank=True,
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^#[0-9a-f]{6}\\Z",
                                "Enter a colour as #a03c14: six digits from 0 to 9 and a to f.",
                            )
                        ],
                    ),
                ),
                (
                    "menu",
                    models.JSONField(
                        blank=True, default=list, help_text="Its entries in order: see menu.py."
                    ),
                ),
                ("footer_text", models.TextField(blank=True, help_text="Markdown.", max_length=2000)),
                (
                    "footer_links",
                    models.JSONField(blank=True, default=list, help_text="Each with a label and an address."),
                ),
                (
                    "social_links",
                    models.JSONField(blank=True, default=list, help_text="Each with a label and an address."),
                ),
                (
                    "time_zone",
                    models.CharField(
                        default="UTC",
                        max_length=64,
                        validators=[publishing.models.site_identity.is_time_zone],
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("de", "German"), ("fr", "French"), ("es", "Spanish")],
                        default="en",
                        max_length=10,
                    ),
                ),
                (
                    "posts_per_page",
                    models.PositiveSmallIntegerField(
                        default=20,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Grows with each change."
                    ),
                ),
                ("changed_by_name", models.CharField(editable=False, max_length=150)),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "verbose_name": "site identity",
                "verbose_name_plural": "site identity",
                "default_permissions": ("view", "change"),
            },
        ),
        migrations.AddField(
            model_name="post",
            name="is_page",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="A page such as About or Imprint: at an address of its own, and in no list.",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("is_page", True)), fields=["title"], name="publishing_pages"
            ),
        ),
        migrations.AddField(
            model_name="historicalsiteidentity",
            name="changed_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicalsiteidentity",
            name="history_user",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="siteidentity",
            name="changed_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="siteidentity",
            constraint=models.CheckConstraint(condition=models.Q(("pk", 1)), name="publishing_one_identity"),
        ),
        LoadSQL("append_only_tables", "ac1572a46977827f"),
    ]
