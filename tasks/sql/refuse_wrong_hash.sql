-- A version whose hash is not the hash of its content is not stored: decisions name a text by its hash.

CREATE OR REPLACE FUNCTION refuse_wrong_hash() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
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

CREATE OR REPLACE TRIGGER hash_is_true BEFORE INSERT OR UPDATE ON tasks_draft
    FOR EACH ROW EXECUTE FUNCTION refuse_wrong_hash();

CREATE OR REPLACE TRIGGER hash_is_true BEFORE INSERT ON tasks_historicaldraft
    FOR EACH ROW EXECUTE FUNCTION refuse_wrong_hash();
