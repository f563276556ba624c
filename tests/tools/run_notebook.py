"""Execute a notebook in its folder, as Jupyter does, and print what its cells gave. Usage: run_notebook.py FILE"""
import os
import sys

import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
assert not any(cell.get("outputs") for cell in notebook.cells), "the notebook is kept without outputs"
beside = {"metadata": {"path": os.path.dirname(os.path.abspath(sys.argv[1]))}}
NotebookClient(notebook, timeout=300, kernel_name="python3", resources=beside).execute()
for cell in notebook.cells:
    for output in cell.get("outputs", []):
        print(output.get("text", ""))
        for kind, data in output.get("data", {}).items():
            print(kind, data if kind.startswith("text/") else "")
