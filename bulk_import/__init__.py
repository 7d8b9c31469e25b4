"""From an uploaded file to invitations."""
