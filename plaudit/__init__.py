"""The application: assembles the other packages."""
