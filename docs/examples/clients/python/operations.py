"""Whether the generated clients have every operation of their documents, none of their fields is a float, and a
refusal is nothing else.

    python operations.py DIRECTORY_OF_THE_CONTRACTS
"""
import json
import pathlib
import sys
from typing import Any

from wsa import models

METHODS = {"get", "put", "post", "delete", "patch"}


def documented(document: pathlib.Path) -> set[str]:
    """The operations, in the form in which the generator's names can be compared."""
    paths = json.loads(document.read_text())["paths"]
    operations = (one for path in paths.values() for method, one in path.items() if method in METHODS)
    return {operation["operationId"].lower() for operation in operations}


def generated(package: pathlib.Path) -> set[str]:
    modules = package.glob("api/*/*.py")
    return {module.stem.replace("_", "") for module in modules if module.stem != "__init__"}


def never_accepted() -> None:
    """A refusal is nothing else, also with a code of a later version and what else may be in it."""
    common = {"taskGuid": "01a201f0-bfcf-74b6-b2fe-92320bfb07ed", "taskType": "PayOrder", "objectId": 1}
    error = {"agentError": {"code": "OfALaterVersion", "desc": "No."}}
    models.Refusal.from_dict({"responseCommon": common, "error": error})
    price = {"price": {"total": "1.00", "summToPay": "0.00"}}
    paid: dict[str, Any] = {"taskResponse": {"order": price}}
    cases: list[tuple[Any, dict[str, Any]]] = [(models.Accepted, {}), (models.PayOrderDone, paid)]
    for model, more in cases:
        answer = {"responseCommon": common, **more}
        model.from_dict(answer)
        try:
            model.from_dict({**answer, "error": error})
        except ValueError:
            continue
        sys.exit(f"a refusal is parsed as {model.__name__}")


def main(contracts: pathlib.Path) -> None:
    never_accepted()
    for document, package in (("clients.json", "wsa"), ("ops.json", "wsa_ops")):
        wanted, there = documented(contracts / document), generated(pathlib.Path(package))
        if wanted != there:
            sys.exit(f"{document}: {sorted(wanted - there)} are missing, {sorted(there - wanted)} are too many")
        floats = [model.name for model in pathlib.Path(package).glob("models/*.py") if "float" in model.read_text()]
        if floats:
            sys.exit(f"{document}: there are floats in {floats}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
