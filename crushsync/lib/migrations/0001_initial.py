from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='DrainSlot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True)),
                ('holder', models.CharField(blank=True, max_length=80)),
                ('beat_at', models.DateTimeField(null=True)),
                ('is_stopping', models.BooleanField(default=False)),
            ],
            options={
                'verbose_name': 'worker heartbeat',
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='KeyCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('canary', models.TextField()),
            ],
            options={
                'indexes': [],
                'constraints': [],
            },
        ),
    ]
