"""Producer accounts: credentials, products, states, people who fail the age check, and the switches."""

from dataclasses import dataclass, field, fields, replace

from sandbox.shapes import ControlError, Json

# States where nothing may be shipped at all, as published in Vinoshipper's state rules:
# https://vinoshipper.freshdesk.com/support/solutions/articles/9000202228-shipping-rules-by-state
PROHIBITED = frozenset({"AR", "DE", "MS", "RI", "UT"})

STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas",
    "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts",
    "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana",
    "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico",
    "NY": "New York", "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma",
    "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota",
    "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington",
    "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
}  # fmt: skip

UNSELECTED = frozenset({"OK", "SD", "HI"})  # legal, but our sample producer did not select them


@dataclass(frozen=True)
class Switches:
    """Behaviours that Vinoshipper does not document; each can be had both ways."""

    rejection: str = "200"  # a non-compliant order: "200" with orderProblems, or "400" COMPLIANCE
    put_on_accepted: str = "refuses"  # "refuses" 409 · "ignores" 200 and the old order · "accepts"
    duplicate_post: int = 409  # or 400
    late_cancel: int = 400  # or 409
    bad_credentials: str = "401"  # or "html", the login page
    birth_date_required: bool = False
    read_lag: float = 0.0  # seconds until a written order is seen by GET
    lose_webhooks: bool = False
    webhook_copies: int = 1
    webhook_event: str = "event"  # the key's name; "event:" is how one page of the documentation prints it
    envelope: str = "full"  # of a refusal: "full" · "absent" no errors in it · "bare" nothing but the errors
    search_wrapper: str = "list"  # or an object with the list under "results", "orders" or "data"

    def changed(self, data: Json) -> "Switches":
        """A copy with the named switches set; ControlError for an unknown switch or value."""
        known = {f.name for f in fields(self)}
        for name, value in data.items():
            if name not in known or value not in CHOICES.get(name, (value,)):
                raise ControlError(f"no such switch or value: {name}={value}")
        return replace(self, **data)


CHOICES: dict[str, tuple[object, ...]] = {
    "rejection": ("200", "400"),
    "put_on_accepted": ("refuses", "ignores", "accepts"),
    "duplicate_post": (400, 409),
    "late_cancel": (400, 409),
    "bad_credentials": ("401", "html"),
    "webhook_event": ("event", "event:"),
    "envelope": ("full", "absent", "bare"),
    "search_wrapper": ("list", "results", "orders", "data"),
}


@dataclass
class Product:
    """One registered product; ``not_available_in`` holds state codes."""

    id: int
    sku: str
    name: str
    price: float = 25.0
    inventory: int = 10_000
    category: str = "Wine"
    approved: bool = True
    not_available_in: set[str] = field(default_factory=set)
    vintage: str | None = None
    abv: float = 13.5
    ml: int = 750

    @property
    def alcohol(self) -> bool:
        return self.category != "Merchandise"


@dataclass(frozen=True)
class Registration:
    """A webhook address that the account registered."""

    id: int
    subject: str
    url: str
    description: str | None
    created_at: str


@dataclass
class Account:
    """One producer. ``age_fails``: last names that fail the age check; ``verified``: e-mails that passed."""

    name: str
    key: str
    secret: str
    producer_id: int
    states: set[str] = field(default_factory=lambda: set(STATES) - PROHIBITED - UNSELECTED)
    products: dict[str, Product] = field(default_factory=dict)
    webhooks: dict[int, Registration] = field(default_factory=dict)
    age_fails: set[str] = field(default_factory=set)
    verified: set[str] = field(default_factory=set)
    statuses: dict[str, str] = field(default_factory=dict)  # last name -> their status in place of SUCCESS
    volume_limits: dict[str, int] = field(default_factory=dict)  # state -> bottles of 750 ml per person
    permitted: bool = True  # False: the key is right and may do nothing
    cash_payment: bool = True  # False: orders paid elsewhere are refused
    webhooks_enabled: bool = True  # False: webhooks cannot be listed or registered

    def product(self, id_type: str, product_id: object) -> Product | None:
        """The product under the account's SKU or Vinoshipper id, or None."""
        if id_type == "VS_ID":
            return next((p for p in self.products.values() if str(p.id) == str(product_id)), None)
        return self.products.get(str(product_id))

    def put_product(self, sku: str, data: Json) -> Product:
        """Registers or changes a product; ControlError for a field that products do not have."""
        if unknown := set(data) - {f.name for f in fields(Product)}:
            raise ControlError(f"unknown product field: {', '.join(sorted(unknown))}")
        if "not_available_in" in data:
            data = {**data, "not_available_in": set(data["not_available_in"])}
        old = self.products.get(sku)
        fresh = Product(id=self.producer_id * 1000 + len(self.products) + 1, sku=sku, name=sku)
        self.products[sku] = replace(old or fresh, **data)
        return self.products[sku]


SAMPLE_PRODUCTS: dict[str, Json] = {
    "HO-PN23-750": {"name": "2023 Estate Pinot Noir", "price": 38.0, "vintage": "2023"},
    "HO-CH22-1500": {"name": "2022 Reserve Chardonnay", "price": 72.0, "vintage": "2022", "ml": 1500},
    "HO-ZN21-750": {"name": "2021 Old Vine Zinfandel", "price": 34.0, "vintage": "2021", "abv": 15.1},
    "HO-RS24-750": {
        "name": "2024 Dry Rosé",
        "price": 24.0,
        "vintage": "2024",
        "not_available_in": ["MN", "NH"],
    },
    "HO-GEAR-CORK": {"name": "Waiter's Corkscrew", "price": 18.0, "category": "Merchandise", "abv": 0.0},
    "HO-NEW25-750": {"name": "2025 Nouveau", "price": 21.0, "vintage": "2025", "approved": False},
}


def sample_account() -> Account:
    """The producer that is there from the start: Hollow Oak, the winery of all samples."""
    account = Account("hollow-oak", key="342.sandbox", secret="sandbox-secret", producer_id=342)
    for sku, data in SAMPLE_PRODUCTS.items():
        account.put_product(sku, data)
    return account
