from urllib.parse import quote

from django.conf import settings
from django.db import migrations, models

BATCH = 1000


def keep_present_ids(apps, schema_editor):
    """Readers know a post by the address that it has now: that stays its id, wherever it moves."""
    posts = apps.get_model("publishing", "Post").objects
    batch = []
    for post in posts.filter(feed_id="").only("slug").order_by("pk").iterator(BATCH):
        post.feed_id = f"{settings.SITE_URL}/posts/{quote(post.slug)}/"
        batch.append(post)
        if len(batch) == BATCH:
            posts.bulk_update(batch, ["feed_id"])
            batch = []
    posts.bulk_update(batch, ["feed_id"])


class Migration(migrations.Migration):
    dependencies = [("publishing", "0010_larger_sitemaps")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="feed_id",
            field=models.TextField(
                db_default="",
                default="",
                editable=False,
                help_text="By which feeds know it for life: the address at which it was first published.",
            ),
        ),
        migrations.RunPython(keep_present_ids, migrations.RunPython.noop),
    ]
