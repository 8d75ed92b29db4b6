"""The whole schema, in one migration for each app.

It stands for the migrations in `replaces`: a database that has run all of them has nothing to do here, one that has run
some is refused (contentpipeline/migration_history.py).
"""

import uuid

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from tasks.sql_files import LoadSQL

# Ten blanks are no reason.
REASON_IS_NOT_BLANK = r"""
ALTER TABLE approvals_decision ADD CONSTRAINT approvals_no_says_why CHECK (
    decision = 'approve' OR length(regexp_replace(reason, '^\s+|\s+$', '', 'g')) >= 10);
"""

# Counts change with each request: they need no log, and room on the page to change a row in place.
COUNTS_IN_PLACE = """
ALTER TABLE approvals_requestcount SET UNLOGGED;
ALTER TABLE approvals_requestcount SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.5);
"""


# Replaced by name_key in 0003_name_key.
REVIEW_CATEGORY = r"""
CREATE FUNCTION review_category(category text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(lower(category), '[\s_-]+', ' ', 'g'))
$$
"""


class Migration(migrations.Migration):
    replaces = [
        ("approvals", "0001_initial"),
        ("approvals", "0002_evidence"),
        ("approvals", "0003_review_claims"),
        ("approvals", "0004_draft_comments"),
        ("approvals", "0005_rules"),
        ("approvals", "0006_links_and_notices"),
        ("approvals", "0007_decided_at"),
        ("approvals", "0008_webhooks"),
        ("approvals", "0009_live"),
        ("approvals", "0010_links_look_at_home"),
        ("approvals", "0011_access"),
        ("approvals", "0012_no_digests_in_the_admin_log"),
        ("approvals", "0013_notices_of_plans"),
        ("approvals", "0014_what_stood_against"),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("tasks", "0001_schema"),
    ]

    operations = [
        migrations.RunSQL(REVIEW_CATEGORY),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("actor_id", models.BigIntegerField(null=True)),
                ("actor_name", models.CharField(max_length=150)),
                ("action", models.CharField(max_length=60)),
                ("object_type", models.CharField(max_length=60)),
                ("object_id", models.BigIntegerField()),
                ("task_id", models.BigIntegerField(db_index=True, null=True)),
                ("data", models.JSONField()),
                ("prev_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64, unique=True)),
            ],
            options={
                "verbose_name_plural": "audit entries",
                "ordering": ["-seq"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalDecision",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("decision", models.CharField(choices=[("approve", "Approve"), ("request_changes", "Request changes"), ("reject", "Reject")], max_length=20)),
                ("version", models.PositiveIntegerField()),
                ("content_sha256", models.CharField(max_length=64)),
                (
                    "reason_code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("facts", "Facts wrong or unsupported"),
                            ("sources", "Sources missing or weak"),
                            ("structure", "Structure or length"),
                            ("style", "Tone or style"),
                            ("off_brief", "Does not answer the brief"),
                            ("duplicate", "Already published"),
                            ("legal", "Legal or policy concern"),
                            ("other", "Something else"),
                        ],
                        max_length=20,
                    ),
                ),
                ("reason", models.TextField(blank=True, max_length=5000, validators=[django.core.validators.MinLengthValidator(10)])),
                ("actor_name", models.CharField(max_length=150)),
                ("via", models.CharField(choices=[("admin", "admin"), ("api", "api")], max_length=10)),
                ("decided_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                ("actor", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("draft", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="tasks.draft")),
                ("history_user", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("opened_at", models.DateTimeField(help_text="When the text was put before the actor; empty where the desk did not show it.", null=True)),
                ("approvals_needed", models.PositiveSmallIntegerField(default=1, editable=False)),
                ("four_eyes", models.BooleanField(default=True, editable=False)),
                ("objections", models.JSONField(help_text="What stood against an approval: kind, text and details of each. Null if not asked.", null=True)),
                (
                    "way",
                    models.CharField(
                        blank=True,
                        choices=[("review", "On the review page"), ("edit", "Saved and approved while editing"), ("bulk", "With others, from a list of titles"), ("api", "By a program, through the API"), ("seed", "By manage.py seed_posts, for a demonstration")],
                        db_default="",
                        default="",
                        help_text="How it came about; empty for decisions older than this column.",
                        max_length=10,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical decision",
                "verbose_name_plural": "historical decisions",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("decision", models.CharField(choices=[("approve", "Approve"), ("request_changes", "Request changes"), ("reject", "Reject")], max_length=20)),
                ("version", models.PositiveIntegerField()),
                ("content_sha256", models.CharField(max_length=64)),
                (
                    "reason_code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("facts", "Facts wrong or unsupported"),
                            ("sources", "Sources missing or weak"),
                            ("structure", "Structure or length"),
                            ("style", "Tone or style"),
                            ("off_brief", "Does not answer the brief"),
                            ("duplicate", "Already published"),
                            ("legal", "Legal or policy concern"),
                            ("other", "Something else"),
                        ],
                        max_length=20,
                    ),
                ),
                ("reason", models.TextField(blank=True, max_length=5000, validators=[django.core.validators.MinLengthValidator(10)])),
                ("actor_name", models.CharField(max_length=150)),
                ("via", models.CharField(choices=[("admin", "admin"), ("api", "api")], max_length=10)),
                ("decided_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("actor", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="decisions", to=settings.AUTH_USER_MODEL)),
                ("draft", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="tasks.draft")),
                ("opened_at", models.DateTimeField(help_text="When the text was put before the actor; empty where the desk did not show it.", null=True)),
                ("approvals_needed", models.PositiveSmallIntegerField(default=1, editable=False)),
                ("four_eyes", models.BooleanField(default=True, editable=False)),
                ("objections", models.JSONField(help_text="What stood against an approval: kind, text and details of each. Null if not asked.", null=True)),
                (
                    "way",
                    models.CharField(
                        blank=True,
                        choices=[("review", "On the review page"), ("edit", "Saved and approved while editing"), ("bulk", "With others, from a list of titles"), ("api", "By a program, through the API"), ("seed", "By manage.py seed_posts, for a demonstration")],
                        db_default="",
                        default="",
                        help_text="How it came about; empty for decisions older than this column.",
                        max_length=10,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("decision", "approve"), models.Q(models.Q(("reason_code", ""), _negated=True), ("reason__length__gte", 10)), _connector="OR"), name="approvals_no_needs_reason"),
                    models.CheckConstraint(condition=models.Q(("decision__in", ["approve", "request_changes", "reject"])), name="approvals_verdict_known"),
                ],
                "indexes": [models.Index(fields=["decided_at", "id"], name="approvals_decided_at")],
            },
        ),
        migrations.CreateModel(
            name="ReviewClaim",
            fields=[
                ("draft", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="claim", serialize=False, to="tasks.draft")),
                ("claimed_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("reviewer", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("taken_from", models.ForeignKey(help_text="Who was looking at it before, and is told.", null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ["claimed_at"],
            },
        ),
        migrations.CreateModel(
            name="DraftComment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(help_text="Of the text that was commented on.")),
                ("paragraph_sha256", models.CharField(blank=True, max_length=64)),
                ("quote", models.TextField(blank=True, help_text="The paragraph as it was, in Markdown.")),
                ("text", models.TextField(max_length=2000, validators=[django.core.validators.MaxLengthValidator(2000)])),
                ("author_name", models.CharField(max_length=150)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("resolved_at", models.DateTimeField(null=True)),
                ("resolved_by_name", models.CharField(blank=True, max_length=150)),
                ("author", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("draft", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="comments", to="tasks.draft")),
                ("resolved_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalReviewRule",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("category", models.CharField(blank=True, help_text="As drafts name it, in whatever case. Empty: all categories without a rule of their own.", max_length=100)),
                ("four_eyes", models.BooleanField(default=True, help_text="Nobody approves what they wrote or last edited, superusers included.")),
                ("approvals_needed", models.PositiveSmallIntegerField(choices=[(1, "One approval"), (2, "Two approvals, by two people")], default=1, help_text="What was decided before a change of this number stays as it was decided.")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                ("history_user", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "historical review rule",
                "verbose_name_plural": "historical review rules",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ReviewRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("category", models.CharField(blank=True, help_text="As drafts name it, in whatever case. Empty: all categories without a rule of their own.", max_length=100)),
                ("four_eyes", models.BooleanField(default=True, help_text="Nobody approves what they wrote or last edited, superusers included.")),
                ("approvals_needed", models.PositiveSmallIntegerField(choices=[(1, "One approval"), (2, "Two approvals, by two people")], default=1, help_text="What was decided before a change of this number stays as it was decided.")),
            ],
            options={
                "ordering": ["category"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("approvals_needed__in", [1, 2])), name="approvals_one_or_two"),
                    models.UniqueConstraint(models.Func("category", function="review_category", output_field=models.TextField()), name="approvals_one_rule_a_category", violation_error_message="This category has a rule already: change that one."),
                ],
            },
        ),
        migrations.CreateModel(
            name="PreviewLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("content_sha256", models.CharField(max_length=64)),
                ("kind", models.CharField(choices=[("preview", "Read"), ("sign_off", "Read, and give an opinion once")], max_length=10)),
                ("person", models.CharField(blank=True, help_text="For whom it was made.", max_length=150)),
                ("secret_sha256", models.CharField(max_length=64, unique=True)),
                ("created_by_name", models.CharField(max_length=150)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_by_name", models.CharField(blank=True, max_length=150)),
                ("created_by", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("draft", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="preview_links", to="tasks.draft")),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [models.CheckConstraint(condition=models.Q(("kind", "preview"), models.Q(("person", ""), _negated=True), _connector="OR"), name="approvals_sign_off_names_person")],
            },
        ),
        migrations.CreateModel(
            name="Opinion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("content_sha256", models.CharField(max_length=64)),
                ("person", models.CharField(max_length=150)),
                ("opinion", models.CharField(choices=[("agree", "Agrees"), ("concerns", "Has concerns")], max_length=10)),
                ("text", models.TextField(blank=True, max_length=5000)),
                ("given_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("draft", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="opinions", to="tasks.draft")),
                ("link", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="opinion", to="approvals.previewlink")),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [models.CheckConstraint(condition=models.Q(("opinion__in", ["agree", "concerns"])), name="approvals_opinion_known"), models.CheckConstraint(condition=models.Q(("opinion", "agree"), ("text__length__gte", 10), _connector="OR"), name="approvals_concerns_need_text")],
            },
        ),
        migrations.CreateModel(
            name="NoticeSettings",
            fields=[
                ("user", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="notice_settings", serialize=False, to=settings.AUTH_USER_MODEL)),
                ("decision", models.CharField(choices=[("now", "Immediately"), ("daily", "Once a day"), ("never", "Never")], default="now", help_text="With its reason. Your own decisions are not told to you.", max_length=10, verbose_name="A decision about what you filed or edited")),
                ("awaiting", models.CharField(choices=[("now", "Immediately"), ("daily", "Once a day"), ("never", "Never")], default="daily", help_text="Only drafts that you may decide about, and that still wait when the mail is sent.", max_length=10, verbose_name="A draft that awaits your decision")),
                ("plan", models.CharField(choices=[("now", "Immediately"), ("daily", "Once a day"), ("never", "Never")], db_default="now", default="now", help_text="Because it failed, or because another person changed the text.", max_length=10, verbose_name="A publication that you planned and that will not happen")),
            ],
            options={
                "verbose_name_plural": "notice settings",
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("decision", "A decision about what you filed or edited"), ("awaiting", "A draft that awaits your decision"), ("plan", "A publication that you planned and that will not happen")], max_length=10)),
                ("version", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("deliver_at", models.DateTimeField(help_text="Empty once it was told, or given up.", null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("sent_at", models.DateTimeField(null=True)),
                ("decision", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="approvals.decision")),
                ("draft", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tasks.draft")),
                ("recipient", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("text", models.TextField(blank=True, db_default="", help_text="What only this notice knows.")),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(condition=models.Q(("deliver_at__isnull", False)), fields=["deliver_at"], name="approvals_notice_due")],
            },
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("url", models.CharField(max_length=500)),
                ("events", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None)),
                ("description", models.CharField(blank=True, max_length=200)),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("deactivated_because", models.CharField(blank=True, help_text="Why the desk stopped telling it; empty when its owner did.", max_length=200)),
                ("secret_salt", models.CharField(editable=False, max_length=64)),
                ("secret_sha256", models.CharField(editable=False, max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("failures", models.PositiveIntegerField(default=0, help_text="Attempts that failed since one went well.")),
                ("failing_since", models.DateTimeField(null=True)),
                ("try_at", models.DateTimeField(default=django.utils.timezone.now, help_text="After a failure it has peace until then.")),
                ("claimed_until", models.DateTimeField(default=django.utils.timezone.now, help_text="Until then, one process alone sends to it.")),
                ("owner", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="webhooks", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ["id"],
                "constraints": [models.UniqueConstraint(fields=("owner", "url"), name="approvals_webhook_once")],
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("event", models.CharField(max_length=60)),
                ("data", models.JSONField()),
                ("status", models.CharField(choices=[("pending", "To be sent"), ("delivered", "Delivered"), ("failed", "Given up")], default="pending", max_length=10)),
                ("attempts", models.PositiveIntegerField(default=0, help_text="Since it happened, or was asked for again.")),
                ("response_code", models.PositiveSmallIntegerField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("try_at", models.DateTimeField(default=django.utils.timezone.now, null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("webhook", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="approvals.webhook")),
            ],
            options={
                "verbose_name_plural": "webhook deliveries",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["webhook", "-id"], name="approvals_webhook_log"), models.Index(condition=models.Q(("status", "pending")), fields=["webhook", "try_at"], name="approvals_webhook_due")],
                "constraints": [models.CheckConstraint(condition=models.Q(models.Q(("status", "pending"), ("try_at__isnull", False)), models.Q(("status__in", ["delivered", "failed"]), ("try_at", None)), _connector="OR"), name="approvals_webhook_pending_has_time")],
            },
        ),
        migrations.CreateModel(
            name="PasswordFailures",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("blocked_until", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(help_text="When it is forgotten.")),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="RequestCount",
            fields=[
                ("key", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField()),
                ("ends_at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.RunSQL(REASON_IS_NOT_BLANK),
        migrations.RunSQL(COUNTS_IN_PLACE),
        LoadSQL("append_only_tables", "a5459178ed708922"),
        LoadSQL("is_approved", "0046a95bf17f5ab2"),
        LoadSQL("decision_is_about_current_text", "18a26864630ed5c9"),
        LoadSQL("refuse_unapproved", "298c88445592ad19"),
        LoadSQL("refuse_staying_approved", "2855e3e5959c1eb2"),
        LoadSQL("refuse_edit_under_approval", "6dae3cbc95c9f949"),
        LoadSQL("link_shows_a_version", "1748bbccca083b77"),
        LoadSQL("link_is_only_revoked", "fbc539f216f842bf"),
        LoadSQL("opinion_comes_through_its_link", "dd1425cfec2d07e9"),
    ]
