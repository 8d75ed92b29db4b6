from django.db import migrations

# A function whose search path is its caller's looks first where the caller says, a temporary schema included.
PIN = """
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'link_shows_a_version()', 'link_is_only_revoked()', 'opinion_comes_through_its_link()'
    ] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', name, current_schema());
    END LOOP;
END $$;
"""
UNPIN = """
ALTER FUNCTION link_shows_a_version() RESET search_path;
ALTER FUNCTION link_is_only_revoked() RESET search_path;
ALTER FUNCTION opinion_comes_through_its_link() RESET search_path;
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0009_live")]

    operations = [migrations.RunSQL(PIN, UNPIN)]
