"""Backups of running VMs: taken at their hosts, kept by restic, proven by booting them."""
