"""Lint every contract with datacontract-cli, in one process. Usage: lint_contracts.py FILE…"""
import sys

from datacontract.data_contract import DataContract

refused = 0
for path in sys.argv[1:]:
    run = DataContract(data_contract_file=path).lint()
    if run.result != "passed":
        refused += 1
        print(f"{path}: {run.result}")
        for check in run.checks:
            if check.result != "passed":
                print(f"    {check.name}: {check.reason}")
print(f"{len(sys.argv) - 1 - refused} contracts accepted, {refused} refused")
sys.exit(1 if refused else 0)
