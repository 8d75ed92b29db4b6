-- A decision is about the current text of its draft, while that text awaits a decision, under the rule of its
-- category. With four eyes, nobody approves a text that they wrote or last edited. A published task whose
-- update awaits approval takes decisions too: the live post stays as it was approved meanwhile.

CREATE OR REPLACE FUNCTION decision_is_about_current_text() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    state record;
    draft tasks_draft%ROWTYPE;
    rule record;
BEGIN
    -- The task first, then the draft: the order in which every writer takes them.
    SELECT status, update_state INTO state FROM tasks_contenttask
        WHERE id = (SELECT task_id FROM tasks_draft WHERE id = NEW.draft_id) FOR UPDATE;
    SELECT * INTO draft FROM tasks_draft
        WHERE id = NEW.draft_id AND version = NEW.version AND content_sha256 = NEW.content_sha256
        FOR UPDATE;
    IF draft.id IS NULL OR NOT EXISTS (
        SELECT FROM tasks_historicaldraft
        WHERE id = NEW.draft_id AND version = NEW.version AND content_sha256 = NEW.content_sha256)
    THEN
        RAISE EXCEPTION 'the decision is not about the current text of draft %', NEW.draft_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    -- Of a published task, only an update that awaits approval is decided about, and no text twice.
    IF state.status <> 'awaiting_approval' AND (
        state.status <> 'published' OR state.update_state <> 'awaiting'
        OR is_approved(draft.id, draft.version, draft.content_sha256)
        OR EXISTS (SELECT FROM approvals_decision WHERE draft_id = draft.id AND version = draft.version
                   AND decision <> 'approve'))
    THEN
        RAISE EXCEPTION 'draft % is %, not awaiting a decision', NEW.draft_id, state.status
            USING ERRCODE = 'restrict_violation';
    END IF;
    rule := review_rule(draft.category);
    IF (NEW.four_eyes, NEW.approvals_needed) IS DISTINCT FROM (rule.four_eyes, rule.approvals_needed) THEN
        RAISE EXCEPTION 'the decision about draft % does not state the rule of its category', NEW.draft_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    -- An author is also who wrote the first version, or this very text before another person restored it.
    IF NEW.decision = 'approve' AND rule.four_eyes AND (draft.author_id = NEW.actor_id OR EXISTS (
        SELECT FROM tasks_historicaldraft
        WHERE id = NEW.draft_id AND author_id = NEW.actor_id
            AND (version = 1 OR content_sha256 = NEW.content_sha256)))
    THEN
        RAISE EXCEPTION 'four eyes: % wrote or last edited version % of draft %',
            NEW.actor_name, NEW.version, NEW.draft_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER bound_to_text BEFORE INSERT ON approvals_decision
    FOR EACH ROW EXECUTE FUNCTION decision_is_about_current_text();
