/// What somebody says about images: a predicate of some type, and what it is about (in-toto attestation framework,
/// version 0.1, "Statement").
package struct Statement: Hashable, Sendable {
    /// The URI that says how the predicate is read.
    package let predicateType: String
    package let predicate: JSON
    package let subjects: [Subject]

    /// What a statement is about.
    package struct Subject: Hashable, Sendable {
        /// The package URL of an image, or `_` for one without a name.
        package let name: String
        package let digest: Digest

        package init(name: String, digest: Digest) { (self.name, self.digest) = (name, digest) }
    }

    /// The type of a statement that tells an image's packages as an SPDX document.
    package static let packageList = "https://spdx.dev/Document"
    /// The type of a statement that tells how an image was made (SLSA, version 1.0, "Provenance").
    package static let provenance = "https://slsa.dev/provenance/v1"
    /// The version of the form, BuildKit's: readers of version 1 read it as well.
    private static let type = "https://in-toto.io/Statement/v0.1"

    package init(_ predicateType: String, _ predicate: JSON, about subjects: [Subject]) {
        (self.predicateType, self.predicate, self.subjects) = (predicateType, predicate, subjects)
    }

    package init(bytes: [UInt8]) throws(ImageFormatError) {
        var valuesLeft = DocumentLimit.statementValues
        try self.init(bytes: bytes, &valuesLeft)
    }

    /// - Parameters:
    ///   - bytes: the statement as JSON.
    ///   - valuesLeft: how many values may be read yet, of this statement and of those after it.
    package init(bytes: [UInt8], _ valuesLeft: inout Int) throws(ImageFormatError) {
        let json = try JSON.document(bytes, limit: DocumentLimit.statement, maximumValues: valuesLeft)
        valuesLeft -= json.valueCount
        guard let predicateType = json["predicateType"]?.string else { throw .missingMember("predicateType") }
        guard let predicate = json["predicate"] else { throw .missingMember("predicate") }
        var subjects: [Subject] = []
        for subject in json["subject"]?.array ?? [] {
            guard let hex = subject["digest"]?["sha256"]?.string else { throw .missingMember("subject.digest.sha256") }
            do {
                let digest = try Digest(algorithm: .sha256, hex: hex)
                subjects.append(Subject(name: subject["name"]?.string ?? "_", digest: digest))
            } catch { throw .invalidDigest(hex) }
        }
        self.init(predicateType, predicate, about: subjects)
    }

    /// The same said about a manifest with the same content in other bytes, such as one whose layers are packed.
    package func about(_ manifest: Digest) -> Statement {
        Statement(predicateType, predicate, about: subjects.map { Subject(name: $0.name, digest: manifest) })
    }

    package var bytes: [UInt8] {
        let subjects = subjects.map { subject in
            JSON.object([
                "name": .string(subject.name),
                "digest": .object([subject.digest.algorithm.rawValue: .string(subject.digest.hex)]),
            ])
        }
        return JSON.object([
            "_type": .string(Self.type), "predicateType": .string(predicateType), "subject": .array(subjects),
            "predicate": predicate,
        ]).bytes
    }
}
