"""A day at a winery, played from outside: by the public commands and over HTTP, like a user and like a shop.

ground.py     the folder, keys, ports and database the demo stands on
children.py   the processes it starts, watches and ends
house.py      CrushSync under demonstration: set up by its commands, run as its processes
view.py       what shop and Vinoshipper show: the only witnesses
scenarios.py  what happens to an order, step by step, and where it has to end
day.py        plays the scenarios side by side
verdict.py    where each order ended, counted from the witnesses
screen.py     progress and table
"""
