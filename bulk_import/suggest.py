"""Suggests which field each column contains, by its name in five languages and by its contents."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from models.rules.enums import ImportField

_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_EMAIL = re.compile(r"<?[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+>?")
_PHONE = re.compile(
    r"(?!\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\Z)(?:\+|00?)[\s()./-]*[1-9](?:[\s()./-]*\d){6,13}|\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}"
)
_DIGITS = re.compile(r"\D{0,3}\d(?:[\s()./-]*\d){6,14}")
"""A phone number in a column that is called so: it may have lost its leading zero or plus sign."""
_LONGEST_ADDRESS = 300
_ADDRESSES = (ImportField.EMAIL, ImportField.PHONE)


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
        telefonu, komorka, komorkowy, landline, festnetz, festnetznummer
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
    ImportField.EMPLOYEE: _listed("team member, served by, teammitglied, behandelt von, bedient von"),
    ImportField.FIRST_NAME: _listed("""
        first name, firstname, given name, forename, first, vorname, prenom, nombre pila, imie
    """),
    ImportField.LAST_NAME: _listed("""
        last name, lastname, family name, surname, last, nachname, familienname, zuname, nom famille, apellido, apellidos, nazwisko
    """),
    ImportField.FULL_NAME: _listed("""
        name, full name, fullname, display name, first and last name, first name last name, last name first name
        vollstandiger name, vor und nachname, vorname nachname, nachname vorname, vorname und nachname, kundenname
        nom, nom complet, nom prenom, prenom nom, nom et prenom, prenom et nom
        nombre, nombre completo, nombre apellidos, nombre y apellidos, nombre y apellido, apellidos nombre
        nazwa, imie i nazwisko, nazwisko i imie, imie nazwisko, nazwisko imie
    """),
}
_NAMES = {name: field for field, names in _NAMES_OF.items() for name in names}
_PART_OR_WHOLE = _listed("name, nom, nombre, nazwa")
"""A whole name, but the other part of it beside a column of first or of last names."""
_CUSTOMER = _listed("""
    customer, client, contact, patient, kunde, kundin, kunden, kundinnen, kontakt, patientin
    cliente, clienta, klient, klienta, klientka
""")
"""A column with nothing but such a word in its name contains the customer's name."""
_OF_CUSTOMER = _CUSTOMER | _listed("""
    billing, guest, invitee, attendee, buyer, what, is, your, my, the
    gast, dein, deine, ihr, ihre, votre, ton, des, de, del, du, der
""")
_DETAIL = _listed(
    "alert, note, notes, price, duration, notiz, notizen, hinweis, preis, dauer, prix, duree, precio, cena"
)
"""A column with one of these words beside that of an employee or a service says something about them."""
_MOBILE = _listed("""
    mobile, mobilephone, cell, cellphone, cellular, sms, whatsapp, gsm, mobil, mobilnummer, mobiltelefon
    handy, handynummer, handynr, portable, movil, celular, komorka, komorkowy
""")
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
        if not known.isdisjoint(words) and (field in _ADDRESSES or _DETAIL.isdisjoint(words)):
            return field
    return _NAMES.get(" ".join(words)) or _NAMES.get(_core(words))


def is_address(cell: str) -> bool:
    """Whether the cell looks like an e-mail address or a phone number."""
    return _contents([cell[:_LONGEST_ADDRESS]]) is not None


def suggested_fields(columns: Sequence[tuple[str, Sequence[str]]]) -> list[ImportField | None]:
    """For each column, of which the name and some cells are given, the field to map it to; each field once."""
    found: list[ImportField | None] = [None] * len(columns)
    for field in _ADDRESSES:
        ranks = [(_address_rank(field, name, cells), *_preference(field, name)) for name, cells in columns]
        if any(rank for rank, *_ in ranks):
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
    if named is ImportField.PHONE and contents is None and _are_most(_DIGITS, cells):
        contents = named
    if contents is not field:
        return 1 if named is field and contents is None and _may_be(field, cells) else 0
    if field is ImportField.PHONE and not _OTHER.isdisjoint(_words(name)):
        return 0  # order numbers look like phone numbers, and nobody reads a text message on a fax machine
    return 3 if named is field else 2


def _preference(field: ImportField, name: str) -> tuple[bool, bool]:
    """Among columns of one rank, mobile phones come first, then names without a further word."""
    words = set(_words(name))
    return field is ImportField.PHONE and not _MOBILE.isdisjoint(words), words <= _WORDS_OF[field] | {"e", "number"}


def _may_be(field: ImportField, cells: Sequence[str]) -> bool:
    """Whether a column named so may contain the field: without cells to tell otherwise, or with some that resemble it."""
    looks = (lambda cell: "@" in cell) if field is ImportField.EMAIL else (lambda cell: any(map(str.isdigit, cell)))
    return not cells or any(map(looks, cells))


def _contents(cells: Sequence[str]) -> ImportField | None:
    """EMAIL or PHONE if more than half of the cells look like it."""
    if _are_most(_EMAIL, cells):
        return ImportField.EMAIL
    return ImportField.PHONE if _are_most(_PHONE, cells) else None


def _are_most(pattern: re.Pattern[str], cells: Sequence[str]) -> bool:
    """Whether more than half of the cells look like this."""
    return sum(pattern.fullmatch(cell.strip()) is not None for cell in cells) * 2 > len(cells)


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
    """The words without those that only say that they are about the customer; "name" if only the customer is left."""
    rest = " ".join(word for word in words if word not in _OF_CUSTOMER)
    return rest or ("" if _CUSTOMER.isdisjoint(words) else "name")


def _words(name: str) -> list[str]:
    """The name's words in lower case, without accents."""
    split = _CAMEL_CASE.sub(" ", name[:200]).casefold().replace("ł", "l")
    plain = "".join(one for one in unicodedata.normalize("NFKD", split) if not unicodedata.combining(one))
    return re.findall(r"[^\W_]+", plain)
