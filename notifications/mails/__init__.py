"""Telling people by mail.

recipients.py   quiet hours, the next daily summary, unsubscribing
choosing.py     who is written to about what, and when: one by one, or together
letters.py      the words of a mail
lane.py         daily summaries are made, mails are sent
bounces.py      what the mail service says afterwards
"""
