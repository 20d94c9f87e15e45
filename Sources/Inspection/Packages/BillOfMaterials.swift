package import OCI

/// An inventory as the two formats that tools read. The same image gives the same bytes.
package struct BillOfMaterials {
    package enum Format: String, CaseIterable, Sendable {
        case spdx = "spdx-json"
        case cycloneDX = "cyclonedx-json"
    }

    let inventory: Inventory
    /// The image's name.
    let name: String
    let image: Digest
    /// RFC 3339 in whole seconds, UTC.
    let created: String
    /// Of the program that wrote it.
    let toolVersion: String

    /// - Parameter created: the image's time; a fixed one where it has none or one of another form.
    package init(_ inventory: Inventory, name: String, image: Digest, created: String?, toolVersion: String) {
        (self.inventory, self.name, self.image, self.toolVersion) = (inventory, name, image, toolVersion)
        // SPDX wants whole seconds.
        let seconds = created.map { String($0.prefix(19)) } ?? ""
        self.created = seconds.utf8.count == 19 ? seconds + "Z" : "1970-01-01T00:00:00Z"
    }

    package func document(_ format: Format) -> JSON {
        switch format {
        case .spdx: spdx
        case .cycloneDX: cycloneDX
        }
    }

    // MARK: SPDX 2.3

    private var spdx: JSON {
        let root = "SPDXRef-Image"
        var packages: [JSON] = [
            .object([
                "SPDXID": .string(root), "name": .string(name), "versionInfo": .string(image.description),
                "downloadLocation": .string("NOASSERTION"), "filesAnalyzed": .bool(false),
                "primaryPackagePurpose": .string("CONTAINER"),
                "licenseConcluded": .string("NOASSERTION"), "licenseDeclared": .string("NOASSERTION"),
                "copyrightText": .string("NOASSERTION"),
            ])
        ]
        var relationships = [Self.relationship("SPDXRef-DOCUMENT", "DESCRIBES", root)]
        for (index, component) in inventory.components.enumerated() {
            let identifier = "SPDXRef-Package-\(component.kind.rawValue)-\(index + 1)"
            packages.append(Self.spdx(component, identifier))
            relationships.append(Self.relationship(root, "CONTAINS", identifier))
        }
        return .object([
            "spdxVersion": .string("SPDX-2.3"), "dataLicense": .string("CC0-1.0"),
            "SPDXID": .string("SPDXRef-DOCUMENT"),
            "name": .string(name), "documentNamespace": .string("urn:distill:sbom:\(image)"),
            "creationInfo": .object([
                "created": .string(created), "creators": .strings(["Tool: distill-\(toolVersion)"]),
            ]),
            "packages": .array(packages), "relationships": .array(relationships),
        ])
    }

    private static func relationship(_ from: String, _ kind: String, _ to: String) -> JSON {
        .object(["spdxElementId": .string(from), "relationshipType": .string(kind), "relatedSpdxElement": .string(to)])
    }

    private static func spdx(_ component: Inventory.Component, _ identifier: String) -> JSON {
        var object: JSONObject = ["SPDXID": .string(identifier), "name": .string(component.displayName)]
        if !component.version.isEmpty { object["versionInfo"] = .string(component.version) }
        if let supplier = component.supplier { object["supplier"] = .string("Organization: \(supplier)") }
        object["downloadLocation"] = .string("NOASSERTION")
        object["filesAnalyzed"] = .bool(false)
        object["sourceInfo"] = .string("found in \(component.origin)")
        object["licenseConcluded"] = .string("NOASSERTION")
        object["licenseDeclared"] = .string("NOASSERTION")
        object["copyrightText"] = .string("NOASSERTION")
        object["externalRefs"] = .array([
            .object([
                "referenceCategory": .string("PACKAGE-MANAGER"), "referenceType": .string("purl"),
                "referenceLocator": .string(component.packageURL),
            ])
        ])
        return .object(object)
    }

    // MARK: CycloneDX 1.6

    private var cycloneDX: JSON {
        let components = inventory.components.map { component in
            var object: JSONObject = ["type": .string("library"), "bom-ref": .string(component.packageURL)]
            if component.kind != .debian, component.kind != .go, let group = component.namespace {
                object["group"] = .string(group)
            }
            object["name"] = .string(component.name)
            if !component.version.isEmpty { object["version"] = .string(component.version) }
            if let license = component.license {
                object["licenses"] = .array([.object(["license": .object(["name": .string(license)])])])
            }
            object["purl"] = .string(component.packageURL)
            object["properties"] = .array([
                .object(["name": .string("distill:origin"), "value": .string(component.origin.description)])
            ])
            return JSON.object(object)
        }
        let reference = "image:\(image)"
        return .object([
            "bomFormat": .string("CycloneDX"), "specVersion": .string("1.6"),
            "serialNumber": .string("urn:uuid:\(uuid)"), "version": .integer(1),
            "metadata": .object([
                "timestamp": .string(created),
                "tools": .object([
                    "components": .array([
                        .object([
                            "type": .string("application"), "name": .string("distill"), "version": .string(toolVersion),
                        ])
                    ])
                ]),
                "component": .object([
                    "type": .string("container"), "bom-ref": .string(reference), "name": .string(name),
                    "version": .string(image.description),
                ]),
            ]), "components": .array(components),
        ])
    }

    /// A UUID of version 8 (RFC 9562) out of the image's digest.
    private var uuid: String {
        var digits = Array(image.hex.prefix(32))
        guard digits.count == 32 else { return "00000000-0000-8000-8000-000000000000" }
        (digits[12], digits[16]) = ("8", "8")
        let text = String(digits)
        var parts: [Substring] = []
        var rest = text[...]
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }
}

extension Inventory.Component {
    fileprivate var displayName: String {
        switch kind {
        case .java: namespace.map { "\($0):\(name)" } ?? name
        case .node: namespace.map { "\($0)/\(name)" } ?? name
        case .debian, .go, .python: name
        }
    }
}
