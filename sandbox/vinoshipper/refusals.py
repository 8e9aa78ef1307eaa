"""Vinoshipper's error envelope as an exception."""

from sandbox.shapes import Json


class Refusal(Exception):
    """An error envelope: HTTP status, type, and rows for its ``errors`` list."""

    def __init__(self, status: int, kind: str, errors: list[Json]) -> None:
        super().__init__(kind)
        self.status, self.kind, self.errors = status, kind, errors

    def body(self, envelope: str) -> Json:
        """The answer's JSON in the shape the switch asks for."""
        if envelope == "bare":
            return {"errors": self.errors}
        errors = {"errors": self.errors} if envelope == "full" else {}
        return {"error": {"status": self.status, "type": self.kind, **errors}}


def refusal(status: int, kind: str, code: str, description: str, field_name: str | None = None) -> Refusal:
    row = {"description": description, "code": code, "field": field_name, "shortDescription": None}
    return Refusal(status, kind, [row])


def not_found(number: str) -> Refusal:
    return refusal(404, "VALIDATION", "NOT_FOUND", f"Order {number} was not found.")
