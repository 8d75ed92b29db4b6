-- An edit voids the approval: at the end of the transaction, an approved or published task has an approved
-- text. The exception is a published task with an update that awaits approval or was declined: its post is
-- not that text.

CREATE OR REPLACE FUNCTION refuse_edit_under_approval() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    draft record;
BEGIN
    SELECT found.id, found.version, found.content_sha256, task.status, task.update_state INTO draft
        FROM tasks_draft found JOIN tasks_contenttask task ON task.id = found.task_id
        WHERE found.id = NEW.id;
    IF (draft.status = 'approved'
            OR draft.status = 'published' AND draft.update_state NOT IN ('awaiting', 'declined'))
        AND NOT is_approved(draft.id, draft.version, draft.content_sha256)
    THEN
        RAISE EXCEPTION 'draft % was edited while its task stays %: the approval is void', NEW.id, draft.status
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

-- At the end of the transaction: an edit and the move that voids the approval come in either order.
DROP TRIGGER IF EXISTS edit_voids_approval ON tasks_draft;
CREATE CONSTRAINT TRIGGER edit_voids_approval AFTER UPDATE ON tasks_draft
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.content_sha256 <> NEW.content_sha256)
    EXECUTE FUNCTION refuse_edit_under_approval();
