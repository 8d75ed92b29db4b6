-- A live post is a version of its draft that was approved, byte for byte, and names an approval of it.
-- `body_html` is rendered from `body` by the site, which SQL cannot repeat: `manage.py audit reconcile`
-- checks that.

CREATE OR REPLACE FUNCTION refuse_unapproved_post() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
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
            AND (title, slug, summary, body, seo_title, seo_description,
                 cover_image, cover_alt, cover_credit, citations)
              = (NEW.title, NEW.slug, NEW.summary, NEW.body, NEW.seo_title, NEW.seo_description,
                 NEW.cover_image, NEW.cover_alt, NEW.cover_credit, NEW.citations))
    THEN
        RAISE EXCEPTION 'post "%" cannot be live: it is not version % of draft % as it was approved',
            NEW.slug, NEW.version, NEW.draft_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER approved_bytes_only
    BEFORE INSERT OR UPDATE OF is_live, draft_id, approval_id, version, content_sha256,
        title, slug, summary, body, seo_title, seo_description, cover_image, cover_alt, cover_credit, citations
    ON publishing_post FOR EACH ROW WHEN (NEW.is_live) EXECUTE FUNCTION refuse_unapproved_post();
