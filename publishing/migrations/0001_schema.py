"""The whole schema, in one migration for each app.

It stands for the migrations in `replaces`: a database that has run all of them has nothing to do here, one that has run
some is refused (contentpipeline/migration_history.py).
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
import simple_history.models
from django.conf import settings
from django.contrib.postgres.operations import (
    CreateExtension,
    TrigramExtension,
    UnaccentExtension,
)
from django.db import migrations, models

import publishing.models.search
from tasks.sql_files import LoadSQL

# One for each language that PostgreSQL has, which differs from release to release: as its own, without accents.
SEARCH_CONFIGURATIONS = """
DO $$
DECLARE
    language name;
    dictionary text;
BEGIN
    FOR language IN SELECT cfgname FROM pg_ts_config WHERE cfgnamespace = 'pg_catalog'::regnamespace LOOP
        dictionary := CASE WHEN language = 'simple' THEN 'simple' ELSE language || '_stem' END;
        EXECUTE format('CREATE TEXT SEARCH CONFIGURATION %I (COPY = pg_catalog.%I)', 'desk_' || language, language);
        EXECUTE format(
            'ALTER TEXT SEARCH CONFIGURATION %I ALTER MAPPING FOR hword, hword_part, word WITH unaccent, %I',
            'desk_' || language, dictionary
        );
    END LOOP;
END $$
"""

# Counts change with every publication: room for them on the same page spares the indexes.
ROOM = "ALTER TABLE publishing_searchterm SET (fillfactor = 80)"


class Migration(migrations.Migration):
    replaces = [
        ("publishing", "0001_initial"),
        ("publishing", "0002_search_configurations"),
        ("publishing", "0003_pages_and_images"),
        ("publishing", "0004_schedules"),
        ("publishing", "0005_redirects"),
        ("publishing", "0006_approved_bytes_only"),
        ("publishing", "0007_search_terms"),
        ("publishing", "0008_corrections"),
        ("publishing", "0009_lists_anew"),
        ("publishing", "0010_larger_sitemaps"),
        ("publishing", "0011_feed_ids"),
        ("publishing", "0012_plans_hold_addresses"),
    ]

    initial = True

    dependencies = [
        ("approvals", "0001_schema"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("tasks", "0001_schema"),
    ]

    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        CreateExtension("fuzzystrmatch"),
        migrations.RunSQL(SEARCH_CONFIGURATIONS),
        migrations.CreateModel(
            name="Category",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("slug", models.SlugField(max_length=100, unique=True)),
            ],
            options={
                "verbose_name_plural": "categories",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("slug", models.SlugField(max_length=100, unique=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalPost",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("content_sha256", models.CharField(max_length=64)),
                ("title", models.CharField(max_length=200)),
                ("slug", models.SlugField(max_length=100)),
                ("summary", models.TextField(blank=True)),
                ("body", models.TextField()),
                ("body_html", models.TextField(help_text="The body, rendered and sanitised when it was published.")),
                ("seo_title", models.CharField(blank=True, max_length=70)),
                ("seo_description", models.CharField(blank=True, max_length=160)),
                ("cover_image", models.CharField(blank=True, max_length=500)),
                ("cover_alt", models.CharField(blank=True, max_length=125)),
                ("cover_credit", models.CharField(blank=True, max_length=300)),
                ("citations", models.JSONField(default=list)),
                ("language", models.CharField(default="en", max_length=10)),
                ("words", models.PositiveIntegerField(default=0)),
                ("is_live", models.BooleanField(default=True)),
                ("published_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                ("approval", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="approvals.decision")),
                ("category", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="publishing.category")),
                ("draft", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="tasks.draft")),
                ("history_user", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "historical post",
                "verbose_name_plural": "historical posts",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Author",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="As readers see it, on every text you approved.", max_length=100)),
                ("slug", models.SlugField(help_text="The address of your page: /author/…/", max_length=100, unique=True)),
                ("bio", models.TextField(blank=True, max_length=600, verbose_name="about you")),
                ("is_public", models.BooleanField(default=False, help_text="If unset, your texts carry only the name of the site.", verbose_name="name me")),
                ("user", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="author", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Image",
            fields=[
                ("name", models.CharField(help_text="SHA-256 over its files.", max_length=64, primary_key=True, serialize=False)),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("variants", models.JSONField(help_text="Each file: format, width, height, bytes, sha256; widest last.")),
                ("uploaded_at", models.DateTimeField(auto_now_add=True)),
                ("uploaded_by", models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ["-uploaded_at"],
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("content_sha256", models.CharField(max_length=64)),
                ("title", models.CharField(max_length=200)),
                ("slug", models.SlugField(max_length=100, unique=True)),
                ("summary", models.TextField(blank=True)),
                ("body", models.TextField()),
                ("body_html", models.TextField(help_text="The body, rendered and sanitised when it was published.")),
                ("seo_title", models.CharField(blank=True, max_length=70)),
                ("seo_description", models.CharField(blank=True, max_length=160)),
                ("cover_image", models.CharField(blank=True, max_length=500)),
                ("cover_alt", models.CharField(blank=True, max_length=125)),
                ("cover_credit", models.CharField(blank=True, max_length=300)),
                ("citations", models.JSONField(default=list)),
                ("language", models.CharField(default="en", max_length=10)),
                ("words", models.PositiveIntegerField(default=0)),
                ("is_live", models.BooleanField(default=True)),
                ("published_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("approval", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="approvals.decision")),
                ("category", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="posts", to="publishing.category")),
                ("draft", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="post", to="tasks.draft")),
                ("tags", models.ManyToManyField(blank=True, related_name="posts", to="publishing.tag")),
                ("provenance", models.JSONField(db_column="making", default=dict, help_text="How it was made and checked: see provenance.py.")),
                ("author", models.ForeignKey(help_text="Who approved it, if they have an author page.", null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="posts", to="publishing.author")),
                ("cover", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="posts", to="publishing.image")),
                ("changes", models.PositiveIntegerField(db_default=0, default=0, editable=False, help_text="How often its text was changed while it was live.")),
                ("revised_at", models.DateTimeField(editable=False, help_text="The last change that its page mentions: not a minor one.", null=True)),
                ("feed_id", models.TextField(db_default="", default="", editable=False, help_text="Its permanent id in feeds: the address at which it was first published.")),
            ],
            options={
                "ordering": ["-published_at", "-id"],
                "permissions": [("publish_post", "Can publish and unpublish")],
                "indexes": [
                    models.Index(condition=models.Q(("is_live", True)), fields=["-published_at", "-id"], name="publishing_newest"),
                    models.Index(condition=models.Q(("is_live", True)), fields=["category", "-published_at", "-id"], name="publishing_of_category"),
                    models.Index(condition=models.Q(("is_live", True)), fields=["author", "-published_at", "-id"], name="publishing_of_author"),
                    models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower("title"), name="text_pattern_ops"), condition=models.Q(("is_live", True)), name="publishing_title"),
                    models.Index(django.db.models.expressions.CombinedExpression(models.F("id"), "/", models.Value(2500)), models.OrderBy(models.F("updated_at"), descending=True), name="publishing_sitemaps"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PostSearch",
            fields=[
                ("post", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="search", serialize=False, to="publishing.post")),
                ("tsv", django.contrib.postgres.search.SearchVectorField()),
                ("text", models.TextField(help_text="Summary and body as plain text, for the highlighted passages.")),
                ("config", models.CharField(help_text="The text search configuration that `tsv` was made with.", max_length=63)),
            ],
            options={
                "indexes": [django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=["tsv"], name="publishing_tsv")],
            },
        ),
        migrations.CreateModel(
            name="Announcement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(max_length=500, unique=True)),
                ("changed_at", models.DateTimeField(help_text="A change while it is being sent has it sent again.")),
                ("deliver_at", models.DateTimeField(db_index=True, help_text="When it is due; empty once it was given up.", null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "ordering": ["deliver_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="PostTerms",
            fields=[
                ("post", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="terms", serialize=False, to="publishing.post")),
                ("terms", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), size=None)),
            ],
            options={
                "indexes": [django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=["terms"], name="publishing_terms")],
            },
        ),
        migrations.CreateModel(
            name="RelatedPost",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("score", models.FloatField(help_text="Higher is more similar.")),
                ("other", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="publishing.post")),
                ("post", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="related", to="publishing.post")),
            ],
            options={
                "indexes": [models.Index(fields=["post", "-score"], name="publishing_most_related")],
                "constraints": [models.UniqueConstraint(fields=("post", "other"), name="publishing_related_once")],
            },
        ),
        migrations.CreateModel(
            name="Schedule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("content_sha256", models.CharField(max_length=64)),
                ("publish_at", models.DateTimeField()),
                ("zone", models.CharField(help_text="As entered: Europe/Berlin, or UTC+01:00.", max_length=64)),
                ("by_name", models.CharField(max_length=150)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("try_at", models.DateTimeField(help_text="The time of the next attempt: later after a failure.")),
                ("attempts", models.PositiveIntegerField(default=0, help_text="Failed attempts.")),
                ("last_error", models.TextField(blank=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, choices=[("published", "Published"), ("unscheduled", "Removed from the schedule"), ("voided", "Voided"), ("given_up", "Could not be published")], max_length=20)),
                ("why", models.TextField(blank=True, help_text="Why it ended.")),
                ("by", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("draft", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="schedules", to="tasks.draft")),
                ("slug", models.SlugField(allow_unicode=True, blank=True, db_default="", db_index=False, help_text="The address that it reserves until it ends; empty in old rows, which reserve none.", max_length=100)),
                ("failed_at", models.DateTimeField(db_index=True, help_text="When it was ended because it could not be published.", null=True)),
            ],
            options={
                "ordering": ["publish_at", "id"],
                "indexes": [models.Index(condition=models.Q(("ended_at", None)), fields=["try_at"], name="publishing_due"), models.Index(condition=models.Q(("ended_at", None)), fields=["publish_at"], name="publishing_planned")],
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("ended_at", None)), fields=("draft",), name="publishing_one_open_schedule"),
                    models.CheckConstraint(condition=models.Q(models.Q(("ended_at", None), ("outcome", "")), models.Q(("ended_at__isnull", False), models.Q(("outcome", ""), _negated=True)), _connector="OR"), name="publishing_schedule_ended"),
                    models.UniqueConstraint(condition=models.Q(("ended_at", None), models.Q(("slug", ""), _negated=True)), fields=("slug",), name="publishing_one_plan_an_address"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Redirect",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(allow_unicode=True, max_length=100, unique=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("post", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="redirects", to="publishing.post")),
            ],
            options={
                "ordering": ["slug"],
            },
        ),
        migrations.CreateModel(
            name="SearchTerm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("config", models.CharField(max_length=63)),
                ("lexeme", models.TextField()),
                ("posts", models.PositiveIntegerField()),
            ],
            options={
                "indexes": [django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=["lexeme"], name="publishing_term_alike", opclasses=["gin_trgm_ops"])],
                "constraints": [models.UniqueConstraint(fields=("config", "lexeme"), name="publishing_term", opclasses=["varchar_pattern_ops", "text_pattern_ops"])],
            },
        ),
        migrations.CreateModel(
            name="SearchDelta",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("post_id", models.IntegerField()),
                ("impact", publishing.models.search.Real()),
                ("term", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="publishing.searchterm")),
            ],
        ),
        migrations.CreateModel(
            name="SearchLanguage",
            fields=[
                ("config", models.CharField(max_length=63, primary_key=True, serialize=False)),
                ("posts", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="SearchList",
            fields=[
                ("term", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="best", serialize=False, to="publishing.searchterm")),
                ("post_ids", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ("impacts", django.contrib.postgres.fields.ArrayField(base_field=publishing.models.search.Real(), size=None)),
                ("cutoff", publishing.models.search.Real()),
            ],
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_version", models.PositiveIntegerField()),
                ("from_sha256", models.CharField(max_length=64)),
                ("to_version", models.PositiveIntegerField()),
                ("to_sha256", models.CharField(max_length=64)),
                ("kind", models.CharField(choices=[("correction", "Correction"), ("update", "Update"), ("minor", "Minor change")], max_length=10)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("by_name", models.CharField(max_length=150)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("by", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("post", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="corrections", to="publishing.post")),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["post", "-id"], name="publishing_corrections_of"), models.Index(condition=models.Q(("kind", "minor"), _negated=True), fields=["-id"], name="publishing_corrections_log")],
                "constraints": [
                    models.UniqueConstraint(fields=("post", "to_version"), name="publishing_change_logged_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "minor"), models.Q(("kind__in", ["correction", "update"]), django.db.models.lookups.GreaterThanOrEqual(django.db.models.functions.text.Length(django.db.models.functions.text.Trim("note")), 10)), _connector="OR"), name="publishing_correction_says_what"
                    ),
                ],
            },
        ),
        migrations.RunSQL(ROOM),
        LoadSQL("refuse_unapproved_post", "de2ecef2e8b46865"),
        LoadSQL("correction_is_of_what_is_live", "2b957c60e28c8780"),
        LoadSQL("refuse_unlogged_change", "30627501def21fe9"),
        LoadSQL("refuse_address_of_another_text", "9979bf98e75edf60"),
        LoadSQL("refuse_planned_address", "510c3cbd6e860bf7"),
    ]
