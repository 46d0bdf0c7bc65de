"""The directory that people and groups come from: LDAP, Active Directory or an external program."""
