"""Replicas of VMs at another site: sent, kept, shown with their age, and started there when the site is lost."""
