"""The control page for people."""
