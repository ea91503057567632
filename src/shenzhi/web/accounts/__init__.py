"""Signing in and out, one's own account and keys, the office's people and their roles, and who read personal data."""
