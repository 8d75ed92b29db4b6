from django.db import migrations, models

# Of plans that want one address, the first that is due holds it; where a post has it, none does.
HOLD = """
UPDATE publishing_schedule plan SET slug = draft.slug
FROM (
    SELECT DISTINCT ON (found.slug) found.slug, schedule.id
    FROM publishing_schedule schedule JOIN tasks_draft found ON found.id = schedule.draft_id
    WHERE schedule.ended_at IS NULL
        AND NOT EXISTS (SELECT FROM publishing_post WHERE slug = found.slug AND draft_id <> found.id)
        AND NOT EXISTS (
            SELECT FROM publishing_redirect redirect JOIN publishing_post post ON post.id = redirect.post_id
            WHERE redirect.slug = found.slug AND post.draft_id <> found.id)
    ORDER BY found.slug, schedule.publish_at, schedule.id
) AS draft
WHERE plan.id = draft.id;
"""

# Two plans are told apart by an index. A plan and a post are in two tables: these hold them apart, and the
# verbs take the lock of an address (publishing.redirects.hold_addresses) before they look.
CREATE = """
CREATE FUNCTION refuse_address_of_another_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM publishing_post WHERE slug = NEW.slug AND draft_id <> NEW.draft_id
        UNION ALL
        SELECT FROM publishing_redirect redirect JOIN publishing_post post ON post.id = redirect.post_id
        WHERE redirect.slug = NEW.slug AND post.draft_id <> NEW.draft_id)
    THEN
        RAISE EXCEPTION 'draft % cannot be planned at the address "%": another text has it, or had it',
            NEW.draft_id, NEW.slug USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION refuse_planned_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM publishing_schedule
        WHERE slug = NEW.slug AND ended_at IS NULL AND draft_id <> NEW.draft_id)
    THEN
        RAISE EXCEPTION 'post "%" cannot have this address: another text is planned to go online there',
            NEW.slug USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NEW;
END $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['refuse_address_of_another_text()', 'refuse_planned_address()'] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', name, current_schema());
    END LOOP;
END $$;

CREATE TRIGGER address_is_free BEFORE INSERT OR UPDATE OF slug, draft_id, ended_at ON publishing_schedule
    FOR EACH ROW WHEN (NEW.ended_at IS NULL AND NEW.slug <> '')
    EXECUTE FUNCTION refuse_address_of_another_text();
CREATE TRIGGER address_is_not_planned BEFORE INSERT OR UPDATE OF slug, draft_id ON publishing_post
    FOR EACH ROW EXECUTE FUNCTION refuse_planned_address();
"""

DROP = """
DROP TRIGGER address_is_not_planned ON publishing_post;
DROP TRIGGER address_is_free ON publishing_schedule;
DROP FUNCTION refuse_planned_address();
DROP FUNCTION refuse_address_of_another_text();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0011_feed_ids'),
    ]

    operations = [
        migrations.AddField(
            model_name='schedule',
            name='slug',
            field=models.SlugField(allow_unicode=True, blank=True, db_default='', db_index=False, help_text='The address that it holds until it ends; empty for one from before addresses were held.', max_length=100),
        ),
        migrations.AddField(
            model_name='schedule',
            name='failed_at',
            field=models.DateTimeField(db_index=True, help_text='When it was found that it cannot be carried out.', null=True),
        ),
        migrations.AlterField(
            model_name='schedule',
            name='outcome',
            field=models.CharField(blank=True, choices=[('published', 'Published'), ('unscheduled', 'Taken off the schedule'), ('voided', 'Void'), ('given_up', 'Could not be published')], max_length=20),
        ),
        migrations.RunSQL(HOLD, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='schedule',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None), models.Q(('slug', ''), _negated=True)), fields=('slug',), name='publishing_one_plan_an_address'),
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
