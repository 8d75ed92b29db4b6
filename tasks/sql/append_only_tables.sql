-- What a source was and what was read from it is added and never changed. It is deleted with its source
-- alone, which editors may remove until the work begins. What it means: refuse_change.sql.

CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE ON tasks_sourcebytes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON tasks_sourcebytes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE ON tasks_sourcesnapshot
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON tasks_sourcesnapshot
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE ON tasks_sourcereading
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON tasks_sourcereading
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What the sources say of each sentence of a version.
CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON tasks_claimrecord
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON tasks_claimrecord
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON tasks_claimledger
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON tasks_claimledger
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The history of the desk's rules for checks is evidence.
CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON tasks_historicalqualitycheckrule
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON tasks_historicalqualitycheckrule
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
