"""The files of the demo repository: a small shop. No line of it runs."""

INIT = '"""A small shop."""\n'
README = """# Corner shop

Orders, prices and mails of a small shop. `parse_till_date` reads the dates of the till.

It needs Python 3.10 or newer.
"""
PROJECT = '[project]\nname = "corner-shop"\nversion = "1.0"\nrequires-python = ">={}"\n'
GUIDE = """# Guide

Exports of the till are read with `parse_till_date(text)`. Everything else is in ISO 8601.
"""
REQUIREMENTS = "requests==2.32.3\nPyYAML==6.0.2\njinja2==3.1.6\n"
OLD_REQUIREMENTS = "requests>=2.20.0\nPyYAML==5.3.1\njinja2==3.1.6\ncolourama\n"

DATES = '''"""Dates of orders."""

from datetime import date, datetime


def parse_till_date(text):
    day, month, year = text.split(".")
    return date(int(year), int(month), int(day))


def parse_date(text):
    return datetime.fromisoformat(text).date()
'''
DATES_WITHOUT = '''"""Dates of orders."""

from datetime import datetime
''' + DATES[DATES.index("\n\ndef parse_date") :]

DISCOUNTS = '''"""Discounts of orders."""


def discount(order, rules):
    best = 0
    for rule in rules:
        if rule.applies(order.lines[0]):
            best = max(best, rule.percent)
    return order.total * best / 100
'''
DISCOUNTS_FIXED = DISCOUNTS.replace(
    "    for rule in rules:\n        if rule.applies(order.lines[0]):\n",
    "    for rule in rules or ():\n        if order.lines and rule.applies(order.lines[0]):\n",
)

CATALOGUE = '''"""The catalogue and its prices."""


def open_catalogue(store):
    return store.open("prices")


def price_of(catalogue, name):
    return catalogue.find(name).price
'''
CATALOGUE_EAGER = CATALOGUE.replace(
    '    return store.open("prices")\n',
    '    catalogue = store.open("prices", eager=True)\n    catalogue.warm_up(rounds=3, every_shelf=True)\n'
    "    catalogue.check_freshness(limit_seconds=5)\n    return catalogue\n",
)

BACKUP = '''"""Backups of the shop."""

import subprocess


def back_up(folder, target):
    subprocess.run(f"tar czf {target} {folder}", shell=True, check=True)
    return target
'''
BACKUP_SAFE = BACKUP.replace(
    'subprocess.run(f"tar czf {target} {folder}", shell=True, check=True)',
    'subprocess.run(["tar", "czf", target, folder], check=True)',
)


def export(kind: str) -> str:
    """Return one of the two exports, which have the same loop."""
    return f'''"""Exports orders as {kind}."""


def export_{kind}(orders, writer, since):
    written = 0
    for order in sorted(orders, key=lambda one: one.number):
        if order.cancelled_at is not None:
            continue
        customer_name = order.customer.name.strip().title()
        shipping_cost = order.parcel.weight * order.parcel.rate_per_kilo
        billing_address = order.customer.address.as_lines(separator=", ")
        payment_due = order.placed_at.date() + order.customer.payment_period
        loyalty_points = sum(line.points for line in order.lines if line.is_paid)
        tax_amount = (order.total_before_tax + shipping_cost) * order.tax_rate
        writer.write_{kind}(order.number, customer_name, billing_address, payment_due, loyalty_points, tax_amount)
        written += 1
    return written
'''


# What changes in one of the exports only.
EXPORT_BEFORE = "        shipping_cost = order.parcel.weight * order.parcel.rate_per_kilo\n"
EXPORT_AFTER = (
    "        shipping_cost = max(order.parcel.minimum_cost, order.parcel.weight * order.parcel.rate_per_kilo)\n"
)


def region(name: str, currency: str) -> str:
    """Return the settings of a region."""
    return f"""name: {name}
currency: {currency}
payment:
  gateway: gateway-v1.payments.example.org
  retries: 3
"""


OLD_GATEWAY, NEW_GATEWAY = "gateway-v1.payments.example.org", "gateway-v2.payments.example.org"


def orders(revision: int) -> str:
    """Return the hotspot: one function that everybody changes."""
    return f'''"""Takes and settles orders."""

LIMIT = {revision}


def settle(orders, prices, limits):
    total = {revision}
    for order in orders:
        if order.open:
            for line in order.lines:
                if line.price in prices:
                    if prices[line.price] > limits[0]:
                        if line.forced or line.gift and not line.returned:
                            total += prices[line.price]
                        elif line.returned:
                            total -= prices[line.price]
                        else:
                            total += 1
                    elif limits[1]:
                        while line.left:
                            if line.next():
                                total += 1
                            else:
                                break
        elif order.closed and order.late or order.lost:
            total -= 1
    return total


def refund(order, rules):
    paid = 0
    for line in order.lines:
        if line.returned and not line.gift:
            for rule in rules:
                if rule.covers(line):
                    paid += rule.share * line.price
                elif rule.final:
                    break
    return paid
'''


# Two branches change these lines, each in a way of its own.
ORDERS_BEFORE = "        elif order.closed and order.late or order.lost:\n            total -= 1\n"
ORDERS_GIFT = """        elif order.closed and order.late or order.lost:
            total -= 2
        elif order.wrapped:
            total += order.wrapping.price
"""
ORDERS_EXPRESS = """        elif order.closed and order.late or order.lost:
            total -= 1
        elif order.express:
            for parcel in order.parcels:
                if parcel.weight > limits[2]:
                    if parcel.fragile and not parcel.insured:
                        for rule in parcel.rules:
                            if rule.applies(parcel) or rule.forced:
                                total += rule.price
                            elif rule.refund:
                                total -= rule.price
                    elif parcel.insured:
                        total += limits[3]
                else:
                    while parcel.waiting:
                        if not parcel.next():
                            break
                        total += 1
"""


def mails(revision: int) -> str:
    """Return the companion of the hotspot."""
    return f'''"""Mails about orders."""

TEMPLATE_REVISION = {revision}


def confirmation(order):
    first = "Thank you for order {{order.number}}, revision {revision}."
    second = "It has {{order.count}} lines."
    return first, second
'''


def legacy(parts: int, changed: bool = False) -> str:
    """Return a module that one person wrote who has left."""
    step = "round(row[{0}] * 100)" if changed else "row[{0}] * 100"
    functions = [
        f"def till_column_{number}(row, journal):\n    amount = {step.format(number)}\n"
        f"    journal.note({number}, amount)\n    return amount\n"
        for number in range(parts)
    ]
    return '"""Reads the journal of the old till."""\n\n\n' + "\n\n".join(functions)


def item(name: str, revisions: int) -> str:
    """Return a module of one article, which grows by a function per revision."""
    functions = [
        f"def {name}_step_{number}(stock, amount):\n    shelf = stock.shelf_of({name!r})\n"
        f"    if shelf.count < amount:\n        shelf.order({number + 3})\n        return None\n"
        f"    shelf.count -= amount\n    shelf.note({number})\n    left = shelf.count\n"
        f"    stock.save(shelf)\n    return left\n"
        for number in range(revisions)
    ]
    return f'"""The article {name}."""\n\n\n' + "\n\n".join(functions)


def item_test(name: str, revisions: int) -> str:
    """Return the tests of an article."""
    tests = [
        f"def test_{name}_step_{number}(stock):\n    assert {name}_step_{number}(stock, {number}) is not None\n"
        for number in range(revisions)
    ]
    return f"from shop.items.{name} import *\n\n\n" + "\n\n".join(tests)


def module(subject: str, name: str, functions: int) -> str:
    """Return a long new module whose names belong to one subject."""
    made = [
        f"def {subject}_{name}_{number}({subject}_in, {subject}_out):\n"
        f"    {subject}_value = {subject}_in.{subject}_at({number})\n"
        f"    if {subject}_value is None:\n        return {subject}_out\n"
        f"    {subject}_out.put_{subject}({subject}_value)\n    return {subject}_out\n"
        for number in range(functions)
    ]
    return f'"""{subject.title()}: {name}."""\n\n\n' + "\n\n".join(made)
