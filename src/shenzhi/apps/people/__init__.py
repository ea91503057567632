"""Chief quality officers and quality professionals (article 91)."""
