from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_let_wineries_ship_themselves'),
    ]

    operations = [
        migrations.AlterField(
            model_name='historicalvinoshipperaccount',
            name='ships_itself',
            field=models.BooleanField(default=False, help_text="Under Vinoshipper's license: what the shop's staff have fulfilled is marked as shipped there.", verbose_name='the winery ships the goods itself'),
        ),
        migrations.AlterField(
            model_name='vinoshipperaccount',
            name='ships_itself',
            field=models.BooleanField(default=False, help_text="Under Vinoshipper's license: what the shop's staff have fulfilled is marked as shipped there.", verbose_name='the winery ships the goods itself'),
        ),
    ]
