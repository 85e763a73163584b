"""The tables of Python, JavaScript, TypeScript, Ruby and PHP."""

from dataclasses import replace

from bot.analysis.functions.languages import Language

PYTHON = Language(
    name="Python",
    module="tree_sitter_python",
    extensions=("py", "pyi", "pyw"),
    function=("function_definition",),
    scope=("class_definition",),
    lambda_=("lambda",),
    try_=("try_statement",),
    if_=("if_statement",),
    elif_=("elif_clause",),
    loop=("for_statement", "while_statement"),
    switch=("match_statement",),
    case=("case_clause",),
    catch=("except_clause",),
    ternary=("conditional_expression",),
    binary=("boolean_operator",),
    and_=('"and"',),
    or_=('"or"',),
    # radon counts these, and a reader has to think them through as well.
    decision=("assert_statement", "for_in_clause", "if_clause"),
    string=("string",),
    flat_else_if=False,
    docstrings=True,
    indented=True,
)

JAVASCRIPT = Language(
    name="JavaScript",
    module="tree_sitter_javascript",
    extensions=("js", "mjs", "cjs", "jsx"),
    function=(
        "function_declaration",
        "generator_function_declaration",
        "function_expression",
        "generator_function",
        "arrow_function",
        "method_definition",
    ),
    scope=("class_declaration", "class"),
    try_=("try_statement",),
    if_=("if_statement",),
    loop=("for_statement", "for_in_statement", "while_statement", "do_statement"),
    switch=("switch_statement",),
    case=("switch_case",),
    catch=("catch_clause",),
    ternary=("ternary_expression",),
    binary=("binary_expression",),
    coalesce=('"??"',),
    jump=("(break_statement label: (_))", "(continue_statement label: (_))"),
    string=("string", "template_string", "regex"),
)

TYPESCRIPT = replace(
    JAVASCRIPT,
    name="TypeScript",
    module="tree_sitter_typescript",
    entry="language_typescript",
    extensions=("ts", "mts", "cts"),
    scope=("class_declaration", "class", "abstract_class_declaration", "internal_module"),
)

TSX = replace(TYPESCRIPT, name="TSX", entry="language_tsx", extensions=("tsx",))

RUBY = Language(
    name="Ruby",
    module="tree_sitter_ruby",
    extensions=("rb", "rake", "gemspec"),
    function=("method", "singleton_method"),
    scope=("class", "module"),
    lambda_=("block", "do_block"),
    try_=("begin",),
    if_=("if", "unless"),
    guard=("if_modifier", "unless_modifier"),
    elif_=("elsif",),
    loop=("while", "until", "for", "while_modifier", "until_modifier"),
    switch=("case", "case_match"),
    case=("when", "in_clause"),
    catch=("rescue", "rescue_modifier"),
    ternary=("conditional",),
    binary=("binary",),
    and_=('"&&"', '"and"'),
    or_=('"||"', '"or"'),
    string=("string", "regex", "heredoc_body"),
    flat_else_if=False,
    needs_body=False,
)

PHP = Language(
    name="PHP",
    opening="<?php",
    module="tree_sitter_php",
    entry="language_php",
    extensions=("php",),
    function=("function_definition", "method_declaration"),
    scope=("class_declaration", "trait_declaration", "interface_declaration", "enum_declaration"),
    lambda_=("anonymous_function", "arrow_function"),
    try_=("try_statement",),
    if_=("if_statement",),
    elif_=("else_if_clause",),
    loop=("for_statement", "foreach_statement", "while_statement", "do_statement"),
    switch=("switch_statement", "match_expression"),
    case=("case_statement", "match_conditional_expression"),
    catch=("catch_clause",),
    ternary=("conditional_expression",),
    binary=("binary_expression",),
    and_=('"&&"', '"and"'),
    or_=('"||"', '"or"'),
    coalesce=('"??"',),
    jump=("goto_statement", "(break_statement (integer))", "(continue_statement (integer))"),
    string=("string", "encapsed_string", "heredoc", "nowdoc"),
)
