from django.db import migrations

COPIED = (
    "title", "slug", "summary", "body", "seo_title", "seo_description", "cover_image", "cover_alt",
    "cover_credit", "citations",
)  # fmt: skip

# What is live is a version that was approved, to the byte. `body_html` is made from `body` by the site's
# renderer, which SQL cannot repeat: `manage.py audit reconcile` does.
CREATE = f"""
CREATE FUNCTION refuse_unapproved_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT is_approved(NEW.draft_id, NEW.version, NEW.content_sha256) OR NOT EXISTS (
        SELECT FROM approvals_decision WHERE id = NEW.approval_id AND decision = 'approve'
            AND draft_id = NEW.draft_id AND version = NEW.version AND content_sha256 = NEW.content_sha256)
    THEN
        RAISE EXCEPTION 'post "%" cannot be live: version % of draft % is not approved',
            NEW.slug, NEW.version, NEW.draft_id USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (
        SELECT FROM tasks_historicaldraft
        WHERE id = NEW.draft_id AND version = NEW.version AND content_sha256 = NEW.content_sha256
            AND ({", ".join(COPIED)}) = ({", ".join(f"NEW.{name}" for name in COPIED)}))
    THEN
        RAISE EXCEPTION 'post "%" cannot be live: it is not version % of draft % as it was approved',
            NEW.slug, NEW.version, NEW.draft_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION refuse_unapproved_post() SET search_path = %I, pg_temp', current_schema());
END $$;

CREATE TRIGGER approved_bytes_only
    BEFORE INSERT OR UPDATE OF is_live, draft_id, approval_id, version, content_sha256, {", ".join(COPIED)}
    ON publishing_post FOR EACH ROW WHEN (NEW.is_live) EXECUTE FUNCTION refuse_unapproved_post();

CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON publishing_historicalpost
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON publishing_historicalpost
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

DROP = """
DROP TRIGGER append_only_table ON publishing_historicalpost;
DROP TRIGGER append_only_rows ON publishing_historicalpost;
DROP TRIGGER approved_bytes_only ON publishing_post;
DROP FUNCTION refuse_unapproved_post();
"""


class Migration(migrations.Migration):
    dependencies = [("publishing", "0005_redirects"), ("approvals", "0005_rules")]
    operations = [migrations.RunSQL(CREATE, DROP)]
