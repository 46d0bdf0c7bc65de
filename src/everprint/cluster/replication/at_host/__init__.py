"""What runs at a host, sent there as text: each module needs nothing but Debian's Python."""
