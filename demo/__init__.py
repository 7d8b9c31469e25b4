"""A first look: demo data made by the product itself, and a mail catcher beside it."""
