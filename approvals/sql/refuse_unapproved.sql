-- A task becomes approved or published only if the current text of its draft is approved. From published to
-- approved (unpublishing) is checked at the end of the transaction: refuse_staying_approved.sql.

CREATE OR REPLACE FUNCTION refuse_unapproved() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    draft record;
BEGIN
    -- Unpublishing: checked at the end of the transaction.
    IF TG_OP = 'UPDATE' AND OLD.status = 'published' THEN
        RETURN NEW;
    END IF;
    -- Locked: this waits for a transaction that changes the text at this moment, and then sees the new one.
    SELECT id, version, content_sha256 INTO draft FROM tasks_draft WHERE task_id = NEW.id FOR SHARE;
    IF NOT FOUND OR NOT is_approved(draft.id, draft.version, draft.content_sha256) THEN
        RAISE EXCEPTION 'task % cannot be %: the present text of its draft is not approved',
            NEW.id, NEW.status USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER approved_bytes_only BEFORE INSERT OR UPDATE OF status ON tasks_contenttask FOR EACH ROW
    WHEN (NEW.status IN ('approved', 'published')) EXECUTE FUNCTION refuse_unapproved();
