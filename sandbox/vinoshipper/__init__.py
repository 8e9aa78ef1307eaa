"""A stand-in for Vinoshipper's v3 API."""
