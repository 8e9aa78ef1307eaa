"""Stores without a connector: whoever runs them pushes orders to our API and hears of shipments from it."""
