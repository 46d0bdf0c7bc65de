"""Clusters that run: how they stand, emptying a host, and making them what the topology says."""
