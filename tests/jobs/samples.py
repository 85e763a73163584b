"""Code for the changes in the tests: with and without remarks."""

from bot.commands.demo_modules import ORDERS_BEFORE, ORDERS_EXPRESS, settle

HARMLESS = "def add(a, b):\n    return a + b\n"

# The function of the demo repository, as one of its branches makes it: a remark also where it is new.
TANGLED = settle(0).replace(ORDERS_BEFORE, ORDERS_EXPRESS)

# Code with two findings of ruff's S rules.
UNSAFE = (
    "import subprocess\n\n\ndef run(name):\n    subprocess.run(f'tool {name}', shell=True)\n    return eval(name)\n"
)
