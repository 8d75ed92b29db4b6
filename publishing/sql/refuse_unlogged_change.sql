-- The text of a live post does not change without an entry in the log of corrections.

CREATE OR REPLACE FUNCTION refuse_unlogged_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM publishing_correction
        WHERE post_id = NEW.id AND (from_version, from_sha256, to_version, to_sha256)
            = (OLD.version, OLD.content_sha256, NEW.version, NEW.content_sha256))
    THEN
        RAISE EXCEPTION 'post "%" was changed from version % to version % without a correction in the log',
            NEW.slug, OLD.version, NEW.version USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

-- At the end of the transaction: the post comes first, then the correction.
DROP TRIGGER IF EXISTS change_is_logged ON publishing_post;
CREATE CONSTRAINT TRIGGER change_is_logged AFTER UPDATE ON publishing_post
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.is_live AND NEW.is_live
          AND (OLD.version, OLD.content_sha256) IS DISTINCT FROM (NEW.version, NEW.content_sha256))
    EXECUTE FUNCTION refuse_unlogged_change();
