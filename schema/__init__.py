"""The GraphQL types; reads like the SDL."""
