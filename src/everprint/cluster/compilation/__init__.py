"""Makes the engines' configuration from a topology: Corosync's, Pacemaker's, libvirt's. Plain functions, no I/O."""
