"""Results as texts and tables: for the console, for a notebook, for spreadsheets and as a page."""
