from django.db import migrations

# The same bytes as tasks.content.canonical_json writes: sorted keys, no spaces, no escapes. Keys are sorted
# by code point ("C" in UTF-8). Numbers are as jsonb has them; those of citations are whole.
FUNCTIONS = r"""
CREATE FUNCTION canonical_json(value jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    CASE jsonb_typeof(value)
    WHEN 'object' THEN
        RETURN '{' || coalesce((
            SELECT string_agg(to_json(item.key)::text || ':' || canonical_json(item.value), ','
                              ORDER BY item.key COLLATE "C")
            FROM jsonb_each(value) AS item), '') || '}';
    WHEN 'array' THEN
        RETURN '[' || coalesce((
            SELECT string_agg(canonical_json(item.value), ',' ORDER BY item.place)
            FROM jsonb_array_elements(value) WITH ORDINALITY AS item (value, place)), '') || ']';
    WHEN 'string' THEN
        RETURN to_json(value #>> '{}')::text;
    ELSE
        RETURN value::text;
    END CASE;
END $$;

-- What tasks.content.content_sha256 returns for the same content: keys in their order.
CREATE FUNCTION content_sha256(
    title text, slug text, summary text, body text, seo_title text, seo_description text, category text,
    tags text[], cover_image text, cover_alt text, cover_credit text, citations jsonb
) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT encode(sha256(convert_to(
        '{"body":' || to_json(body)::text
        || ',"category":' || to_json(category)::text
        || ',"citations":' || canonical_json(citations)
        || ',"cover_alt":' || to_json(cover_alt)::text
        || ',"cover_credit":' || to_json(cover_credit)::text
        || ',"cover_image":' || to_json(cover_image)::text
        || ',"seo_description":' || to_json(seo_description)::text
        || ',"seo_title":' || to_json(seo_title)::text
        || ',"slug":' || to_json(slug)::text
        || ',"summary":' || to_json(summary)::text
        || ',"tags":' || array_to_json(tags)::text
        || ',"title":' || to_json(title)::text
        || '}', 'UTF8')), 'hex')
$$;

CREATE FUNCTION refuse_wrong_hash() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.content_sha256 IS DISTINCT FROM content_sha256(
        NEW.title, NEW.slug, NEW.summary, NEW.body, NEW.seo_title, NEW.seo_description, NEW.category,
        NEW.tags, NEW.cover_image, NEW.cover_alt, NEW.cover_credit, NEW.citations)
    THEN
        RAISE EXCEPTION 'version % of draft % does not have the hash of its content', NEW.version, NEW.id
            USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

-- A number, once given to a text, belongs to that text.
CREATE FUNCTION refuse_skipped_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version <> OLD.version + 1 THEN
        RAISE EXCEPTION 'draft %: version % cannot follow version %', NEW.id, NEW.version, OLD.version
            USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER hash_is_true BEFORE INSERT OR UPDATE ON tasks_draft
    FOR EACH ROW EXECUTE FUNCTION refuse_wrong_hash();
CREATE TRIGGER hash_is_true BEFORE INSERT ON tasks_historicaldraft
    FOR EACH ROW EXECUTE FUNCTION refuse_wrong_hash();
CREATE TRIGGER version_follows BEFORE UPDATE ON tasks_draft FOR EACH ROW
    WHEN (OLD.content_sha256 <> NEW.content_sha256 OR OLD.version <> NEW.version)
    EXECUTE FUNCTION refuse_skipped_version();
CREATE UNIQUE INDEX tasks_one_row_a_version ON tasks_historicaldraft (id, version) WHERE history_type <> '-';
"""

DROP_TRIGGERS = """
DROP INDEX tasks_one_row_a_version;
DROP TRIGGER version_follows ON tasks_draft;
DROP TRIGGER hash_is_true ON tasks_historicaldraft;
DROP TRIGGER hash_is_true ON tasks_draft;
DROP FUNCTION refuse_skipped_version();
DROP FUNCTION refuse_wrong_hash();
DROP FUNCTION content_sha256(text, text, text, text, text, text, text, text[], text, text, text, jsonb);
DROP FUNCTION canonical_json(jsonb);
"""

# The rest of the histories: briefs and guidance. 0002 did drafts.
TABLES = ("tasks_historicalcontenttask", "tasks_historicalguidance")

APPEND_ONLY = "".join(
    f"""
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
    for table in TABLES
)
NOT_APPEND_ONLY = "".join(
    f"DROP TRIGGER append_only_table ON {table}; DROP TRIGGER append_only_rows ON {table};" for table in TABLES
)

# Whoever may make a temporary table could otherwise have a function read that one instead.
PINNED = """
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['refuse_change()', 'canonical_json(jsonb)',
        'content_sha256(text,text,text,text,text,text,text,text[],text,text,text,jsonb)',
        'refuse_wrong_hash()', 'refuse_skipped_version()'] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', name, current_schema());
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0007_due_dates")]
    operations = [
        migrations.RunSQL(FUNCTIONS + PINNED, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGERS + APPEND_ONLY, NOT_APPEND_ONLY + DROP_TRIGGERS),
    ]
