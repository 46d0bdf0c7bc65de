"""How long a client may take, and how much of the server it may hold."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Bounds on every connection, whatever application it talks to.

    Only the client's time counts: while the application is busy, or has not asked for more of the body, no clock
    runs. An application with tighter rules for its own requests applies them itself.
    """

    header_s: float = 15.0  # from a connection's start, or a request's first octet, to the end of its header
    keep_alive_s: int = 75  # an idle connection between two requests
    body_idle_s: float = 150.0  # without one octet of the body
    min_octets_per_s: float = 128.0  # the average over a body, looked at once it takes longer than body_idle_s
    answer_idle_s: float = 60.0  # without the client taking one octet of an answer that waits for it
    drain_s: float = 60.0  # for the rest of a body that the application did not want
    stop_s: float = 10.0  # for requests under way when the server is told to stop
    max_header_octets: int = 64 << 10
    max_connections: int = 4096
    max_connections_per_address: int = 256
