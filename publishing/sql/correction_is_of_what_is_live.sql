-- A correction is about a live post: from an earlier version of its draft to the version that is online now.

CREATE OR REPLACE FUNCTION correction_is_of_what_is_live() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.to_version <= NEW.from_version OR NOT EXISTS (
        SELECT FROM publishing_post post JOIN tasks_historicaldraft earlier ON earlier.id = post.draft_id
        WHERE post.id = NEW.post_id AND post.is_live
            AND (post.version, post.content_sha256) = (NEW.to_version, NEW.to_sha256)
            AND (earlier.version, earlier.content_sha256) = (NEW.from_version, NEW.from_sha256))
    THEN
        RAISE EXCEPTION 'post % did not change from version % to version %',
            NEW.post_id, NEW.from_version, NEW.to_version USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER of_what_is_live BEFORE INSERT ON publishing_correction
    FOR EACH ROW EXECUTE FUNCTION correction_is_of_what_is_live();
