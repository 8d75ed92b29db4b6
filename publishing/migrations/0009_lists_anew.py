from django.db import migrations

COMMON = 1000


def list_anew(apps, schema_editor):
    """Impacts are of another formula now. A job makes the lists, as that may take a minute."""
    apps.get_model("publishing", "SearchDelta").objects.all().delete()
    apps.get_model("publishing", "SearchList").objects.all().delete()
    if apps.get_model("publishing", "SearchTerm").objects.filter(posts__gte=COMMON).exists():
        from django_q.tasks import async_task

        async_task("publishing.search.lists.merge")


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0008_corrections'),
        ('django_q', '0018_task_success_index'),
    ]

    operations = [migrations.RunPython(list_anew, migrations.RunPython.noop)]
