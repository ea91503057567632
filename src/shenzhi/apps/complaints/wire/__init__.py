"""Open standards that letters of the public are spoken in."""
