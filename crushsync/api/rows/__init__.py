"""Rows as the API shows them, and what may be said about them."""
