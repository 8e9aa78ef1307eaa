"""Addresses under ``/control``. Every body is a JSON object; every answer is JSON."""

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from sandbox.control.body import given
from sandbox.control.shopify import shopify_routes
from sandbox.control.vinoshipper import vinoshipper_routes
from sandbox.faults import fault_from
from sandbox.log import Entry
from sandbox.shapes import ControlError, Json
from sandbox.world import World

LONGEST_WAIT = 60.0


def blueprint(world: World) -> Blueprint:
    routes = Blueprint("control", __name__, url_prefix="/control")

    @routes.errorhandler(ControlError)
    def told(error: ControlError) -> tuple[Response, int]:
        return jsonify(error=str(error)), error.status

    @routes.errorhandler(AttributeError)
    @routes.errorhandler(TypeError)
    @routes.errorhandler(KeyError)
    @routes.errorhandler(ValueError)
    def wrong(error: Exception) -> tuple[Response, int]:
        return jsonify(error=f"{type(error).__name__}: {error}"), 422

    @routes.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[Response, int]:
        return jsonify(error=error.description), error.code or 500

    _fault_routes(routes, world)
    _log_routes(routes, world)
    vinoshipper_routes(routes, world.vinoshipper)
    shopify_routes(routes, world.shops)
    return routes


def _fault_routes(routes: Blueprint, world: World) -> None:
    @routes.get("/faults")
    def faults() -> Response:
        return jsonify(world.faults.list())

    @routes.post("/faults")
    def add_fault() -> Json:
        return asdict(world.faults.add(fault_from(given())))

    @routes.delete("/faults")
    def clear_faults() -> Json:
        number = request.args.get("id")
        world.faults.clear(int(number) if number else None)
        return {}


def _log_routes(routes: Blueprint, world: World) -> None:
    @routes.get("/log")
    def log() -> Response:
        wanted = {
            key: request.args[key]
            for key in ("system", "account", "direction", "operation")
            if key in request.args
        }

        def is_wanted(entry: Entry) -> bool:
            return all(getattr(entry, key) == value for key, value in wanted.items())

        return jsonify(world.log.find(is_wanted, int(request.args.get("since", 0))))

    @routes.delete("/state")
    def reset() -> Json:
        world.reset()
        return {}

    @routes.post("/settle")
    def settle() -> Json:
        """Waits until no webhook is on its way any more."""
        seconds = min(float(given().get("seconds", 10.0)), LONGEST_WAIT)
        return {"settled": world.outbox.settle(seconds), "pending": world.outbox.pending}
