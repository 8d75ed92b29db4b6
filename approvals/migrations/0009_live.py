import re
from importlib import import_module

from django.db import migrations

# What is live stays as it was approved while a newer text of it is written and decided about: the post's own
# trigger holds its bytes. So a published task may have a draft that is not approved; an approved task may not.
UPDATES = """
CREATE OR REPLACE FUNCTION decision_is_about_current_text() RETURNS trigger LANGUAGE plpgsql AS $$
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
    -- Whatever the task says of an update: what was approved, and may be live, is not decided about again.
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
    -- Their own bytes stay theirs when somebody else restores them.
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

CREATE OR REPLACE FUNCTION refuse_unapproved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    draft record;
BEGIN
    -- What was published is left by way of approved. Whether it may stay there is asked at the end.
    IF TG_OP = 'UPDATE' AND OLD.status = 'published' THEN
        RETURN NEW;
    END IF;
    -- Locked: a text that is being changed at this moment is waited for, and then is another.
    SELECT id, version, content_sha256 INTO draft FROM tasks_draft WHERE task_id = NEW.id FOR SHARE;
    IF NOT FOUND OR NOT is_approved(draft.id, draft.version, draft.content_sha256) THEN
        RAISE EXCEPTION 'task % cannot be %: the present text of its draft is not approved',
            NEW.id, NEW.status USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION refuse_staying_approved() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION refuse_edit_under_approval() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE CONSTRAINT TRIGGER approved_when_left_so AFTER UPDATE OF status ON tasks_contenttask
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.status = 'published' AND NEW.status = 'approved') EXECUTE FUNCTION refuse_staying_approved();

"""

DROP = """
DROP TRIGGER approved_when_left_so ON tasks_contenttask;
DROP FUNCTION refuse_staying_approved();
"""

REPLACED = ("decision_is_about_current_text", "refuse_unapproved", "refuse_edit_under_approval")
RULES = import_module("approvals.migrations.0005_rules").RULES


def as_before(name):
    [found] = re.findall(rf"FUNCTION {name}\(\) RETURNS.*?END \$\$;", RULES, re.DOTALL)
    return f"CREATE OR REPLACE {found}\n"


def pinned(*names):
    """Whoever may make a temporary table could otherwise have a function read that one instead."""
    wanted = ", ".join(f"'{name}()'" for name in names)
    return f"""
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[{wanted}] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', name, current_schema());
    END LOOP;
END $$;
"""



class Migration(migrations.Migration):
    dependencies = [("approvals", "0008_webhooks"), ("tasks", "0010_live")]
    operations = [
        migrations.RunSQL(
            UPDATES + pinned(*REPLACED, "refuse_staying_approved"),
            DROP + "".join(as_before(name) for name in REPLACED) + pinned(*REPLACED),
        )
    ]
