"""Categories and tags are found by the key of their name, however many there are."""

from django.db import migrations, models


def by_key(model: str) -> migrations.AddIndex:
    key = models.Func("name", function="name_key", output_field=models.TextField())
    return migrations.AddIndex(model, models.Index(key, name=f"publishing_{model}_key"))


class Migration(migrations.Migration):
    dependencies = [("publishing", "0001_schema"), ("approvals", "0003_name_key")]

    operations = [by_key("category"), by_key("tag")]
