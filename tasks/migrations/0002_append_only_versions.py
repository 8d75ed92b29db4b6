from django.db import migrations

# The only net under bulk updates and raw SQL, which the history's own code never sees.
CREATE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON tasks_historicaldraft
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON tasks_historicaldraft
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

DROP = """
DROP TRIGGER append_only_table ON tasks_historicaldraft;
DROP TRIGGER append_only_rows ON tasks_historicaldraft;
DROP FUNCTION refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
