"""A real take-over of a small guest, to find out whether this QEMU can do it at all."""
