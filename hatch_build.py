"""Puts the built console into the package, if it was built."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConsoleHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """A checkout that is installed as it is (`version` is editable) serves the files where they were built."""
        built = Path(self.root, "console", "dist")
        if version != "editable" and (built / "index.html").is_file():
            where = "plaudit/console_files" if self.target_name == "wheel" else "console/dist"
            build_data["force_include"][str(built)] = where
