-- Versions of a draft are numbered 1, 2, 3, … without a gap, and a new text has a new number.
-- A number, once given to a text, belongs to that text.

CREATE OR REPLACE FUNCTION refuse_skipped_version() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.version <> OLD.version + 1 THEN
        RAISE EXCEPTION 'draft %: version % cannot follow version %', NEW.id, NEW.version, OLD.version
            USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER version_follows BEFORE UPDATE ON tasks_draft FOR EACH ROW
    WHEN (OLD.content_sha256 <> NEW.content_sha256 OR OLD.version <> NEW.version)
    EXECUTE FUNCTION refuse_skipped_version();
