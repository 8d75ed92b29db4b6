-- What was published, and every correction of it, is evidence: rows are added and never changed.
-- What it means: tasks/sql/refuse_change.sql.

CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON publishing_historicalpost
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON publishing_historicalpost
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON publishing_historicalsiteidentity
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON publishing_historicalsiteidentity
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON publishing_correction
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON publishing_correction
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- An approval of an address on a line of its own is an approval of its card.
CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON publishing_linkcard
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON publishing_linkcard
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
