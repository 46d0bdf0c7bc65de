"""The story of the cluster, `make lab`: three hosts, three VMs, people who print, and a host that loses its power.

Reading order: `__main__`, `story`, then who takes part (`people`, and the programs `administrator` and `client`
on the lab's side of the network), what happens (`failures`), and what is told of it (`teller`, `balance`).
"""
