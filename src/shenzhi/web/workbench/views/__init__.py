"""What a person meets at the address of a page, one module for each kind of page."""
