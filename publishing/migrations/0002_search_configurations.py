from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations, models

# One for each language that PostgreSQL knows, which differs from release to release: as its own, without accents.
CREATE = """
DO $$
DECLARE
    language name;
    dictionary text;
BEGIN
    FOR language IN SELECT cfgname FROM pg_ts_config WHERE cfgnamespace = 'pg_catalog'::regnamespace LOOP
        dictionary := CASE WHEN language = 'simple' THEN 'simple' ELSE language || '_stem' END;
        EXECUTE format('CREATE TEXT SEARCH CONFIGURATION %I (COPY = pg_catalog.%I)', 'desk_' || language, language);
        EXECUTE format(
            'ALTER TEXT SEARCH CONFIGURATION %I ALTER MAPPING FOR hword, hword_part, word WITH unaccent, %I',
            'desk_' || language, dictionary
        );
    END LOOP;
END $$
"""

DROP = """
DO $$
DECLARE
    made name;
BEGIN
    FOR made IN SELECT cfgname FROM pg_ts_config WHERE cfgname LIKE 'desk\\_%' LOOP
        EXECUTE format('DROP TEXT SEARCH CONFIGURATION %I', made);
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("publishing", "0001_initial")]
    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        migrations.RunSQL(CREATE, DROP),
        migrations.AddField(
            model_name="postsearch",
            name="config",
            field=models.CharField(
                default="desk_simple",
                help_text="The text search configuration that `tsv` was made with.",
                max_length=63,
            ),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="postsearch",
            index=models.Index(fields=["config"], name="publishing_config"),
        ),
    ]
