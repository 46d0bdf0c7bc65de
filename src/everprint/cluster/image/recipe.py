"""What the image is made of: pure data, so that a change of it is a change of this file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

SUITE = "bookworm"
ARCHITECTURE = "amd64"
PYTHON = "3.11"

# The moment that all files of the image bear: no file tells when it was built.
EPOCH = 1_735_689_600

PACKAGES = (
    "busybox-static",  # the initrd's only program
    "ca-certificates",
    "dbus",  # hears the power button
    "e2fsprogs",  # the data disk's file system
    "ghostscript",  # reads PostScript for the Print Provider
    "iproute2",
    "kmod",
    "linux-image-amd64",  # not the cloud kernel: it lacks the i6300esb watchdog and VMware's drivers
    "openssh-server",
    "postgresql",  # the role database
    "procps",
    "python3",
    "qemu-guest-agent",
    "systemd",
    "systemd-boot-efi",  # how firmware starts the kernel
    "systemd-sysv",
    "tzdata",
    "udev",
)

# Never unpacked: what no virtual machine has, and what nobody reads there.
LEFT_OUT = (
    "/usr/share/doc/*",
    "/usr/share/info/*",
    "/usr/share/locale/*",
    "/usr/share/man/*",
    *(
        f"/lib/modules/*/kernel/{folder}/*"
        for folder in (
            "drivers/bluetooth",
            "drivers/gpu",
            "drivers/iio",
            "drivers/infiniband",
            "drivers/isdn",
            "drivers/media",
            "drivers/mtd",
            "drivers/net/can",
            "drivers/net/ethernet",
            "drivers/net/usb",
            "drivers/net/wireless",
            "drivers/staging",
            "drivers/usb",
            "net/bluetooth",
            "net/mac80211",
            "sound",
        )
    ),
)
# Exceptions to the above: network cards that hypervisors emulate.
TAKEN_IN = ("/lib/modules/*/kernel/drivers/net/ethernet/intel/e1000*",)

# Users have numbers of their own, the same in every build: files on a VM's data disk outlive the image.
USERS = (
    ("everprint-server", 890, "/var/lib/everprint/server"),
    ("everprint-provider", 891, "/var/lib/everprint/provider"),
    ("postgres", 892, "/var/lib/postgresql"),
)

# Drivers that the initrd loads at once: the devices of QEMU, and the file systems of system and data.
MODULES_OF_QEMU = (
    "crc32c_generic",
    "virtio_pci",
    "virtio_blk",
    "virtio_net",
    "virtio_console",
    "erofs",
    "overlay",
    "ext4",
)
# Loaded when a seed is there: a CD or a FAT disk.
MODULES_OF_SEEDS = ("isofs", "nls_ascii", "nls_cp437", "vfat")
# Loaded when no system disk has come by then: other hypervisors.
MODULES_OF_OTHERS = (
    "ahci",
    "ata_piix",
    "e1000",
    "e1000e",
    "hv_netvsc",
    "hv_storvsc",
    "hv_vmbus",
    "mptspi",
    "nvme",
    "sd_mod",
    "sr_mod",
    "virtio_scsi",
    "vmw_pvscsi",
    "vmxnet3",
)

# The console that people see last in the list gets what services print. `no_timer_check`: an emulated guest on a host
# that has much else to do counts too few ticks at its start, takes its timer for broken, and panics. `panic`: before
# the panic device has its driver nobody would see that; it begins anew.
COMMAND_LINE = "console=tty0 console=ttyS0 quiet mitigations=off net.ifnames=0 tsc=unstable no_timer_check panic=10"


def key(sources: Sequence[str]) -> str:
    """What names a tree of Debian packages in the cache: another recipe or mirror is another tree."""
    parts = [SUITE, ARCHITECTURE, *PACKAGES, *LEFT_OUT, *TAKEN_IN, repr(USERS), str(EPOCH), *sources]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
