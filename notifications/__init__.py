"""What tells people and programs what happened: order-issue e-mails, digests, outgoing signed webhooks."""
