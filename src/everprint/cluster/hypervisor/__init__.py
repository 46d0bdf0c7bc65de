"""VMs on a platform that makes them available itself (VMware, Hyper-V, or whatever libvirt has a driver for).

Everprint asks how they are, starts and stops them on a person's word, and decides nothing beside the platform.
"""
