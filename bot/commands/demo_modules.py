"""The files of the demo repository that its history makes, revision by revision. No line of them runs."""


def settle(total: int) -> str:
    """Return a function with nested conditions in loops, far above the threshold of cognitive complexity."""
    return f"""def settle(orders, prices, limits):
    total = {total}
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
"""


def orders(revision: int) -> str:
    """Return the hotspot: one function that everybody changes."""
    return f'''"""Takes and settles orders."""

LIMIT = {revision}


{settle(revision)}

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
