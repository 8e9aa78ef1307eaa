"""The REST API, version 1: what other programs build on.

access.py       who calls (an API key or a logged-in person), and what it may
pace.py         how often
errors.py       every refusal as application/problem+json
body.py         what comes in: strict JSON
moments.py      times as callers write them
paging.py       pages by cursor, steady while rows come in
rendering.py    answers as bytes
shaping.py      rows as JSON: described fields, `fields`, `expand`, entity tags
once.py         Idempotency-Key: an effect once, the first answer again
describing.py   the OpenAPI document
base.py         what every view is held to
rows/           one module for each kind of row: what is shown, what may be said
views/          the addresses, by resource
"""
