"""The parameters of a statement that is built for a request."""


class Parameters:
    def __init__(self) -> None:
        self.args: list[object] = []

    def arg(self, value: object) -> str:
        """Adds a parameter; its place in the statement."""
        self.args.append(value)
        return f"${len(self.args)}"
