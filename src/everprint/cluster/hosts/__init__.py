"""How the hosts of a cluster are reached."""
