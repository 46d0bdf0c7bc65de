"""What runs inside the VM, before or beside Everprint: the initrd's script, the seed's reader, units of systemd."""
