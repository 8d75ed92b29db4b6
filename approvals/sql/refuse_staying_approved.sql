-- A task that was unpublished may end its transaction as approved only if the current text of its draft is
-- approved.

CREATE OR REPLACE FUNCTION refuse_staying_approved() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (
        SELECT FROM tasks_contenttask task JOIN tasks_draft draft ON draft.task_id = task.id
        WHERE task.id = NEW.id AND task.status = 'approved'
            AND NOT is_approved(draft.id, draft.version, draft.content_sha256))
    THEN
        RAISE EXCEPTION 'task % cannot be approved: the present text of its draft is not approved', NEW.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS approved_when_left_so ON tasks_contenttask;
CREATE CONSTRAINT TRIGGER approved_when_left_so AFTER UPDATE OF status ON tasks_contenttask
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.status = 'published' AND NEW.status = 'approved') EXECUTE FUNCTION refuse_staying_approved();
