import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('orders', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalStateLimit',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('state', models.CharField(help_text='Two letters.', max_length=2, validators=[django.core.validators.RegexValidator('^[A-Z]{2}$')], verbose_name='state')),
                ('bottles', models.PositiveIntegerField(blank=True, help_text='Empty: no limit.', null=True, verbose_name='bottles of 750 ml')),
                ('window', models.CharField(choices=[('month', 'a month'), ('two_months', 'two months'), ('year', 'a year')], default='year', max_length=10, verbose_name='counted over')),
                ('source', models.CharField(help_text='Where this stands, with its date.', max_length=300, verbose_name='source')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('winery', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.winery', verbose_name='winery')),
            ],
            options={
                'verbose_name': 'historical state limit',
                'verbose_name_plural': 'historical state limits',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='CatalogProduct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product_id', models.CharField(max_length=40)),
                ('sku', models.CharField(max_length=100, verbose_name='SKU')),
                ('name', models.CharField(max_length=250, verbose_name='name')),
                ('category', models.CharField(blank=True, max_length=60, verbose_name='category')),
                ('inventory', models.IntegerField(verbose_name='in stock')),
                ('not_available_in', models.JSONField(default=list, verbose_name='not available in')),
                ('ml', models.PositiveIntegerField(null=True, verbose_name='size in ml')),
                ('is_alcohol', models.BooleanField(default=True, verbose_name='alcohol')),
                ('read_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='read')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='products', to='accounts.vinoshipperaccount')),
            ],
            options={
                'verbose_name': 'Vinoshipper product',
                'ordering': ['sku'],
                'indexes': [models.Index(fields=['account', 'sku'], name='compliance_product_sku')],
                'constraints': [models.UniqueConstraint(fields=('account', 'product_id'), name='compliance_product_once')],
            },
        ),
        migrations.CreateModel(
            name='ComplianceEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked', models.CharField(choices=[('ourselves', 'Our own check'), ('check', "Vinoshipper's check"), ('sending', 'Vinoshipper, on sending'), ('age', 'Age verification'), ('webhook', "Vinoshipper's webhook"), ('later', 'Vinoshipper, after sending')], max_length=10, verbose_name='asked')),
                ('is_compliant', models.BooleanField(verbose_name='compliant')),
                ('problems', models.JSONField(default=list, verbose_name='problems')),
                ('answer', models.JSONField(default=dict)),
                ('trace_id', models.CharField(blank=True, max_length=80, verbose_name='trace id')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='compliance_events', to='orders.order')),
            ],
            options={
                'verbose_name': 'compliance event',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['-at'], name='compliance_event_newest')],
            },
        ),
        migrations.CreateModel(
            name='StateLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(help_text='Two letters.', max_length=2, validators=[django.core.validators.RegexValidator('^[A-Z]{2}$')], verbose_name='state')),
                ('bottles', models.PositiveIntegerField(blank=True, help_text='Empty: no limit.', null=True, verbose_name='bottles of 750 ml')),
                ('window', models.CharField(choices=[('month', 'a month'), ('two_months', 'two months'), ('year', 'a year')], default='year', max_length=10, verbose_name='counted over')),
                ('source', models.CharField(help_text='Where this stands, with its date.', max_length=300, verbose_name='source')),
                ('winery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='state_limits', to='accounts.winery', verbose_name='winery')),
            ],
            options={
                'verbose_name': 'state limit',
                'ordering': ['state'],
                'constraints': [models.UniqueConstraint(fields=('winery', 'state'), name='compliance_limit_once')],
            },
        ),
    ]
