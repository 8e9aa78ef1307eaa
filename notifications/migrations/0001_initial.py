import crushsync.lib.encrypted
import datetime
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('fulfillment', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Endpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('open_claims', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('fence', models.PositiveIntegerField(default=0, editable=False)),
                ('is_parked', models.BooleanField(default=False, editable=False)),
                ('winery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='endpoints', to='accounts.winery', verbose_name='winery')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('url', models.CharField(help_text='https://, on port 443.', max_length=500, verbose_name='address')),
                ('event_types', models.JSONField(default=list, help_text='Such as order.moved, or fulfillment.* for all of a kind.', verbose_name='told of')),
                ('secrets', crushsync.lib.encrypted.EncryptedJSONField(default=dict, editable=False)),
                ('old_secret_until', models.DateTimeField(editable=False, null=True, verbose_name='old secret until')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('off_code', models.CharField(blank=True, choices=[('gone', 'It answered 410: nobody wants these any more.'), ('failing', 'No delivery has come through for five days.'), ('crash', 'Telling it stopped the worker three times.')], editable=False, max_length=10, verbose_name='why it is off')),
                ('failing_since', models.DateTimeField(editable=False, null=True, verbose_name='failing since')),
                ('failures', models.PositiveIntegerField(default=0, editable=False)),
                ('last_ok_at', models.DateTimeField(editable=False, null=True, verbose_name='last delivery')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name': 'webhook endpoint',
                'ordering': ['name'],
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='endpoint_due')],
                'constraints': [models.UniqueConstraint(fields=('winery', 'name'), name='notifications_endpoint_name')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('winery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='accounts.winery')),
                ('message_id', models.CharField(max_length=40, unique=True)),
                ('type', models.CharField(max_length=60, verbose_name='event')),
                ('about', models.CharField(max_length=80, verbose_name='about')),
                ('source', models.CharField(max_length=60, null=True, unique=True)),
                ('body', models.TextField()),
                ('at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name='when')),
            ],
            options={
                'verbose_name': 'message',
                'ordering': ['-pk'],
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='Recipient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('open_claims', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('fence', models.PositiveIntegerField(default=0, editable=False)),
                ('is_parked', models.BooleanField(default=False, editable=False)),
                ('winery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recipients', to='accounts.winery', verbose_name='winery')),
                ('user', models.ForeignKey(blank=True, help_text='Written to at the address of their login.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notification_recipients', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('address', models.EmailField(blank=True, max_length=254, verbose_name='or an address')),
                ('kinds', models.JSONField(default=list, verbose_name='gets')),
                ('quiet_from', models.TimeField(blank=True, help_text="In the winery's time zone. Kept until it ends.", null=True, verbose_name='quiet from')),
                ('quiet_to', models.TimeField(blank=True, null=True, verbose_name='quiet to')),
                ('daily_at', models.TimeField(default=datetime.time(7, 0), verbose_name='daily summary at')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('unsubscribed_at', models.DateTimeField(editable=False, null=True, verbose_name='unsubscribed')),
                ('bounced_at', models.DateTimeField(editable=False, null=True, verbose_name='bounced')),
            ],
            options={
                'verbose_name': 'mail recipient',
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='recipient_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('user__isnull', False), models.Q(('address', ''), _negated=True), _connector='XOR'), name='notifications_recipient_is_one'), models.UniqueConstraint(fields=('winery', 'user'), name='notifications_recipient_person'), models.UniqueConstraint(condition=models.Q(('address', ''), _negated=True), fields=('winery', 'address'), name='notifications_recipient_address')],
            },
        ),
        migrations.CreateModel(
            name='Sweep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('open_claims', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('fence', models.PositiveIntegerField(default=0, editable=False)),
                ('is_parked', models.BooleanField(default=False, editable=False)),
                ('key', models.CharField(default='only', editable=False, max_length=10, unique=True)),
                ('told', models.JSONField(default=dict)),
                ('seen', models.JSONField(default=dict)),
                ('writers', models.JSONField(default=list)),
                ('tidied_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'sweep',
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='sweep_due')],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='ToldProblem',
            fields=[
                ('problem', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='told', serialize=False, to='fulfillment.problem')),
                ('is_end_told', models.BooleanField(default=False)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('is_end_told', False)), fields=['problem'], name='notifications_problem_running')],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='notifications.endpoint')),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='notifications.message')),
                ('about', models.CharField(max_length=80)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('delivered', 'Delivered'), ('failed', 'Given up'), ('missed', 'Missed while off')], default='waiting', max_length=10, verbose_name='state')),
                ('next_at', models.DateTimeField(null=True, verbose_name='next try')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('is_replay', models.BooleanField(default=False, verbose_name='replay')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='made')),
                ('delivered_at', models.DateTimeField(null=True, verbose_name='delivered')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['endpoint', '-id'], name='notifications_delivery_new'), models.Index(condition=models.Q(('next_at__isnull', False), ('state', 'waiting')), fields=['endpoint', 'next_at'], name='notifications_delivery_due'), models.Index(condition=models.Q(('state', 'waiting')), fields=['endpoint', 'about', 'id'], name='notifications_delivery_line')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_replay', False)), fields=('endpoint', 'message'), name='notifications_delivery_once')],
            },
        ),
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('open_claims', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('fence', models.PositiveIntegerField(default=0, editable=False)),
                ('is_parked', models.BooleanField(default=False, editable=False)),
                ('winery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mails', to='accounts.winery')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mails', to='notifications.recipient')),
                ('endpoint', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='mails', to='notifications.endpoint')),
                ('kind', models.CharField(choices=[('problem', 'Order issue'), ('digest', 'Several order issues'), ('daily', 'Daily summary'), ('solved', 'Solved'), ('down', 'Connection down'), ('restored', 'Connection restored'), ('endpoint', 'Webhook endpoint off'), ('test', 'Test')], max_length=10, verbose_name='kind')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('skipped', 'Not needed any more'), ('failed', 'Failed'), ('unknown', 'Unknown outcome'), ('bounced', 'Bounced')], default='waiting', max_length=10, verbose_name='state')),
                ('sentence', models.TextField(blank=True, verbose_name='what came of it')),
                ('is_call_open', models.BooleanField(default=False)),
                ('provider_id', models.CharField(blank=True, db_index=True, max_length=200)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='made')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='sent')),
            ],
            options={
                'verbose_name': 'mail',
                'ordering': ['-pk'],
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='mail_due')],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='DeliveryTry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='log', to='notifications.delivery')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('seconds', models.FloatField(verbose_name='took')),
                ('status', models.PositiveSmallIntegerField(null=True, verbose_name='status')),
                ('sentence', models.TextField(verbose_name='what came of it')),
                ('headers', models.JSONField(default=dict, verbose_name='headers sent')),
                ('answer', models.TextField(blank=True, verbose_name='answer')),
            ],
            options={
                'verbose_name': 'delivery try',
                'ordering': ['-pk'],
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='MailItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='notifications.recipient')),
                ('problem', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mail_items', to='fulfillment.problem')),
                ('is_end', models.BooleanField(default=False)),
                ('mail', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='notifications.mail')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'indexes': [models.Index(fields=['recipient', '-at'], name='notifications_item_recent')],
                'constraints': [models.UniqueConstraint(fields=('recipient', 'problem', 'is_end'), name='notifications_mail_item_once')],
            },
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'delivered'), _negated=True), fields=['state', '-id'], name='notifications_delivery_open'),
        ),
    ]
