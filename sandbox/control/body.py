"""The body of a control call."""

from flask import request

from sandbox.shapes import ControlError, Json


def given() -> Json:
    """The body of a control call; no body is an empty object."""
    if not request.get_data():
        return {}
    body = request.get_json(force=True)
    if not isinstance(body, dict):
        raise ControlError("a JSON object is expected")
    return body
