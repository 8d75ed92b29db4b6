-- A preview link shows one version of a draft that exists with this very hash.

CREATE OR REPLACE FUNCTION link_shows_a_version() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM 1 FROM tasks_historicaldraft
        WHERE id = NEW.draft_id AND version = NEW.version AND content_sha256 = NEW.content_sha256;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'draft % has no version % with this hash', NEW.draft_id, NEW.version
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER shows_a_version BEFORE INSERT ON approvals_previewlink
    FOR EACH ROW EXECUTE FUNCTION link_shows_a_version();
