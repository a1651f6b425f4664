"""What other systems call our columns, for proposals alone: loading never goes by these."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_NAMES = """
contract_id | contract number, contract no, contract id, contract, agreement, agreement number, contract ref, reference, original contract id, piid | vertrag, vertragsnummer, vertrag nr, vertrag nummer, kontraktnummer, beleg | contrat, numero de contrat, no contrat, n contrat, reference contrat | contrato, numero de contrato, n contrato, no contrato, expediente
customer | client, client name, customer name, vendor, vendor name, contractor, account, account name, sold to party, site owner, company | kunde, kundenname, auftraggeber, betreiber, vertragspartner | client, nom du client, exploitant | cliente, nombre del cliente, razon social, proveedor
distributor | dealer, reseller, partner, channel partner, agent | haendler, vertriebspartner | distributeur, revendeur | distribuidor, revendedor
region | area, territory, department, department name, sales region, state, province, province territory | gebiet, bereich, bundesland, vertriebsgebiet | region, secteur, zone, departement | zona, provincia, comunidad, delegacion
country | country code, land | land, laendercode, laenderschluessel | pays, code pays | pais, codigo pais
vertical | segment, industry, service provided, market, sector, contract structure type | branche, marktsegment | secteur d activite, marche | sector, mercado
tier | plan, service level, contract type, coverage type, level, tier level | vertragsart, stufe, leistungsumfang | niveau, type de contrat, formule | nivel, tipo, tipo de contrato, plan
signed_on | signed, signed date, signature date, date signed, award date, contract date, order date | unterzeichnet, unterschrieben am, vertragsdatum, abschlussdatum, unterzeichnet am | signe le, date de signature | firmado, fecha de firma, fecha firma, fecha de contrato
starts_on | start, start date, start dt, begin, begin date, effective date, valid from, from, commencement, commencement date | beginn, vertragsbeginn, laufzeitbeginn, gueltig ab, startdatum, anfang, von | debut, date de debut, date d effet | inicio, fecha inicio, fecha de inicio, desde, vigencia desde
ends_on | end, end date, end dt, expiry, expiry date, expiration date, valid to, until, completion date, current completion date | ende, vertragsende, laufzeitende, gueltig bis, enddatum, bis | fin, date de fin, echeance | fin, fecha fin, fecha de fin, vencimiento, hasta, vigencia hasta
term_months | term, months, duration, duration months, term in months, total contract months, contract months | laufzeit, laufzeit monate, laufzeit in monaten, monate, dauer | duree, duree mois, duree en mois, mois | plazo, plazo meses, duracion, duracion meses, meses
contract_value | value, amount, amt, contract amount, total value, total contract value, tcv, total amount, price | vertragswert, auftragswert, wert, summe, betrag, gesamtwert, gesamtbetrag | montant, montant total, valeur | importe, importe total, valor, monto, valor del contrato
annual_fee | annual value, annual amount, monthly fee, fee per month, monthly amount, monthly rate, monatspauschale, monatsgebuehr, monatsrate, redevance mensuelle, cuota mensual, importe mensual, fee per year, yearly fee, acv, annual contract value | jahresgebuehr, jahrespreis, jahreswert, jahresbetrag, jahrespauschale | redevance annuelle, montant annuel | cuota anual, importe anual
currency | curr, currency code, iso currency | waehrung, waehrungsschluessel | devise, monnaie | moneda, divisa
escalator_rate | escalator, escalation, indexation, index rate, annual increase | indexierung, preisgleitung, steigerung | indexation, revision | indexacion, incremento anual, revision
billing_frequency | frequency, billing cycle, invoice frequency, billing period, invoicing | rechnungsrhythmus, abrechnungsrhythmus, rhythmus, abrechnung, zahlungsweise, turnus | frequence, periodicite, frequence de facturation | frecuencia, periodicidad, facturacion
billing_timing | timing, billed in | zahlungszeitpunkt, faelligkeit | terme | vencimiento de pago
invoice_lead_days | lead days, invoice lead | vorlauf, vorlauf tage | preavis de facturation | dias de antelacion
payment_days | payment terms, terms, payment term, net days, days | zahlungsziel, zahlungsziel tage, zahlungsbedingung | delai de paiement, conditions de paiement | plazo de pago, dias de pago, condiciones de pago
notice_days | notice, notice period, termination notice | kuendigungsfrist, kuendigungsfrist tage | preavis, delai de preavis | preaviso, dias de preaviso
renews_contract_id | renews, renewal of, renewed contract, previous contract, prior contract, predecessor | erneuert, vorgaenger, vorgaengervertrag, verlaengert | renouvelle, contrat precedent | renueva, contrato anterior
recorded_on | created, created on, created date, entered, entry date, posting date | erfasst am, angelegt am, erfassungsdatum | cree le, date de saisie | creado, fecha de alta, fecha de registro
amendment_id | amendment, amendment number, modification, mod number, modnumber, change number | nachtrag, nachtragsnummer, aenderung | avenant, numero d avenant | enmienda, modificacion, adenda
kind | amendment type, change type, type of change | art, aenderungsart | type d avenant, nature | clase, tipo de modificacion
effective_on | effective, effective from, takes effect | wirksam ab, gueltig ab, wirksam | effectif le, prend effet | efectivo, efectivo desde
value_change | change of value, delta, change, value delta, change amount | wertaenderung, aenderungsbetrag | variation, variation de valeur | variacion, cambio de valor
term_change_months | extension months, added months | verlaengerung monate, monate | prolongation mois | prorroga meses
reason | reason for modification, comment, cause | grund, bemerkung, begruendung | motif, raison | motivo, razon
serial_number | serial, serial no, serial nr, machine, machine id, asset, asset id, equipment, equipment number, unit, turbine identifier, objectid | seriennummer, serien nr, anlage, anlagennummer, equipment, geraetenummer | numero de serie, no de serie, machine, equipement | numero de serie, n de serie, equipo, maquina, codigo equipo
model | type, product, model name, unit type | typ, modell, baureihe, produkt | modele, type | modelo, tipo de equipo
series | family, product family, product line, manufacturer | serie, produktfamilie | gamme, serie | serie, familia, gama
rated_kw | kw, rated power, capacity kw, power, turbine rated capacity kw, rated capacity | nennleistung, leistung, leistung kw, nennleistung kw | puissance, puissance kw, puissance nominale | potencia, potencia kw, potencia nominal
modules | module count, number of modules, engines | module, anzahl module | nombre de modules | modulos, numero de modulos
shipped_on | shipped, ship date, delivery date, delivered | versandt, versanddatum, geliefert, lieferdatum | expedie le, date de livraison | enviado, fecha de envio, fecha de entrega
commissioned_on | commissioned, commissioning date, in service, start up date, cod, installed, install date | in betrieb seit, inbetriebnahme, inbetriebnahmedatum | mise en service, date de mise en service | puesta en marcha, fecha de instalacion, en servicio desde
retired_on | retired, decommissioned, out of service, scrapped | ausser betrieb, stillgelegt, stilllegung | hors service, date de retrait | retirado, fecha de baja, fuera de servicio
application | use, site type, usage | standort, einsatz, anwendung | usage, emploi | aplicacion, uso
covered_from | cover from, coverage start | gedeckt ab, abgedeckt von | couvert du | cubierto desde
covered_until | cover until, coverage end | gedeckt bis, abgedeckt bis | couvert jusqu au | cubierto hasta
date | rate date, day | datum, kursdatum | date | fecha
rate | exchange rate, fx rate | kurs, wechselkurs | taux, taux de change, cours | tasa, tipo de cambio, cambio
invoice_id | invoice number, invoice no, invoice | rechnung, rechnungsnummer | facture, numero de facture | factura, numero de factura
issued_on | invoice date, issue date | rechnungsdatum | date de facture | fecha de factura
due_on | due date, due | faellig am, faelligkeitsdatum | date d echeance | fecha de vencimiento
receipt_id | receipt, receipt number, payment id | zahlung, zahlungsnummer | paiement | cobro, recibo
received_on | payment date, received, paid on | zahlungsdatum, eingegangen am | date de paiement | fecha de cobro
"""  # noqa: E501 - a list: one line a column, English | German | French | Spanish


def bare(heading: str) -> str:
    """A heading without case, accents, brackets and marks between words.

    >>> bare("Vertrags-Nr."), bare("Durée (mois)"), bare("startDate")
    ('vertrags nr', 'duree mois', 'start date')
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    folded = spaced.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    plain = unicodedata.normalize("NFKD", folded.replace("ß", "ss"))
    letters = "".join(ch for ch in plain if not unicodedata.combining(ch))
    return " ".join(re.findall(r"[^\W_]+", letters))


def _read(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in text.strip().splitlines():
        ours, *languages = line.split(" | ")
        names = [name for part in languages for name in part.split(", ")]
        found[ours] = list(dict.fromkeys([bare(ours), *names]))
    return found


CALLED: dict[str, list[str]] = _read(_NAMES)
"""Our column → what it is called elsewhere, bare, the likeliest first."""


def likely(ours: str, headings: Sequence[str]) -> str | None:
    """The heading that most likely holds a column of ours, None where none does."""
    at = {bare(heading): heading for heading in reversed(headings)}
    return next((at[name] for name in CALLED.get(ours, ()) if name in at), None)
