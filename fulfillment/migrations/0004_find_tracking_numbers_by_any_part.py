from django.db import migrations

from crushsync.lib.part_index import part_index


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0003_mark_as_shipped")]
    operations = [
        part_index("fulfillment_numbers", "fulfillment_fulfillment", "(tracking_numbers::text)"),
    ]
