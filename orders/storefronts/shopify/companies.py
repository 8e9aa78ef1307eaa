"""Tracking companies by the names that Shopify lists, for which it builds links itself; capitals count.

Those of shops in any country, then those of shops in the United States.
https://shopify.dev/docs/api/admin-graphql/2026-07/objects/FulfillmentTrackingInfo#supported-tracking-companies
"""

OTHER = "Other"
_LISTED = """
4PX|AGS|Amazon|Amazon Logistics UK|An Post|Anjun Logistics|APC|Asendia USA|Australia Post|Bonshaw|BPost
BPost International|Canada Post|Canpar|CDL Last Mile|China Post|Chronopost|Chukou1|Colissimo|Comingle
Coordinadora|Correios|Correos|CTT|CTT Express|Cyprus Post|Delnext|Deutsche Post|DHL eCommerce
DHL eCommerce Asia|DHL Express|DPD|DPD Local|DPD UK|DTD Express|DX|Eagle|Estes|Evri|FedEx
First Global Logistics|First Line|FSC|Fulfilla|GLS|Guangdong Weisuyi Information Technology (WSE)
Heppner Internationale Spedition GmbH & Co.|Iceland Post|IDEX|Israel Post|Japan Post (EN)
Japan Post (JA)|La Poste Colissimo|La Poste Burkina Faso|Lasership|Latvia Post|Lietuvos Paštas|Logisters
Lone Star Overnight|M3 Logistics|Meteor Space|Mondial Relay|New Zealand Post|NinjaVan
North Russia Supply Chain (Shenzhen) Co.|OnTrac|Packeta|Pago Logistics|Ping An Da Tengfei Express
Pitney Bowes|Portal PostNord|Poste Italiane|PostNL|PostNord DK|PostNord NO|PostNord SE|Purolator|Qxpress
Qyun Express|Royal Mail|Royal Shipments|Sagawa (EN)|Sagawa (JA)|Sendle|SF Express|SFC Fulfillment
SHREE NANDAN COURIER|Singapore Post|Southwest Air Cargo|StarTrack|Step Forward Freight|Swiss Post
TForce Final Mile|Tinghao|TNT|Toll IPEC|United Delivery Service|UPS|USPS|Venipak|We Post|Whistl|Wizmo
WMYC|Xpedigo|XPO Logistics|Yamato (EN)|Yamato (JA)|YiFan Express|YunExpress
GLS|Alliance Air Freight|Pilot Freight|LSO|Old Dominion|Pandion|R+L Carriers|Southwest Air Cargo
"""


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.upper()))


LISTED = tuple(name for line in _LISTED.split("\n") for name in line.split("|") if name)
_BY_LETTERS = {_letters(name): name for name in LISTED} | {"UDS": "United Delivery Service"}


def listed(name: str) -> str:
    """The company as Shopify spells it, however it is written; "Other" for one that Shopify does not list."""
    return _BY_LETTERS.get(_letters(name), OTHER)
