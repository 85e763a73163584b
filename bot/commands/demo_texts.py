"""The files of the demo repository that are written by hand: a small shop, and what its branches change in them.

No line of them runs.
"""

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

COUPONS = "A coupon is taken off the total before the discount of the order is computed, and holds for an year.\n"
COUPONS_CORRECTED = COUPONS.replace("an year", "a year")
COUPON = "def coupon_of_kind_{0}(total):\n    return max(0, total - {0})\n\n\n"
COUPON_TEST = "def test_coupon_{0}():\n    assert coupon_of_kind_{0}(100) == 100 - {0}\n\n\n"
# A misspelled word and a stop for a debugger.
LATE_COUPON = """def late_coupon(total, days):
    # Late orders are counted seperately.
    breakpoint()
    return total if days > 365 else max(0, total - 1)
"""
