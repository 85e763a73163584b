"""Code for the changes in the tests: with and without remarks."""

HARMLESS = "def add(a, b):\n    return a + b\n"

# Nested conditions in loops: far above the threshold of cognitive complexity.
TANGLED = """def settle(orders, prices, limits, rules):
    total = 0
    for order in orders:
        if order.open:
            for line in order.lines:
                if line.price in prices:
                    if prices[line.price] > limits[0]:
                        for rule in rules:
                            if rule.applies(line) and not rule.skip or line.forced:
                                if rule.factor > 1:
                                    total += prices[line.price] * rule.factor
                                elif rule.factor < 0:
                                    total -= prices[line.price]
                                else:
                                    total += 1
                    elif limits[1]:
                        while line.left:
                            if line.next():
                                total += 1
                            else:
                                break
        else:
            if order.closed and order.late or order.lost:
                total -= 1
    return total
"""

# Code with two findings of ruff's S rules.
UNSAFE = (
    "import subprocess\n\n\ndef run(name):\n    subprocess.run(f'tool {name}', shell=True)\n    return eval(name)\n"
)
