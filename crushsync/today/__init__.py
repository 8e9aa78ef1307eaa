"""The first page of the day.

causes.py   what to mend first, by cause
days.py     orders by day, and what happened since yesterday
page.py     the page itself, with its numbers and its lights
starting.py the steps of a winery that has just begun
"""

from crushsync.today.page import page, today

__all__ = ["page", "today"]
