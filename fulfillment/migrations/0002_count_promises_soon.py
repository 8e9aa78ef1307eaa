import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('fulfillment', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='PromiseCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('open_claims', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('fence', models.PositiveIntegerField(default=0, editable=False)),
                ('is_parked', models.BooleanField(default=False, editable=False)),
                ('winery', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.winery', verbose_name='winery')),
            ],
            options={
                'verbose_name': 'count of promises',
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='promisecount_due')],
            },
        ),
        migrations.AddIndex(
            model_name='stockmovement',
            index=models.Index(fields=['reference'], name='stock_movement_reference'),
        ),
    ]
