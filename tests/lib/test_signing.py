import pytest

from crushsync.lib.signing import hmac_sha256_base64, new_token, signature_matches

# From `printf '{"id":1}' | openssl dgst -sha256 -hmac hush -binary | base64`
SIGNATURE = "VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY="
BODY = b'{"id":1}'


def test_signature_is_the_one_openssl_makes() -> None:
    assert hmac_sha256_base64("hush", BODY) == SIGNATURE


@pytest.mark.parametrize(
    ("secrets", "given", "matches"),
    [
        (["hush"], SIGNATURE, True),
        (["new", "hush"], SIGNATURE, True),
        (["hush", "new"], SIGNATURE, True),
        (["other"], SIGNATURE, False),
        ([], SIGNATURE, False),
        (["hush"], None, False),
        (["hush"], "", False),
        (["hush"], SIGNATURE + " ", False),
        (["hush"], SIGNATURE.lower(), False),
        (["hush"], "gar\u00dfage \ud800\u2603", False),
        (["hush"], "?" * 44, False),
        ([""], hmac_sha256_base64("", BODY), False),
    ],
)
def test_signature_matches(secrets: list[str], given: str | None, matches: bool) -> None:
    assert signature_matches(secrets, BODY, given) is matches


def test_another_body_does_not_match() -> None:
    assert not signature_matches(["hush"], BODY + b" ", SIGNATURE)


def test_tokens_fit_into_a_url_and_differ() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {32}
    assert all(token.replace("-", "").replace("_", "").isalnum() for token in tokens)
    assert len(new_token(48)) == 64
