"""What several doors need: signed tokens, bounded request bodies, weighted preferences."""
