"""The demo: data created by the product's own code, and a mail catcher."""
