"""The portal's pages, grouped by kind."""
