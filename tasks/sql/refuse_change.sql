-- Evidence is added and never changed: versions, decisions, histories, the audit log. The last line of
-- defence against bulk updates and raw SQL, which the code of the models never sees.
-- contentpipeline/grants.py reads from these triggers which tables are evidence, and grants no right to
-- change them. The tables of the other apps: approvals/sql/append_only_tables.sql,
-- publishing/sql/append_only_tables.sql.

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON tasks_historicaldraft
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON tasks_historicaldraft
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON tasks_historicalparagraphlock
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON tasks_historicalparagraphlock
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON tasks_historicalcontenttask
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON tasks_historicalcontenttask
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON tasks_historicalguidance
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON tasks_historicalguidance
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON tasks_historicalcategoryguidance
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON tasks_historicalcategoryguidance
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
