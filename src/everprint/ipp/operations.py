"""Operation codes (the *operations-supported* enum, RFC 8011 section 5.4.15 and the PWG registry)."""

from enum import IntEnum


class Operation(IntEnum):
    """What a request asks for. The comment names the specification beyond RFC 8011."""

    PRINT_JOB = 0x0002
    PRINT_URI = 0x0003
    VALIDATE_JOB = 0x0004
    CREATE_JOB = 0x0005
    SEND_DOCUMENT = 0x0006
    SEND_URI = 0x0007
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER_ATTRIBUTES = 0x000B
    HOLD_JOB = 0x000C
    RELEASE_JOB = 0x000D
    RESTART_JOB = 0x000E
    PAUSE_PRINTER = 0x0010
    RESUME_PRINTER = 0x0011
    PURGE_JOBS = 0x0012
    SET_PRINTER_ATTRIBUTES = 0x0013  # RFC 3380
    SET_JOB_ATTRIBUTES = 0x0014  # RFC 3380
    GET_PRINTER_SUPPORTED_VALUES = 0x0015  # RFC 3380
    CREATE_PRINTER_SUBSCRIPTIONS = 0x0016  # RFC 3995
    CREATE_JOB_SUBSCRIPTIONS = 0x0017  # RFC 3995
    GET_SUBSCRIPTION_ATTRIBUTES = 0x0018  # RFC 3995
    GET_SUBSCRIPTIONS = 0x0019  # RFC 3995
    RENEW_SUBSCRIPTION = 0x001A  # RFC 3995
    CANCEL_SUBSCRIPTION = 0x001B  # RFC 3995
    GET_NOTIFICATIONS = 0x001C  # RFC 3996
    ENABLE_PRINTER = 0x0022  # RFC 3998
    DISABLE_PRINTER = 0x0023  # RFC 3998
    CANCEL_JOBS = 0x0038  # PWG 5100.7
    CANCEL_MY_JOBS = 0x0039  # PWG 5100.7
    CLOSE_JOB = 0x003B  # PWG 5100.7
    IDENTIFY_PRINTER = 0x003C  # PWG 5100.13
    VALIDATE_DOCUMENT = 0x003D  # PWG 5100.13
    GET_USER_PRINTER_ATTRIBUTES = 0x0066  # PWG 5100.13, 2023

    @property
    def keyword(self) -> str:
        """The name in the standards, as *Get-Printer-Attributes*."""
        return self.name.replace("_", "-").title()
