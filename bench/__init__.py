"""Measurements of the engine against partners that answer at a fixed pace."""
