"""The same people as in the admin's tests."""

from tests.admin.conftest import log_in, manager, operator, owner, viewer, winery

__all__ = ["log_in", "manager", "operator", "owner", "viewer", "winery"]
