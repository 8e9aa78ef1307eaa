from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0001_initial'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='mail',
            name='endpoint',
        ),
        migrations.AlterField(
            model_name='mail',
            name='kind',
            field=models.CharField(choices=[('problem', 'Order issue'), ('digest', 'Several order issues'), ('daily', 'Daily summary'), ('solved', 'Solved'), ('down', 'Connection down'), ('restored', 'Connection restored'), ('test', 'Test')], max_length=10, verbose_name='kind'),
        ),
    ]
