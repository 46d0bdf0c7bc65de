"""Mirrored disks, as an administrator has them: certificates for the hosts, a list, a last resort."""
