"""A server whose answers each test writes down, and the client that talks to it."""

import pytest
from pytest_httpserver import HTTPServer

from crushsync.vinoshipper.client import Vinoshipper
from crushsync.vinoshipper.types import VinoshipperConnection


@pytest.fixture
def vinoshipper(httpserver: HTTPServer) -> Vinoshipper:
    # Pasted credentials come with blanks around them.
    return Vinoshipper(VinoshipperConnection(httpserver.url_for(""), " 342.key ", "secret\n", deadline=5))
