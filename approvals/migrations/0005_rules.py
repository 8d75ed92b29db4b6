import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

# Names of categories are alike when readers would take them for one: publishing files them together too.
CATEGORY = r"""
CREATE FUNCTION review_category(category text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(lower(category), '[\s_-]+', ' ', 'g'))
$$;
"""

RULES = r"""
-- The rule of the category, else the one of all others, else the strict default: one row always.
CREATE FUNCTION review_rule(wanted text, OUT four_eyes boolean, OUT approvals_needed smallint)
LANGUAGE sql STABLE AS $$
    SELECT found.four_eyes, found.approvals_needed
    FROM (
        SELECT rule.four_eyes, rule.approvals_needed, CASE rule.category WHEN '' THEN 1 ELSE 2 END AS rank
        FROM approvals_reviewrule rule
        WHERE review_category(rule.category) IN (review_category(wanted), '')
        UNION ALL SELECT true, 1::smallint, 0
    ) AS found
    ORDER BY rank DESC LIMIT 1
$$;

-- Whether these bytes have as many approvals, by different people, as their rule asked for when they were
-- given. A later no about the same bytes takes earlier approvals back.
CREATE FUNCTION is_approved(draft bigint, of_version integer, of_sha256 text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce(count(DISTINCT actor_id) >= (array_agg(approvals_needed ORDER BY id DESC))[1], false)
    FROM approvals_decision
    WHERE draft_id = draft AND version = of_version AND content_sha256 = of_sha256
        AND decision = 'approve' AND id > coalesce((
            SELECT max(id) FROM approvals_decision
            WHERE draft_id = draft AND version = of_version AND decision <> 'approve'), 0)
$$;

-- A decision is about the bytes that stand there now, while they await one, under the rule that holds now.
CREATE OR REPLACE FUNCTION decision_is_about_current_text() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    state text;
    draft tasks_draft%ROWTYPE;
    rule record;
BEGIN
    -- The task first, then the draft: the order in which every writer takes them.
    SELECT status INTO state FROM tasks_contenttask
        WHERE id = (SELECT task_id FROM tasks_draft WHERE id = NEW.draft_id) FOR UPDATE;
    SELECT * INTO draft FROM tasks_draft
        WHERE id = NEW.draft_id AND version = NEW.version AND content_sha256 = NEW.content_sha256
        FOR UPDATE;
    IF draft.id IS NULL OR NOT EXISTS (
        SELECT FROM tasks_historicaldraft
        WHERE id = NEW.draft_id AND version = NEW.version AND content_sha256 = NEW.content_sha256)
    THEN
        RAISE EXCEPTION 'the decision is not about the current text of draft %', NEW.draft_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF state <> 'awaiting_approval' THEN
        RAISE EXCEPTION 'draft % is %, not awaiting a decision', NEW.draft_id, state
            USING ERRCODE = 'restrict_violation';
    END IF;
    rule := review_rule(draft.category);
    IF (NEW.four_eyes, NEW.approvals_needed) IS DISTINCT FROM (rule.four_eyes, rule.approvals_needed) THEN
        RAISE EXCEPTION 'the decision about draft % does not state the rule of its category', NEW.draft_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    -- Their own bytes stay theirs when somebody else restores them.
    IF NEW.decision = 'approve' AND rule.four_eyes AND (draft.author_id = NEW.actor_id OR EXISTS (
        SELECT FROM tasks_historicaldraft
        WHERE id = NEW.draft_id AND author_id = NEW.actor_id
            AND (version = 1 OR content_sha256 = NEW.content_sha256)))
    THEN
        RAISE EXCEPTION 'four eyes: % wrote or last edited version % of draft %',
            NEW.actor_name, NEW.version, NEW.draft_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION refuse_unapproved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    draft record;
BEGIN
    -- Locked: a text that is being changed at this moment is waited for, and then is another.
    SELECT id, version, content_sha256 INTO draft FROM tasks_draft WHERE task_id = NEW.id FOR SHARE;
    IF NOT FOUND OR NOT is_approved(draft.id, draft.version, draft.content_sha256) THEN
        RAISE EXCEPTION 'task % cannot be %: the present text of its draft is not approved',
            NEW.id, NEW.status USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION refuse_edit_under_approval() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    draft record;
BEGIN
    SELECT found.id, found.version, found.content_sha256, task.status INTO draft
        FROM tasks_draft found JOIN tasks_contenttask task ON task.id = found.task_id
        WHERE found.id = NEW.id;
    IF draft.status IN ('approved', 'published')
        AND NOT is_approved(draft.id, draft.version, draft.content_sha256)
    THEN
        RAISE EXCEPTION 'draft % was edited while its task stays %: the approval is void', NEW.id, draft.status
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER approved_bytes_only BEFORE INSERT OR UPDATE OF status ON tasks_contenttask FOR EACH ROW
    WHEN (NEW.status IN ('approved', 'published')) EXECUTE FUNCTION refuse_unapproved();
-- At the end of the transaction: an edit and the move that voids the approval come in either order.
CREATE CONSTRAINT TRIGGER edit_voids_approval AFTER UPDATE ON tasks_draft
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.content_sha256 <> NEW.content_sha256)
    EXECUTE FUNCTION refuse_edit_under_approval();

CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON approvals_historicalreviewrule
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON approvals_historicalreviewrule
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Ten blanks are no reason.
ALTER TABLE approvals_decision ADD CONSTRAINT approvals_no_says_why CHECK (
    decision = 'approve' OR length(regexp_replace(reason, '^\s+|\s+$', '', 'g')) >= 10);

-- Whoever may make a temporary table could otherwise have a function read that one instead.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['review_rule(text)', 'is_approved(bigint,integer,text)',
        'decision_is_about_current_text()', 'refuse_unapproved()', 'refuse_edit_under_approval()'] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', name, current_schema());
    END LOOP;
END $$;
"""

NO_RULES = """
ALTER TABLE approvals_decision DROP CONSTRAINT approvals_no_says_why;
DROP TRIGGER append_only_table ON approvals_historicalreviewrule;
DROP TRIGGER append_only_rows ON approvals_historicalreviewrule;
DROP TRIGGER edit_voids_approval ON tasks_draft;
DROP TRIGGER approved_bytes_only ON tasks_contenttask;
DROP FUNCTION refuse_edit_under_approval();
DROP FUNCTION refuse_unapproved();
CREATE OR REPLACE FUNCTION decision_is_about_current_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM tasks_draft
        WHERE id = NEW.draft_id AND version = NEW.version AND content_sha256 = NEW.content_sha256
        FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the decision is not about the current text of draft %', NEW.draft_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
DROP FUNCTION is_approved(bigint, integer, text);
DROP FUNCTION review_rule(text);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('approvals', '0004_draft_comments'),
        ('tasks', '0008_versions_are_what_they_say'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(CATEGORY, 'DROP FUNCTION review_category(text);'),
        migrations.AddField(
            model_name='decision',
            name='approvals_needed',
            field=models.PositiveSmallIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name='decision',
            name='four_eyes',
            field=models.BooleanField(default=True, editable=False),
        ),
        migrations.AddField(
            model_name='historicaldecision',
            name='approvals_needed',
            field=models.PositiveSmallIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name='historicaldecision',
            name='four_eyes',
            field=models.BooleanField(default=True, editable=False),
        ),
        migrations.CreateModel(
            name='HistoricalReviewRule',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('category', models.CharField(blank=True, help_text='As drafts name it, in whatever case. Empty: all categories without a rule of their own.', max_length=100)),
                ('four_eyes', models.BooleanField(default=True, help_text='Nobody approves what they wrote or last edited, superusers included.')),
                ('approvals_needed', models.PositiveSmallIntegerField(choices=[(1, 'One approval'), (2, 'Two approvals, by two people')], default=1, help_text='What was decided before a change of this number stays as it was decided.')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical review rule',
                'verbose_name_plural': 'historical review rules',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='ReviewRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('category', models.CharField(blank=True, help_text='As drafts name it, in whatever case. Empty: all categories without a rule of their own.', max_length=100)),
                ('four_eyes', models.BooleanField(default=True, help_text='Nobody approves what they wrote or last edited, superusers included.')),
                ('approvals_needed', models.PositiveSmallIntegerField(choices=[(1, 'One approval'), (2, 'Two approvals, by two people')], default=1, help_text='What was decided before a change of this number stays as it was decided.')),
            ],
            options={
                'ordering': ['category'],
                'constraints': [models.CheckConstraint(condition=models.Q(('approvals_needed__in', [1, 2])), name='approvals_one_or_two'), models.UniqueConstraint(models.Func('category', function='review_category', output_field=models.TextField()), name='approvals_one_rule_a_category', violation_error_message='This category has a rule already: change that one.')],
            },
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
