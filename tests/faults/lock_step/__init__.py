"""The host of a fault-tolerant VM dies while somebody sends a document to it, with two kinds of guest in the VM."""
