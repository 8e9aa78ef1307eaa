"""The control API: how tests, the demo and the page move the world."""
