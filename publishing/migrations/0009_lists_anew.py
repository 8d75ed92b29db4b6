from django.db import migrations

# Their impacts are of an earlier formula. The next publication, or `index_search`, makes them anew.
NO_LISTS = "DELETE FROM publishing_searchdelta; DELETE FROM publishing_searchlist"


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0008_corrections'),
    ]

    operations = [migrations.RunSQL(NO_LISTS, migrations.RunSQL.noop)]
