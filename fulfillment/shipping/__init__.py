"""What the winery ships itself: made, corrected, moved on and canceled here or in the store.

Admin, commands and API call these functions; nobody else writes a fulfillment of the winery's own.

parcels.py    what is said of the packages, checked
counting.py   how many pieces may still be shipped here; the guard against one too many
making.py     a fulfillment is made
changing.py   its tracking is corrected, its status moves on
canceling.py  it is canceled: stock restored once, pieces free again
booking.py    its stock movements
from_store.py what the store's own staff did, taken in
places.py     a store's location that nobody had mapped is mapped
choices.py    how an order could be divided, to be edited before anything is made
"""

from fulfillment.shipping.canceling import cancel_fulfillment
from fulfillment.shipping.changing import correct_tracking, move_on, parcel_of
from fulfillment.shipping.counting import is_to_ship_here, remaining, to_ship_here
from fulfillment.shipping.from_store import take_in
from fulfillment.shipping.making import create_fulfillment
from fulfillment.shipping.parcels import Parcel, Refused, tracking_page
from fulfillment.shipping.places import map_place

__all__ = [
    "Parcel",
    "Refused",
    "cancel_fulfillment",
    "correct_tracking",
    "create_fulfillment",
    "is_to_ship_here",
    "map_place",
    "move_on",
    "parcel_of",
    "remaining",
    "take_in",
    "to_ship_here",
    "tracking_page",
]
