"""Telling people by mail.

recipients.py   who still gets mails, quiet hours, the next daily summary, unsubscribing
choosing.py     who is written to about what, and when: one by one, or together
letters.py      the words of a mail
once.py         handing rows to the mail server once each, with retries
lane.py         daily summaries are made, mails are sent
sending.py      one mail to the mail server, and what its answer means
bounces.py      what the mail service says afterwards
"""
