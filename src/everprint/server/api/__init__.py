"""The JSON API below /api/v1 (docs/reference/api.md): typed, default-deny, thin over the functions
that pages use too.

How to add an endpoint: docs/how-to/add-an-api-endpoint.md.
"""
