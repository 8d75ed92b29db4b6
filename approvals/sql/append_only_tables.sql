-- Decisions, the audit log, preview links, sign-off feedback and the history of rules are evidence: rows are
-- added and never changed. What it means: tasks/sql/refuse_change.sql.

CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON approvals_decision
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON approvals_decision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON approvals_historicaldecision
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON approvals_historicaldecision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON approvals_auditentry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON approvals_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON approvals_historicalreviewrule
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON approvals_historicalreviewrule
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Of a link, link_is_only_revoked.sql allows one change.
CREATE OR REPLACE TRIGGER append_only_rows BEFORE DELETE ON approvals_previewlink
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON approvals_previewlink
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON approvals_opinion
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only_table BEFORE TRUNCATE ON approvals_opinion
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
