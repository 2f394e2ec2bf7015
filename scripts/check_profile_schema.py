#!/usr/bin/env python3
"""Checks pruning-profiles/ and the example of a job file against their schemas with a validator that others wrote.

Needs PyYAML and jsonschema. Every shipped profile must pass; every profile in
Tests/ContextsTests/Fixtures/refused-profiles.json must fail. The Swift tests hold the schema and the
reader to each other; this holds the schema to its specification.
"""

import json
import pathlib
import sys

import jsonschema
import yaml

root = pathlib.Path(__file__).resolve().parent.parent
schema = yaml.safe_load((root / "pruning-profiles/profile.schema.json").read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
failures = 0

for path in sorted((root / "pruning-profiles").glob("*.yaml")):
    for error in validator.iter_errors(yaml.safe_load(path.read_text())):
        print(f"{path.name}: {error.json_path}: {error.message}")
        failures += 1

refused = json.loads((root / "Tests/ContextsTests/Fixtures/refused-profiles.json").read_text())
for name, text in refused.items():
    if validator.is_valid(yaml.safe_load(text)):
        print(f"{name}: the schema accepts what the reader refuses")
        failures += 1

job_schema = json.loads((root / "docs/schemas/job.schema.json").read_text())
jsonschema.Draft202012Validator.check_schema(job_schema)
for path in [root / "docs/examples/nightly.yaml"]:
    for error in jsonschema.Draft202012Validator(job_schema).iter_errors(yaml.safe_load(path.read_text())):
        print(f"{path.name}: {error.json_path}: {error.message}")
        failures += 1
jsonschema.Draft202012Validator.check_schema(json.loads((root / "docs/schemas/batch.schema.json").read_text()))

print("failed" if failures else "passed")
sys.exit(1 if failures else 0)
