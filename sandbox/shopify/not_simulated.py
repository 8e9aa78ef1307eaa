"""Parts of the schema that nobody needed yet say so instead of answering null."""

from typing import Any

from graphql import GraphQLError


def not_simulated(name: str) -> Any:
    """A resolver that fails with a plain sentence."""

    def resolve(_info: object, **_arguments: Any) -> None:
        raise GraphQLError(f"{name} is not simulated by the sandbox")

    return resolve
