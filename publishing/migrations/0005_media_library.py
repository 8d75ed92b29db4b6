import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models



class Migration(migrations.Migration):

    dependencies = [
        ('approvals', '0003_names'),
        ('publishing', '0004_image_origin'),
        ('tasks', '0011_web_search'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ImageUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='Of the image.', max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='LinkCard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(help_text='As it is written in the text.', max_length=620, unique=True)),
                ('title', models.CharField(blank=True, max_length=200)),
                ('site', models.CharField(blank=True, max_length=100)),
                ('description', models.CharField(blank=True, max_length=300)),
                ('problem', models.CharField(blank=True, help_text='Why there is no title.', max_length=500)),
                ('added_by_name', models.CharField(max_length=150)),
                ('fetched_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'ordering': ['-fetched_at'],
            },
        ),
        migrations.CreateModel(
            name='MediaItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200)),
                ('alt', models.CharField(blank=True, help_text='Describes the image for readers who cannot see it.', max_length=250, verbose_name='alternative text')),
                ('credit', models.CharField(blank=True, help_text='The creator, as readers are to see it: Photo: Edda Tor.', max_length=300)),
                ('licence', models.CharField(blank=True, help_text='For the desk: on which terms it may be used.', max_length=500, verbose_name='licence note')),
                ('added_by_name', models.CharField(editable=False, max_length=150)),
                ('added_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'ordering': ['-added_at', '-id'],
            },
        ),
        migrations.AddField(
            model_name='image',
            name='focal_x',
            field=models.PositiveSmallIntegerField(db_default=50, default=50, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='focal point, from the left'),
        ),
        migrations.AddField(
            model_name='image',
            name='focal_y',
            field=models.PositiveSmallIntegerField(db_default=50, default=50, help_text='Where a card shows a part of the image, this point stays in sight.', validators=[django.core.validators.MaxValueValidator(100)], verbose_name='focal point, from the top'),
        ),
        migrations.AddField(
            model_name='post',
            name='body_images',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), db_default=[], default=list, editable=False, help_text='The images that its body shows.', size=None),
        ),
        migrations.AddIndex(
            model_name='post',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('is_live', True)), fields=['body_images'], name='publishing_body_images'),
        ),
        migrations.AddField(
            model_name='imageuse',
            name='draft',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='image_uses', to='tasks.draft'),
        ),
        migrations.AddField(
            model_name='mediaitem',
            name='added_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='mediaitem',
            name='image',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='media_item', to='publishing.image'),
        ),
        migrations.AddField(
            model_name='mediaitem',
            name='replaced_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replaces', to='publishing.mediaitem'),
        ),
        migrations.AddConstraint(
            model_name='imageuse',
            constraint=models.UniqueConstraint(fields=('name', 'draft'), name='publishing_image_used_once'),
        ),
        migrations.AddIndex(
            model_name='mediaitem',
            index=models.Index(fields=['-added_at', '-id'], name='publishing_newest_media'),
        ),
    ]
