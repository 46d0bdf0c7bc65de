"""A whole cluster on one machine, to rehearse on: real Corosync, Pacemaker and fence agents, in namespaces.

Everything lives below one process, the *anchor*: the first of a process namespace of its own, with a mount and a
network namespace. The machine's own network and mounts are not touched; when the anchor ends, nothing is left.
Each *host* is a further set of namespaces in there, over an overlay of a root file system; its *BMC* is `ipmi_sim`,
which cuts the host's power when a fence agent asks it to.

Reading order: `plan` (what there is), `anchor`, then what runs inside of it: `inside`, `host_power`, `bmc`, `wires`;
and what drives it from outside: `laboratory`.
"""
