"""The desk of those who carry registers out, the lamps of their departments, and electronic supervision (article 71)."""
