"""The browser page. It displays what the library computes."""
