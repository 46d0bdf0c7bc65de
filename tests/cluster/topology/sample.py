"""A topology that says everything which can be said, for tests to spoil."""

from __future__ import annotations

FULL = """\
name = "print"
modes = [1, 2]
accelerator = "tcg"

[quorum_device]
address = "198.51.100.99"
algorithm = "lms"
site = "office"

[timing]
token = "1500 ms"
monitor = "10 s"
health_timeout = "5 s"
start_timeout = "1 min"
failures_before_move = 5
forget_failures = "5 min"

[migration]
uri = "qemu+tls://%s/system"

[boot]
kernel = "/srv/images/vmlinux"
initrd = "/srv/images/initrd"
arguments = "root=/dev/vda ro"

[[hosts]]
name = "alpha"
address = "192.0.2.11"
second_address = "198.51.100.11"
site = "main"
memory = "16 GiB"
reserved_memory = "1 GiB"
cores = 8
login = "admin"

[[hosts.fencing]]
agent = "fence_ipmilan"
address = "203.0.113.11"
port = 9021
user = "everprint"
password_script = "/etc/everprint/bmc"
plug = "7"
options = { lanplus = "1", cipher = "3" }

[[hosts.fencing]]
agent = "watchdog" # alpha

[[hosts]]
name = "beta"
address = "192.0.2.12"
second_address = "198.51.100.12"
memory = "32 GiB"
cores = 16

[[hosts.fencing]]
user = "one"
agent = "fence_ipmilan"
address = "203.0.113.12"
port = 9021
plug = "7"

[[networks]]
name = "people"
bridge = "br0"
addresses = "192.0.2.0/24"
gateway = "192.0.2.1"

[[storage]]
name = "images"
kind = "nfs"
path = "/srv/images"
source = "192.0.2.5:/images"

[[storage]]
name = "scratch"
kind = "local"
path = "/scratch"
hosts = ["alpha"]

[[vms]]
name = "server"
role = "application-server"
memory = "4 GiB"
cores = 2
disk = "20 GiB"
storage = "images" # server
network = "people"
address = "192.0.2.50"
mac = "52:54:00:00:00:50"
protection = "app-ha"
prefers = "beta"
priority = 10
health = "https://192.0.2.50:9192/health/live"

[[vms]]
name = "print1"
role = "print-server"
memory = "1 GiB"
cores = 1
disk = "20 GiB"
storage = "images"
network = "people"
address = "192.0.2.51"
reports_to = "https://192.0.2.50:9192"

[[vms]]
name = "db1"
role = "database"
memory = "4 GiB"
cores = 2
disk = "50 GiB"
storage = "images"
network = "people"
address = "192.0.2.61"
protection = "ha" # db1
not_with = ["db2"]

[[vms]]
name = "db2"
role = "database"
memory = "4 GiB"
cores = 2
disk = "50 GiB"
storage = "images"
network = "people"
address = "192.0.2.62"
protection = "ha"
standby_of = "db1"

[[services]]
name = "extra"
role = "print-server"
unit = "extra.service"
health = "http://127.0.0.1:8631/health/ready"
memory = "512 MiB"
hosts = ["alpha", "beta"]

[[virtual_addresses]]
name = "extra-address"
address = "192.0.2.70"
network = "people"
follows = "extra"

[backup]
target = "s3:https://store.example.org/backups/print"
password_file = "/etc/everprint/backup-password"
credentials_file = "/etc/everprint/backup-credentials"
scratch = "/scratch/backup"
incrementals = 13
keep_last = 2
keep_daily = 14
keep_weekly = 8
keep_monthly = 24
within = "2 h"
# end
"""


def line_of(text: str, near: str) -> int:
    """The line, from 1, in which the words begin."""
    return text.count("\n", 0, text.index(near)) + 1
