"""How much, and how slowly, a client may send."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one IPP request. Time in which the service itself is busy never counts against the client."""

    # An honest request has less than 10 kB; what is taken is decoded in one go, while others wait.
    max_attribute_octets: int = 128 << 10
    attributes_s: float = 30.0  # from the end of the HTTP header to the end of the IPP attributes
    max_document_octets: int = 4 << 30
    # A client whose filter works on a hard page sends nothing for a while and is still honest.
    body_idle_s: float = 120.0
    # The average over the whole document; looked at once the client was waited for body_idle_s in sum.
    min_octets_per_s: float = 256.0
