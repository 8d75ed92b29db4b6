from django.db import migrations

TABLES = ("approvals_decision", "approvals_historicaldecision", "approvals_auditentry")

APPEND_ONLY = "".join(
    f"""
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
    for table in TABLES
)

# A decision is about the bytes that stand there now, whoever inserts it and however.
BOUND = """
CREATE FUNCTION decision_is_about_current_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM tasks_draft
        WHERE id = NEW.draft_id AND version = NEW.version AND content_sha256 = NEW.content_sha256
        FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the decision is not about the current text of draft %', NEW.draft_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER bound_to_text BEFORE INSERT ON approvals_decision
    FOR EACH ROW EXECUTE FUNCTION decision_is_about_current_text();
"""

DROP = (
    "DROP TRIGGER bound_to_text ON approvals_decision; DROP FUNCTION decision_is_about_current_text();"
    + "".join(
        f"DROP TRIGGER append_only_table ON {table}; DROP TRIGGER append_only_rows ON {table};" for table in TABLES
    )
)


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial"), ("tasks", "0002_append_only_versions")]
    operations = [migrations.RunSQL(APPEND_ONLY + BOUND, DROP)]
