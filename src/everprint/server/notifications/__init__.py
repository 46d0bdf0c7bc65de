"""Notifications: what people are told of, on their pages and by mail, in their language and at their time."""
