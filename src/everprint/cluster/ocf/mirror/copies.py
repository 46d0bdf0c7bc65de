"""The two hosts of a mirror, as the agents' parameter has them."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from everprint.cluster.ocf.agent import Call, Code, Refusal


class WrongCopies(Exception):
    """The parameter does not say which two hosts it is. Says why."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One of the two hosts."""

    host: str
    address: str


@dataclass(frozen=True, slots=True)
class Copies:
    """Both; the first is where the disk is made, and the VM first starts."""

    first: Copy
    second: Copy

    @property
    def home(self) -> str:
        """The first one's name."""
        return self.first.host

    def own(self, host: str) -> Copy:
        """That of this host. Raises WrongCopies."""
        for copy in (self.first, self.second):
            if copy.host == host:
                return copy
        raise WrongCopies(f"{host} is neither {self.first.host} nor {self.second.host}, which have the copies")

    def other(self, host: str) -> Copy:
        """That of the other host. Raises WrongCopies."""
        return self.second if self.own(host) is self.first else self.first


def read_copies(text: str) -> Copies:
    """From *alpha=192.0.2.1 beta=192.0.2.2*. Raises WrongCopies."""
    pairs = [word.partition("=") for word in text.split()]
    if len(pairs) != 2 or not all(name and address for name, _, address in pairs) or pairs[0][0] == pairs[1][0]:
        raise WrongCopies(f"copies must be two hosts as in alpha=192.0.2.1 beta=192.0.2.2, not {text!r}")
    try:
        first, second = (Copy(name, str(ip_address(address))) for name, _, address in pairs)
    except ValueError as error:
        raise WrongCopies(f"copies: {error}") from error
    return Copies(first, second)


def copies_of(call: Call) -> Copies:
    """Those that the call's parameter names, of which its host must be one. Raises Refusal."""
    try:
        copies = read_copies(call.parameters["copies"])
        copies.own(call.host)
    except WrongCopies as error:
        raise Refusal(Code.ERR_CONFIGURED, str(error)) from error
    return copies
