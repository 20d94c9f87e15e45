"""Validates an OCI image layout against the specification's JSON schemas, and prints how many documents there were.

    schemas.py SCHEMAS LAYOUT
"""
import json, os, sys
import jsonschema

schemas, layout = sys.argv[1:3]
documents = {}
for name in os.listdir(schemas):
    if name.endswith(".json"):
        with open(os.path.join(schemas, name)) as file:
            schema = json.load(file)
        documents[name] = schema
        documents[schema.get("id", name)] = schema
store = {**documents, **{"https://opencontainers.org/schema/" + name: schema for name, schema in documents.items()}}


def check(document, name):
    schema = documents[name]
    resolver = jsonschema.RefResolver("https://opencontainers.org/schema/" + name, schema, store=store)
    jsonschema.validate(document, schema, resolver=resolver)


def load(path):
    with open(os.path.join(layout, path)) as file:
        return json.load(file)


def blob(descriptor):
    return load("blobs/" + descriptor["digest"].replace(":", "/"))


count = 0


def walk(document, name):
    global count
    check(document, name)
    count += 1
    for descriptor in document.get("manifests", []):
        kind = descriptor["mediaType"]
        walk(blob(descriptor), "image-index-schema.json" if "index" in kind else "image-manifest-schema.json")
    if "config" in document and name == "image-manifest-schema.json":
        if document["config"]["mediaType"] == "application/vnd.oci.image.config.v1+json":
            check(blob(document["config"]), "config-schema.json")
            count += 1


check(load("oci-layout"), "image-layout-schema.json")
walk(load("index.json"), "image-index-schema.json")
print(count)
