"""Templates, filled in: what tenants write, and what may go wrong in it."""

import pytest

from delivery.render import RenderError, fill


@pytest.mark.parametrize(
    "template",
    [
        "{{ nobody }}",
        "{{ last_name",
        "{{ last_name.split().pop() }}",
        "{{ '{}'.format() }}",
        "{{ {}['key'].more }}",
        "{{ last_name.__class__.__mro__ }}",
        "{{ 1 / 0 }}",
        "{{ range(10 ** 9) }}",
        "{{ 'a'.encode('no such code') }}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
    ],
)
def test_whatever_goes_wrong_in_a_template_is_a_render_error(template: str) -> None:
    with pytest.raises(RenderError):
        fill(template, {"last_name": ""})
