"""Suggested fields: by columns' names in five languages, and by their cells."""

import pytest

from bulk_import.suggest import suggested_fields

NAMED = [
    (["First name", "Last name", "E-mail", "Phone number"], ["FIRST_NAME", "LAST_NAME", "EMAIL", "PHONE"]),
    (["firstName", "LastName", "emailAddress", "Mobile"], ["FIRST_NAME", "LAST_NAME", "EMAIL", "PHONE"]),
    (["Customer name", "Email", "Staff member", "Service"], ["FULL_NAME", "EMAIL", "EMPLOYEE", "SERVICE"]),
    (["Name", "Vorname", "E-Mail-Adresse", "Handy"], ["LAST_NAME", "FIRST_NAME", "EMAIL", "PHONE"]),
    (["Nachname, Vorname", "Telefon", "Mitarbeiter", "Leistung"], ["FULL_NAME", "PHONE", "EMPLOYEE", "SERVICE"]),
    (["Kunde", "Mail", "Vor- und Nachname"], ["FULL_NAME", "EMAIL", None]),
    (["Nom", "Prénom", "Téléphone", "Courriel"], ["LAST_NAME", "FIRST_NAME", "PHONE", "EMAIL"]),
    (["Nom de famille", "Adresse e-mail", "Employée", "Prestation"], ["LAST_NAME", "EMAIL", "EMPLOYEE", "SERVICE"]),
    (["Prénom du client", "Nom du client", "N° de portable"], ["FIRST_NAME", "LAST_NAME", "PHONE"]),
    (["Nombre", "Apellidos", "Correo electrónico", "Móvil"], ["FIRST_NAME", "LAST_NAME", "EMAIL", "PHONE"]),
    (["Nombre completo", "Teléfono", "Empleado", "Servicio"], ["FULL_NAME", "PHONE", "EMPLOYEE", "SERVICE"]),
    (["Imię", "Nazwisko", "Adres e-mail", "Nr telefonu"], ["FIRST_NAME", "LAST_NAME", "EMAIL", "PHONE"]),
    (["Imię i nazwisko", "Pracownik", "Usługa"], ["FULL_NAME", "EMPLOYEE", "SERVICE"]),
    (["Full name", "First name", "E-Mail", "E-Mail 2"], ["FULL_NAME", None, "EMAIL", None]),
    (["Kundin", "Patient name", "Mail Adresse"], ["FULL_NAME", None, "EMAIL"]),
    (["First Name (Billing)", "Last Name (Billing)", "First Name (Shipping)"], ["FIRST_NAME", "LAST_NAME", None]),
    (["billing_first_name", "billing_last_name", "display_name"], ["FIRST_NAME", "LAST_NAME", None]),
    (["Invitee First Name", "Invitee Last Name", "Invitee Email"], ["FIRST_NAME", "LAST_NAME", "EMAIL"]),
    (["What is your name?", "Your e-mail address"], ["FULL_NAME", "EMAIL"]),
    (["Client", "Team member", "Service"], ["FULL_NAME", "EMPLOYEE", "SERVICE"]),
    (["Staff Alert", "Service price", "Billing", "Your"], [None] * 4),
    (["Order date", "Company", "Fax", "Order ID", ""], [None] * 5),
]


@pytest.mark.parametrize(("names", "expected"), NAMED)
def test_names_in_five_languages_suggest_fields(names: list[str], expected: list[str | None]) -> None:
    assert suggested_fields([(name, []) for name in names]) == expected


def test_cells_count_more_than_names() -> None:
    columns = [
        ("Name", ["ann@example.org", "ben@example.org"]),
        ("E-Mail", ["yes", "no"]),
        ("Notes", ["+49 151 12345678", "0151/1234567", "(030) 1234567"]),
        ("Customer", ["Ann Lee", "Ben"]),
    ]
    assert suggested_fields(columns) == ["EMAIL", None, "PHONE", "FULL_NAME"]


def test_a_named_column_is_preferred_among_those_with_addresses() -> None:
    columns = [
        ("Billing", ["a@example.org"]),
        ("E-Mail", ["b@example.org"]),
        ("Fon", ["0301234567"]),
        ("Tel", ["0301234567"]),
    ]
    assert suggested_fields(columns) == [None, "EMAIL", None, "PHONE"]


@pytest.mark.parametrize(
    "columns",
    [
        [("Business Phone", "030 1234567"), ("Home Phone", "030 1234568"), ("*Mobile Phone", "+49 151 12345678")],
        [
            ("Telefon geschäftlich", "0221 1234567"),
            ("*Mobiltelefon", "0151 12345678"),
            ("Mobiltelefon 2", "0151 1234567"),
        ],
        [("Landline", "030 1234567"), ("*Mobile", "4915112345678")],
        [("Festnetz", "030 1234567"), ("*Handy", "15112345678")],
        [("Default Address Phone", "'+4915112345678"), ("*Phone", "'+4915112345678")],
        [("Phone 1", ""), ("*Phone 2", "0151 12345678")],
    ],
)
def test_of_several_columns_of_phones_that_of_mobile_ones_is_suggested(columns: list[tuple[str, str]]) -> None:
    found = suggested_fields([(name.lstrip("*"), [cell] if cell else []) for name, cell in columns])
    assert found == ["PHONE" if name.startswith("*") else None for name, _ in columns]


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Fax", ["+49 30 1234567"]),
        ("Order number", ["0012345678"]),
        ("Visited", ["01.02.2026", "14.12.2025"]),
        ("Amount", ["1,234.50"]),
        ("Postcode", ["01234"]),
        ("Phone", ["none", "unknown"]),
        ("Name", ["4711", "4712"]),
    ],
)
def test_other_numbers_and_contradicted_names_suggest_nothing(name: str, cells: list[str]) -> None:
    assert suggested_fields([(name, cells)]) == [None]


def test_most_cells_decide() -> None:
    cells = ["ann@example.org", "", "none", "ben@example.org", "c@example.org"]
    assert suggested_fields([("x", cells)]) == ["EMAIL"]
    assert suggested_fields([("x", [*cells, "none"])]) == [None]
