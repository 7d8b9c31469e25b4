"""Suggests which field each column contains, by its name in five languages and by its contents."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from models.rules.enums import ImportField

_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_EMAIL = re.compile(r"<?[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+>?")
_PHONE = re.compile(r"(?:\+|00?)[\s()./-]*[1-9](?:[\s()./-]*\d){6,13}|\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}")
_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")


def _listed(text: str) -> frozenset[str]:
    return frozenset(one.strip() for one in text.replace("\n", ",").split(",") if one.strip())


_WORDS_OF = {
    ImportField.EMPLOYEE: _listed("""
        employee, staff, advisor, adviser, stylist, technician, salesperson, representative
        mitarbeiter, mitarbeiterin, bearbeiter, bearbeiterin, sachbearbeiter, berater, beraterin, verkaufer, verkauferin, techniker
        employe, employee, collaborateur, collaboratrice, conseiller, conseillere, vendeur, vendeuse
        empleado, empleada, vendedor, vendedora, tecnico
        pracownik, sprzedawca, doradca
    """),
    ImportField.EMAIL: _listed("""
        email, mail, emails, emailaddress, emailadresse, mailadresse, courriel, mel, correo, poczta
    """),
    ImportField.PHONE: _listed("""
        phone, phonenumber, telephone, mobile, mobilephone, cell, cellphone, cellular, sms, whatsapp, gsm, tel
        telefon, telefonnummer, telefonnr, telnr, rufnummer, mobil, mobilnummer, mobiltelefon, handy, handynummer, handynr
        portable, telefono, telefonos, movil, celular
        telefonu, komorka, komorkowy
    """),
    ImportField.SERVICE: _listed("""
        service, services, treatment, product
        leistung, leistungen, dienstleistung, behandlung, produkt
        prestation, prestations, soin, produit
        servicio, servicios, tratamiento, producto
        usluga, uslugi, zabieg
    """),
}
_NAMES_OF = {
    ImportField.FIRST_NAME: _listed("""
        first name, firstname, given name, forename, first, vorname, prenom, nombre pila, imie
    """),
    ImportField.LAST_NAME: _listed("""
        last name, lastname, family name, surname, last, nachname, familienname, zuname, nom famille, apellido, apellidos, nazwisko
    """),
    ImportField.FULL_NAME: _listed("""
        name, full name, fullname, first and last name, first name last name, last name first name
        vollstandiger name, vor und nachname, vorname nachname, nachname vorname, vorname und nachname, kundenname
        nom, nom complet, nom prenom, prenom nom, nom et prenom, prenom et nom
        nombre, nombre completo, nombre apellidos, nombre y apellidos, nombre y apellido, apellidos nombre
        nazwa, imie i nazwisko, nazwisko i imie, imie nazwisko, nazwisko imie
    """),
}
_NAMES = {name: field for field, names in _NAMES_OF.items() for name in names}
_PART_OR_WHOLE = _listed("name, nom, nombre, nazwa")
"""A whole name, but the other part of it beside a column of first or of last names."""
_OF_CUSTOMER = _listed(
    "customer, client, contact, kunde, kunden, kontakt, cliente, klient, klienta, des, de, del, du, der"
)
_OTHER = _listed("""
    id, fax, plz, zip, postcode, iban, order, invoice, date, opt, consent
    datum, kundennummer, bestellnummer, rechnungsnummer, commande, facture, pedido, factura, zamowienie, faktura
""")
"""A column with one of these words contains something else, even if its cells look like phone numbers."""


def field_named(name: str) -> ImportField | None:
    """The field that a column with this name contains."""
    words = _words(name)
    if not _OTHER.isdisjoint(words):
        return None
    for field, known in _WORDS_OF.items():
        if not known.isdisjoint(words):
            return field
    return _NAMES.get(" ".join(words)) or _NAMES.get(_core(words))


def suggested_fields(columns: Sequence[tuple[str, Sequence[str]]]) -> list[ImportField | None]:
    """For each column, of which the name and some cells are given, the field to map it to; each field once."""
    found: list[ImportField | None] = [None] * len(columns)
    for field in (ImportField.EMAIL, ImportField.PHONE):
        ranks = [_address_rank(field, name, cells) for name, cells in columns]
        if max(ranks, default=0) > 0:
            found[ranks.index(max(ranks))] = field
    by_name = [field_named(name) if _has_words(cells) else None for name, cells in columns]
    for field in (ImportField.EMPLOYEE, ImportField.SERVICE):
        if field in by_name:
            found[by_name.index(field)] = field
    for field, place in _name_columns([name for name, _ in columns], by_name).items():
        found[place] = field
    return found


def _address_rank(field: ImportField, name: str, cells: Sequence[str]) -> int:
    """How likely the column contains addresses of this kind: 0 is not at all."""
    contents, named = _contents(cells), field_named(name)
    if contents is not field:
        return 1 if named is field and contents is None and _may_be(field, cells) else 0
    if field is ImportField.PHONE and not _OTHER.isdisjoint(_words(name)):
        return 0  # order numbers look like phone numbers, and nobody reads a text message on a fax machine
    return 3 if named is field else 2


def _may_be(field: ImportField, cells: Sequence[str]) -> bool:
    """Whether a column named so may contain the field: without cells to tell otherwise, or with some that resemble it."""
    looks = (lambda cell: "@" in cell) if field is ImportField.EMAIL else (lambda cell: any(map(str.isdigit, cell)))
    return not cells or any(map(looks, cells))


def _contents(cells: Sequence[str]) -> ImportField | None:
    """EMAIL or PHONE if more than half of the cells look like it."""
    stripped = [cell.strip() for cell in cells]
    if sum(_EMAIL.fullmatch(cell) is not None for cell in stripped) * 2 > len(cells):
        return ImportField.EMAIL
    phones = sum(_PHONE.fullmatch(cell) is not None and _DATE.fullmatch(cell) is None for cell in stripped)
    return ImportField.PHONE if phones * 2 > len(cells) else None


def _has_words(cells: Sequence[str]) -> bool:
    """Whether these may be names of people or services: words, or no cells to tell otherwise."""
    return _contents(cells) is None and (not cells or any(map(str.isalpha, "".join(cells))))


def _name_columns(names: Sequence[str], fields: Sequence[ImportField | None]) -> Mapping[ImportField, int]:
    """The columns of first and last names, or else of whole names; never both."""
    first, last, full = (
        fields.index(field) if field in fields else None
        for field in (ImportField.FIRST_NAME, ImportField.LAST_NAME, ImportField.FULL_NAME)
    )
    if full is not None and _core(_words(names[full])) in _PART_OR_WHOLE and (first is None) != (last is None):
        first, last = (full, last) if first is None else (first, full)
    elif full is not None and (first is None or last is None):
        return {ImportField.FULL_NAME: full}
    return _given([(ImportField.FIRST_NAME, first), (ImportField.LAST_NAME, last)])


def _given(pairs: Iterable[tuple[ImportField, int | None]]) -> dict[ImportField, int]:
    return {field: place for field, place in pairs if place is not None}


def _core(words: Sequence[str]) -> str:
    """The words without those that only say that they are about the customer; "name" if nothing else is left."""
    return " ".join(word for word in words if word not in _OF_CUSTOMER) or ("name" if words else "")


def _words(name: str) -> list[str]:
    """The name's words in lower case, without accents."""
    split = _CAMEL_CASE.sub(" ", name[:200]).casefold().replace("ł", "l")
    plain = "".join(one for one in unicodedata.normalize("NFKD", split) if not unicodedata.combining(one))
    return re.findall(r"[^\W_]+", plain)
