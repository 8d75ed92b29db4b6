"""The whole schema, in one migration for each app.

It stands for the migrations in `replaces`: a database that has run all of them has nothing to do here, one that has run
some is refused (contentpipeline/migration_history.py).
"""

import uuid

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import tasks.models.tasks
from tasks.sql_files import LoadSQL

# Rows that change at every stage: room on the page keeps those updates out of the indexes.
ROOM = """
ALTER TABLE tasks_contenttask SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE tasks_worker SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
"""

# A version is recorded once. The model of the history belongs to a library, so Django cannot state this.
ONE_ROW_A_VERSION = """
CREATE UNIQUE INDEX tasks_one_row_a_version ON tasks_historicaldraft (id, version) WHERE history_type <> '-';
"""


class Migration(migrations.Migration):
    replaces = [
        ("tasks", "0001_initial"),
        ("tasks", "0002_append_only_versions"),
        ("tasks", "0003_idempotency_keys"),
        ("tasks", "0004_engine"),
        ("tasks", "0005_operations"),
        ("tasks", "0006_paragraph_locks"),
        ("tasks", "0007_due_dates"),
        ("tasks", "0008_versions_are_what_they_say"),
        ("tasks", "0009_category_guidance"),
        ("tasks", "0010_live"),
        ("tasks", "0011_staged_uploads"),
        ("tasks", "0012_incidents_of_plans"),
        ("tasks", "0013_spending"),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ContentTask",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[("pending", "Pending"), ("in_progress", "In Progress"), ("on_hold", "On Hold"), ("awaiting_approval", "Awaiting Approval"), ("approved", "Approved"), ("rejected", "Rejected"), ("published", "Published"), ("failed", "Failed"), ("cancelled", "Cancelled")],
                        default="pending",
                        editable=False,
                        max_length=20,
                    ),
                ),
                ("status_changed_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("topic", models.CharField(help_text="What the article is about, as you would say it.", max_length=200)),
                ("brief", models.TextField(blank=True, help_text="What it must say, and must not.", max_length=20000)),
                ("audience", models.CharField(blank=True, max_length=200)),
                ("tone", models.CharField(blank=True, max_length=100)),
                ("style", models.CharField(blank=True, max_length=100)),
                ("target_words", models.PositiveIntegerField(default=800, validators=[django.core.validators.MinValueValidator(50), django.core.validators.MaxValueValidator(20000)])),
                ("language", models.CharField(default="en", help_text="Language code, such as en or de.", max_length=10)),
                ("category", models.CharField(blank=True, max_length=100)),
                ("tags", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ("keywords", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, help_text="Become the sections of a digest. Separate by commas.", size=None)),
                ("priority", models.SmallIntegerField(default=0, help_text="Higher is written first.")),
                ("timeout_seconds", models.PositiveIntegerField(default=tasks.models.tasks.default_timeout_seconds, validators=[django.core.validators.MinValueValidator(1)])),
                ("stage_timeout_seconds", models.PositiveIntegerField(default=tasks.models.tasks.default_stage_timeout_seconds, validators=[django.core.validators.MinValueValidator(1)])),
                ("max_attempts", models.PositiveSmallIntegerField(default=tasks.models.tasks.default_max_attempts, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(20)])),
                ("budget_usd", models.DecimalField(blank=True, decimal_places=4, help_text="No more than this is spent on models. Empty: the setting TASK_BUDGET_USD.", max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(0)])),
                ("quality_threshold", models.PositiveSmallIntegerField(default=tasks.models.tasks.default_quality_threshold, validators=[django.core.validators.MaxValueValidator(100)])),
                ("max_refinements", models.PositiveSmallIntegerField(default=tasks.models.tasks.default_max_refinements, validators=[django.core.validators.MaxValueValidator(10)])),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("stage", models.CharField(blank=True, choices=[("research", "Research"), ("outline", "Outline"), ("draft", "Draft"), ("critique", "Critique"), ("refine", "Refine"), ("image", "Image"), ("seo", "Seo"), ("format", "Format")], editable=False, max_length=10)),
                ("progress", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("run", models.PositiveIntegerField(default=1, editable=False)),
                ("attempts", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("error", models.TextField(blank=True, editable=False)),
                ("started_at", models.DateTimeField(editable=False, null=True)),
                ("finished_at", models.DateTimeField(editable=False, null=True)),
                ("created_by", models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="briefs", to=settings.AUTH_USER_MODEL)),
                ("breached_at", models.DateTimeField(editable=False, help_text="When that limit was reached.", null=True)),
                ("breached_stage", models.CharField(blank=True, editable=False, help_text='Where a time limit was first exceeded, or "queue".', max_length=10)),
                ("deadline_at", models.DateTimeField(editable=False, null=True)),
                ("error_kind", models.CharField(blank=True, editable=False, max_length=40)),
                ("event_seq", models.PositiveIntegerField(default=0, editable=False)),
                ("lease_epoch", models.PositiveBigIntegerField(default=0, editable=False)),
                ("lease_owner", models.BigIntegerField(editable=False, null=True)),
                ("lost_leases", models.PositiveSmallIntegerField(default=0, editable=False, help_text="How often its worker died since it last finished a stage.")),
                ("run_after", models.DateTimeField(blank=True, help_text="Not written before this time. A pause before a retry sets it too.", null=True, validators=[tasks.models.tasks.has_a_zone])),
                ("due_at", models.DateTimeField(blank=True, help_text="When the decision about its text should have been made. Nothing happens by itself then.", null=True, validators=[tasks.models.tasks.has_a_zone])),
                ("update_changed_at", models.DateTimeField(editable=False, null=True)),
                ("update_state", models.CharField(blank=True, choices=[("", "None"), ("awaiting", "Awaits approval"), ("approved", "Approved, not live yet"), ("declined", "Declined")], db_default="", default="", editable=False, max_length=10, verbose_name="update of the live text")),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(condition=models.Q(("status", "pending")), fields=["-priority", "id"], name="tasks_waiting"),
                    models.Index(condition=models.Q(("status", "in_progress")), fields=["lease_owner"], name="tasks_leased"),
                    models.Index(fields=["status", "finished_at"], include=("started_at",), name="tasks_ended"),
                    models.Index(condition=models.Q(("status", "failed")), fields=["status_changed_at"], name="tasks_failed_at"),
                    models.Index(condition=models.Q(("breached_at__isnull", False)), fields=["breached_at"], name="tasks_breached"),
                    models.Index(condition=models.Q(("breached_at", None), ("status", "pending")), fields=["status_changed_at"], name="tasks_waiting_since"),
                    models.Index(condition=models.Q(("update_state", ""), _negated=True), fields=["update_changed_at"], name="tasks_updates"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("progress__lte", 100)), name="tasks_progress_percent"),
                    models.CheckConstraint(condition=models.Q(("status__in", ["pending", "in_progress", "on_hold", "awaiting_approval", "approved", "rejected", "published", "failed", "cancelled"])), name="tasks_status_known"),
                    models.CheckConstraint(condition=models.Q(models.Q(("update_changed_at", None), ("update_state", "")), models.Q(("status", "published"), ("update_changed_at__isnull", False), ("update_state__in", ["awaiting", "approved", "declined"])), _connector="OR"), name="tasks_update_of_what_is_live"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200)),
                ("slug", models.SlugField(max_length=100)),
                ("summary", models.TextField(blank=True, max_length=600)),
                ("body", models.TextField(help_text="Markdown. Cite a source by its number: [1].")),
                ("seo_title", models.CharField(blank=True, max_length=70, verbose_name="SEO title")),
                ("seo_description", models.CharField(blank=True, max_length=160, verbose_name="SEO description")),
                ("category", models.CharField(blank=True, max_length=100)),
                ("tags", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ("cover_image", models.CharField(blank=True, editable=False, max_length=500)),
                ("cover_alt", models.CharField(blank=True, editable=False, max_length=125, verbose_name="cover description")),
                ("cover_credit", models.CharField(blank=True, editable=False, max_length=300)),
                ("citations", models.JSONField(blank=True, default=list, editable=False)),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("content_sha256", models.CharField(editable=False, max_length=64)),
                ("written_by", models.CharField(editable=False, help_text="A person's or a model's name.", max_length=200)),
                ("score", models.PositiveSmallIntegerField(editable=False, null=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("author", models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("task", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="draft", to="tasks.contenttask")),
            ],
            options={
                "ordering": ["-id"],
                "permissions": [("restore_draft", "Can restore an earlier version"), ("change_live_draft", "Can write a newer text of what is live")],
            },
        ),
        migrations.CreateModel(
            name="Guidance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason_code", models.CharField(max_length=40)),
                ("text", models.TextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("task", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="guidance", to="tasks.contenttask")),
            ],
            options={
                "verbose_name_plural": "guidance",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalContentTask",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("topic", models.CharField(help_text="What the article is about, as you would say it.", max_length=200)),
                ("brief", models.TextField(blank=True, help_text="What it must say, and must not.", max_length=20000)),
                ("audience", models.CharField(blank=True, max_length=200)),
                ("tone", models.CharField(blank=True, max_length=100)),
                ("style", models.CharField(blank=True, max_length=100)),
                ("target_words", models.PositiveIntegerField(default=800, validators=[django.core.validators.MinValueValidator(50), django.core.validators.MaxValueValidator(20000)])),
                ("language", models.CharField(default="en", help_text="Language code, such as en or de.", max_length=10)),
                ("category", models.CharField(blank=True, max_length=100)),
                ("tags", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ("keywords", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, help_text="Become the sections of a digest. Separate by commas.", size=None)),
                ("priority", models.SmallIntegerField(default=0, help_text="Higher is written first.")),
                ("timeout_seconds", models.PositiveIntegerField(default=tasks.models.tasks.default_timeout_seconds, validators=[django.core.validators.MinValueValidator(1)])),
                ("stage_timeout_seconds", models.PositiveIntegerField(default=tasks.models.tasks.default_stage_timeout_seconds, validators=[django.core.validators.MinValueValidator(1)])),
                ("max_attempts", models.PositiveSmallIntegerField(default=tasks.models.tasks.default_max_attempts, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(20)])),
                ("budget_usd", models.DecimalField(blank=True, decimal_places=4, help_text="No more than this is spent on models. Empty: the setting TASK_BUDGET_USD.", max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(0)])),
                ("quality_threshold", models.PositiveSmallIntegerField(default=tasks.models.tasks.default_quality_threshold, validators=[django.core.validators.MaxValueValidator(100)])),
                ("max_refinements", models.PositiveSmallIntegerField(default=tasks.models.tasks.default_max_refinements, validators=[django.core.validators.MaxValueValidator(10)])),
                ("created_at", models.DateTimeField(blank=True, editable=False)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                ("created_by", models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("history_user", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("due_at", models.DateTimeField(blank=True, help_text="When the decision about its text should have been made. Nothing happens by itself then.", null=True, validators=[tasks.models.tasks.has_a_zone])),
            ],
            options={
                "verbose_name": "historical content task",
                "verbose_name_plural": "historical content tasks",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalDraft",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("title", models.CharField(max_length=200)),
                ("slug", models.SlugField(max_length=100)),
                ("summary", models.TextField(blank=True, max_length=600)),
                ("body", models.TextField(help_text="Markdown. Cite a source by its number: [1].")),
                ("seo_title", models.CharField(blank=True, max_length=70, verbose_name="SEO title")),
                ("seo_description", models.CharField(blank=True, max_length=160, verbose_name="SEO description")),
                ("category", models.CharField(blank=True, max_length=100)),
                ("tags", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ("cover_image", models.CharField(blank=True, editable=False, max_length=500)),
                ("cover_alt", models.CharField(blank=True, editable=False, max_length=125, verbose_name="cover description")),
                ("cover_credit", models.CharField(blank=True, editable=False, max_length=300)),
                ("citations", models.JSONField(blank=True, default=list, editable=False)),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("content_sha256", models.CharField(editable=False, max_length=64)),
                ("written_by", models.CharField(editable=False, help_text="A person's or a model's name.", max_length=200)),
                ("score", models.PositiveSmallIntegerField(editable=False, null=True)),
                ("updated_at", models.DateTimeField(blank=True, editable=False)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                ("author", models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("history_user", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("task", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="tasks.contenttask")),
            ],
            options={
                "verbose_name": "historical draft",
                "verbose_name_plural": "historical drafts",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalGuidance",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("reason_code", models.CharField(max_length=40)),
                ("text", models.TextField()),
                ("created_at", models.DateTimeField(blank=True, editable=False)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                ("history_user", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("task", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="tasks.contenttask")),
            ],
            options={
                "verbose_name": "historical guidance",
                "verbose_name_plural": "historical guidance",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ModelCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("run", models.PositiveIntegerField()),
                ("stage", models.CharField(max_length=40)),
                ("role", models.CharField(max_length=20)),
                ("provider", models.CharField(max_length=40)),
                ("model", models.CharField(max_length=200)),
                ("input_tokens", models.PositiveIntegerField(default=0)),
                ("output_tokens", models.PositiveIntegerField(default=0)),
                ("cost_usd", models.DecimalField(decimal_places=6, max_digits=12, null=True)),
                ("is_estimated", models.BooleanField(default=False)),
                ("duration_ms", models.PositiveIntegerField()),
                ("outcome", models.CharField(max_length=20)),
                ("error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("task", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="calls", to="tasks.contenttask")),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["created_at"], include=("cost_usd",), name="tasks_calls_by_day")],
            },
        ),
        migrations.CreateModel(
            name="QualityReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("score", models.PositiveSmallIntegerField(null=True)),
                ("results", models.JSONField(default=list, help_text="CheckResult values, as tasks.pipeline.types names them.")),
                ("critique", models.JSONField(null=True)),
                ("editor_notes", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("draft", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="quality_reports", to="tasks.draft")),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [models.UniqueConstraint(fields=("draft", "version"), name="tasks_one_report_a_version")],
            },
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(editable=False)),
                ("title", models.CharField(blank=True, max_length=300)),
                ("url", models.URLField(blank=True, max_length=2000)),
                ("text", models.TextField(blank=True, help_text="The source's own words. Leave empty to fetch the URL.")),
                ("problem", models.TextField(blank=True, editable=False, help_text="Why it could not be used.")),
                ("task", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="sources", to="tasks.contenttask")),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("task", "number"), name="tasks_source_number"),
                    models.CheckConstraint(condition=models.Q(models.Q(("url", ""), _negated=True), models.Q(("text", ""), _negated=True), _connector="OR"), name="tasks_source_has_content", violation_error_message="Give the source a URL or a text."),
                ],
            },
        ),
        migrations.CreateModel(
            name="StageRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("run", models.PositiveIntegerField()),
                ("attempt", models.PositiveSmallIntegerField()),
                ("key", models.CharField(help_text="The stage's name, with a number per round.", max_length=40)),
                ("output", models.JSONField(null=True)),
                ("error", models.TextField(blank=True)),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("task", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="stage_runs", to="tasks.contenttask")),
                ("error_kind", models.CharField(blank=True, max_length=40)),
            ],
            options={
                "ordering": ["id"],
                "constraints": [models.UniqueConstraint(condition=models.Q(("output__isnull", False)), fields=("task", "run", "key"), name="tasks_stage_finished_once")],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=255)),
                ("request_sha256", models.CharField(max_length=64)),
                ("answer", models.JSONField(help_text="Empty only inside the transaction that does the work.", null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [models.UniqueConstraint(fields=("user", "key"), name="tasks_idempotency_key")],
            },
        ),
        migrations.CreateModel(
            name="TaskEvent",
            fields=[
                ("pk", models.CompositePrimaryKey("task_id", "seq", blank=True, editable=False, primary_key=True, serialize=False)),
                ("task", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="events", to="tasks.contenttask")),
                ("seq", models.PositiveIntegerField()),
                ("kind", models.CharField(choices=[("status", "Status"), ("stage", "Stage"), ("text", "Text")], max_length=10)),
                ("data", models.JSONField(help_text="status and stage: status, stage, progress, error. text: stage, offset and text, which continues the text so far at that character; offset 0 begins anew.")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ["task_id", "seq"],
            },
        ),
        migrations.CreateModel(
            name="Worker",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("host", models.CharField(max_length=255)),
                ("pid", models.PositiveIntegerField()),
                ("started_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("heartbeat_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("in_flight", models.PositiveIntegerField(default=0)),
                ("max_in_flight", models.PositiveIntegerField()),
                ("loop_lag_ms", models.FloatField(default=0, help_text="The longest delay of its loop since the last beat.")),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("failures", "Tasks failed"), ("sla_breach", "Time limits exceeded"), ("no_worker", "No worker is alive"), ("plan_failed", "Planned publications failed")], max_length=20)),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("closed_at", models.DateTimeField(null=True)),
                ("details", models.JSONField(default=dict, help_text="What happened, in numbers and ids: count, first_at, task_ids, by.")),
                ("latest_at", models.DateTimeField(help_text="The newest failure or breach that it covers.")),
                ("seen_at", models.DateTimeField(help_text="When something new was last seen: it closes after a quiet time.")),
                ("notified_at", models.DateTimeField(help_text="When somebody was told, in whichever way first.", null=True)),
                ("deliveries", models.JSONField(default=dict, help_text="By channel, mail and webhook: attempts, delivered_at, error.")),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("last_error", models.TextField(blank=True)),
                ("deliver_at", models.DateTimeField(help_text="When the alert is due: a later time while it is being sent, or after it could not be. Empty once there is nothing left to send.", null=True)),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(condition=models.Q(("deliver_at__isnull", False)), fields=["deliver_at"], name="tasks_alert_due")],
                "constraints": [models.UniqueConstraint(condition=models.Q(("closed_at", None)), fields=("kind",), name="tasks_one_open_incident")],
            },
        ),
        migrations.CreateModel(
            name="HistoricalParagraphLock",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64)),
                ("text", models.TextField()),
                ("reason", models.CharField(blank=True, max_length=1000)),
                ("locked_by_name", models.CharField(max_length=150)),
                ("locked_at", models.DateTimeField(blank=True, editable=False)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                ("draft", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="tasks.draft")),
                ("history_user", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("locked_by", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "historical paragraph lock",
                "verbose_name_plural": "historical paragraph locks",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ParagraphLock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64)),
                ("text", models.TextField()),
                ("reason", models.CharField(blank=True, max_length=1000)),
                ("locked_by_name", models.CharField(max_length=150)),
                ("locked_at", models.DateTimeField(auto_now_add=True)),
                ("draft", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="locks", to="tasks.draft")),
                ("locked_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ["id"],
                "constraints": [models.UniqueConstraint(fields=("draft", "sha256"), name="tasks_paragraph_locked_once")],
            },
        ),
        migrations.CreateModel(
            name="HistoricalCategoryGuidance",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("category", models.CharField(help_text="Upper and lower case make no difference.", max_length=100)),
                ("text", models.TextField(max_length=1000, validators=[django.core.validators.MinLengthValidator(10), django.core.validators.MaxLengthValidator(1000)], verbose_name="what to ask")),
                ("reason_code", models.CharField(blank=True, max_length=40)),
                ("adopted_by_name", models.CharField(max_length=150)),
                ("adopted_at", models.DateTimeField(blank=True, editable=False)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                ("adopted_by", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("guidance", models.ForeignKey(blank=True, db_constraint=False, help_text="What a reviewer asked for, if it was adopted from that.", null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="tasks.guidance")),
                ("history_user", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "historical category guidance",
                "verbose_name_plural": "historical category guidance",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="CategoryGuidance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("category", models.CharField(help_text="Upper and lower case make no difference.", max_length=100)),
                ("text", models.TextField(max_length=1000, validators=[django.core.validators.MinLengthValidator(10), django.core.validators.MaxLengthValidator(1000)], verbose_name="what to ask")),
                ("reason_code", models.CharField(blank=True, max_length=40)),
                ("adopted_by_name", models.CharField(max_length=150)),
                ("adopted_at", models.DateTimeField(auto_now_add=True)),
                ("adopted_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("guidance", models.ForeignKey(help_text="What a reviewer asked for, if it was adopted from that.", null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="adopted", to="tasks.guidance")),
            ],
            options={
                "verbose_name_plural": "category guidance",
                "ordering": ["category", "id"],
                "constraints": [models.UniqueConstraint(django.db.models.functions.text.Lower("category"), models.F("guidance"), name="tasks_guidance_adopted_once")],
            },
        ),
        migrations.CreateModel(
            name="StagedUpload",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=255)),
                ("data", models.BinaryField()),
                ("size", models.PositiveIntegerField(help_text="In bytes.")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ["created_at", "id"],
                "default_permissions": (),
                "indexes": [models.Index(fields=["user", "created_at"], name="tasks_staged_upload_of_user")],
            },
        ),
        migrations.CreateModel(
            name="OpenCall",
            fields=[
                ("task", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="open_call", serialize=False, to="tasks.contenttask")),
                ("lease_owner", models.BigIntegerField()),
                ("lease_epoch", models.PositiveBigIntegerField()),
                ("reserved_usd", models.DecimalField(decimal_places=6, max_digits=14)),
                ("run", models.PositiveIntegerField()),
                ("stage", models.CharField(max_length=40)),
                ("role", models.CharField(max_length=20)),
                ("provider", models.CharField(max_length=40)),
                ("model", models.CharField(max_length=200)),
                ("input_tokens", models.PositiveIntegerField()),
                ("output_tokens", models.PositiveIntegerField(default=0)),
                ("cost_usd", models.DecimalField(decimal_places=6, help_text="So far, as far as is known.", max_digits=12)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ["task"],
                "default_permissions": (),
            },
        ),
        migrations.RunSQL(ROOM),
        migrations.RunSQL(ONE_ROW_A_VERSION),
        LoadSQL("refuse_change", "3550d9f108ab6829"),
        LoadSQL("canonical_json", "241abc2e05bdd722"),
        LoadSQL("content_sha256", "4fd0048187443dfb"),
        LoadSQL("refuse_wrong_hash", "366998db24074593"),
        LoadSQL("refuse_skipped_version", "c85b8c65a5bc1668"),
    ]
