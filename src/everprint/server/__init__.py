"""The Application Server: a Django project, one app per area."""
