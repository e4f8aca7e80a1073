"""Every declared register of this installation: applications add theirs when they are ready."""

from zhijian.engines.registers.declared.declaration import Register

_registers: dict[str, Register] = {}


def add(register: Register) -> None:
    """Make a register known.

    Raises:
        ValueError: another register has its code.
    """
    if register.name in _registers and _registers[register.name] is not register:
        raise ValueError(f"Two registers are called '{register.name}'.")
    register.model.declaration = register
    _registers[register.name] = register


def find(name: str) -> Register | None:
    return _registers.get(name)


def every() -> tuple[Register, ...]:
    """Return all registers, by the first system of the plan that they serve."""
    return tuple(sorted(_registers.values(), key=lambda one: (one.plan_ids, one.name)))


def referring_to(name: str) -> list[tuple[Register, str]]:
    """Return the registers with a column that refers to entries of this one, with the column's name."""
    return [
        (register, column.name)
        for register in every()
        for column in register.columns
        if column.refers_to == name
    ]
