"""The Internet Printing Protocol: messages, attributes, the server's side and the client's (RFC 8010, RFC 8011).

Reading order: tags, values, message, codec, operations and status; then service (the ASGI application) and what a
server answers with: request_rules, requested_attributes, job_template, compression, reply; then client.
"""
