import django.core.validators
import django.db.models.deletion
import simple_history.models
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('compliance', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalPieceSize',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('sku', models.CharField(max_length=100, verbose_name='SKU at Vinoshipper')),
                ('bottles', models.DecimalField(decimal_places=2, help_text='In one piece: a pack of six is 6, a half bottle 0.5.', max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))], verbose_name='bottles of 750 ml')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('account', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.vinoshipperaccount', verbose_name='Vinoshipper account')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical pack size',
                'verbose_name_plural': 'historical pack sizes',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='PieceSize',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.CharField(max_length=100, verbose_name='SKU at Vinoshipper')),
                ('bottles', models.DecimalField(decimal_places=2, help_text='In one piece: a pack of six is 6, a half bottle 0.5.', max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))], verbose_name='bottles of 750 ml')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='piece_sizes', to='accounts.vinoshipperaccount', verbose_name='Vinoshipper account')),
            ],
            options={
                'verbose_name': 'pack size',
                'ordering': ['sku'],
                'constraints': [models.UniqueConstraint(fields=('account', 'sku'), name='compliance_piece_size_once')],
            },
        ),
    ]
