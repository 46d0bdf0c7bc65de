"""The story of the cluster, `make lab`: three hosts, three VMs, people who print, and a host that loses its power.

It is drills (`everprint.cluster.drill`) told aloud. Reading order: `__main__`, `story`, `teller`.
"""
