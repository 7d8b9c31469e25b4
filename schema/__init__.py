"""What a frontend sees; reads like the SDL."""
