"""pgspot on a script of the extension: one finding a line, without the number of the line.

pgspot knows no function body in SQL's own form (RETURN, BEGIN ATOMIC), and breaks off there. Such a body is
parsed when the function is made, under the search_path of the script: so it is judged as the script's own statements are.
"""
import re
import sys

from pgspot import cli, visitors

visit_function = visitors.SQLVisitor.visit_CreateFunctionStmt


def visit_function_of_either_form(self, ancestors, node):
    if node.sql_body is None:
        visit_function(self, ancestors, node)


class Lines:
    """What pgspot prints, so that a statement that moves is the same finding."""

    def write(self, text):
        sys.__stdout__.write(re.sub(r" at line \d+", "", text))

    def flush(self):
        sys.__stdout__.flush()


visitors.SQLVisitor.visit_CreateFunctionStmt = visit_function_of_either_form
sys.stdout = Lines()
cli.run()
