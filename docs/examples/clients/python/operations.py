"""Whether the generated clients have every operation of their documents, and none of their fields is a float.

    python operations.py DIRECTORY_OF_THE_CONTRACTS
"""
import json
import pathlib
import sys

METHODS = {"get", "put", "post", "delete", "patch"}


def documented(document: pathlib.Path) -> set[str]:
    """The operations, in the form in which the generator's names can be compared."""
    paths = json.loads(document.read_text())["paths"]
    operations = (one for path in paths.values() for method, one in path.items() if method in METHODS)
    return {operation["operationId"].lower() for operation in operations}


def generated(package: pathlib.Path) -> set[str]:
    modules = package.glob("api/*/*.py")
    return {module.stem.replace("_", "") for module in modules if module.stem != "__init__"}


def main(contracts: pathlib.Path) -> None:
    for document, package in (("clients.json", "wsa"), ("ops.json", "wsa_ops")):
        wanted, there = documented(contracts / document), generated(pathlib.Path(package))
        if wanted != there:
            sys.exit(f"{document}: {sorted(wanted - there)} are missing, {sorted(there - wanted)} are too many")
        floats = [model.name for model in pathlib.Path(package).glob("models/*.py") if "float" in model.read_text()]
        if floats:
            sys.exit(f"{document}: there are floats in {floats}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
