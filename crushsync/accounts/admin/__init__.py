"""The admin of wineries, their people and their Vinoshipper accounts.

base.py         what every page is held to: rows by winery, acts by role
connections.py  pages of outside accounts: settings, health, write-only credentials
keys.py         API keys
live.py         pages that show themselves anew
markup.py       pills, icons and times
people.py       wineries, people, logins
vinoshipper.py  Vinoshipper accounts
"""

from crushsync.accounts.admin.keys import ApiKeyAdmin
from crushsync.accounts.admin.people import MembershipAdmin, PersonAdmin, WineryPage
from crushsync.accounts.admin.vinoshipper import VinoshipperAccountAdmin

__all__ = ["ApiKeyAdmin", "MembershipAdmin", "PersonAdmin", "VinoshipperAccountAdmin", "WineryPage"]
