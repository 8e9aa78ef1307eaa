"""Problems that people can solve: opened and closed as the orders' own state says.

noting.py    from the state of orders, shipments and connections to open rows, batch by batch
handling.py  what a person does with them: assign, note, snooze, settle
grouping.py  many orders, one cause, one fix
clock.py     what is late
finding.py   how problems are shown: where they are solved, and as plain data
"""
