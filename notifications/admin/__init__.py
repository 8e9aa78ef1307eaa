"""The pages of who is told.

acts.py        buttons on a row's page
recipients.py  who gets mails, and each mail
preview.py     mails as they would be written
endpoints.py   who is told by webhook
deliveries.py  the delivery log
"""

from notifications.admin.deliveries import DeliveryAdmin
from notifications.admin.endpoints import EndpointAdmin
from notifications.admin.recipients import MailAdmin, RecipientAdmin

__all__ = ["DeliveryAdmin", "EndpointAdmin", "MailAdmin", "RecipientAdmin"]
