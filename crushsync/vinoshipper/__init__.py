"""Vinoshipper v3: the calls, and their words turned into ours."""
