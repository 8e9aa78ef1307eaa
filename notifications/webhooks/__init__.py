"""Telling other programs, as https://www.standardwebhooks.com has it.

endpoints.py  what people and the API do: make, change, rotate, switch on and off, test
replaying.py  delivering again
lines.py      deliveries in the order in which they are made, one line for each object
signing.py    secrets and signatures
calling.py    the calls of one endpoint, on a pool thread
places.py     how many endpoints are called at a time, and whose turn it is
lane.py       what is due is called, and what came of it is written
"""
