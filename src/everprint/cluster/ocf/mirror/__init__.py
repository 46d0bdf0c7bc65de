"""A VM's disk on two hosts: what is written is acknowledged when both have it, or when the cluster knows that one has
not. Runs on hosts that have Debian's Python only, as the agents beside it.
"""
