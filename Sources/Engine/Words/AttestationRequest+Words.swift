package import Attestation
import OCI

extension AttestationRequest {
    /// - Parameters: the texts of the options `--attest`, `--sbom` and `--provenance`.
    package init(attest: [String] = [], sbom: String?, provenance: String?) throws {
        var request = AttestationRequest()
        for text in attest {
            var fields = try CommaSeparated.fields(text, of: "--attest")
            guard let place = fields.firstIndex(where: { $0.hasPrefix("type=") }) else {
                throw InvalidOption(name: "--attest", value: text, reason: "it needs a type")
            }
            let type = fields.remove(at: place).dropFirst("type=".count)
            switch type {
            case "sbom": try request.setPackageList(fields, "--attest", text)
            case "provenance": try request.setProvenance(fields, "--attest", text)
            case "explanation": try request.setExplanation(fields, text)
            default:
                throw InvalidOption(
                    name: "--attest", value: text, reason: "known types are sbom, provenance and explanation")
            }
        }
        // The short forms come last: they are what is meant if both are there, as in docker.
        if let sbom { try request.setPackageList(CommaSeparated.fields(sbom, of: "--sbom"), "--sbom", sbom) }
        if let provenance {
            let fields = try CommaSeparated.fields(provenance, of: "--provenance")
            try request.setProvenance(fields, "--provenance", provenance)
        }
        self = request
    }

    fileprivate mutating func setPackageList(_ fields: [String], _ option: String, _ text: String) throws {
        listsPackages = true
        for (name, value) in Self.parameters(fields) {
            switch name {
            case "disabled": listsPackages = try !Self.flag(value, option, text)
            case "generator":
                throw InvalidOption(
                    name: option, value: text, reason: "Distill lists packages itself and runs no generator")
            default: listsPackages = try Self.switched(name, value, option, text)
            }
        }
    }

    fileprivate mutating func setExplanation(_ fields: [String], _ text: String) throws {
        explains = true
        for (name, value) in Self.parameters(fields) {
            if name == "disabled" {
                explains = try !Self.flag(value, "--attest", text)
            } else {
                explains = try Self.switched(name, value, "--attest", text)
            }
        }
    }

    fileprivate mutating func setProvenance(_ fields: [String], _ option: String, _ text: String) throws {
        func fail(_ reason: String) -> InvalidOption { .init(name: option, value: text, reason: reason) }
        var request = ProvenanceRequest()
        var isWanted = true
        for (name, value) in Self.parameters(fields) {
            switch name {
            case "disabled": isWanted = try !Self.flag(value, option, text)
            case "mode":
                guard value == "min" || value == "max" else { throw fail("mode is min or max") }
                request.isComplete = value == "max"
            case "builder-id": request.builder = value
            case "reproducible": request.isReproducible = try Self.flag(value, option, text)
            case "version":
                guard value == "v1" else { throw fail("the version is v1") }
            case "inline-only": _ = try Self.flag(value, option, text)
            default: isWanted = try Self.switched(name, value, option, text)
            }
        }
        provenance = isWanted ? request : nil
    }

    private static func parameters(_ fields: [String]) -> [(name: String, value: String?)] {
        fields.filter { !$0.isEmpty }.map { field in
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (parts[0].lowercased(), parts.count == 2 ? parts[1] : nil)
        }
    }

    /// A value that stands alone: `true` or `false`.
    private static func switched(_ name: String, _ value: String?, _ option: String, _ text: String) throws -> Bool {
        guard value == nil, let isOn = SwitchWord.value(name) else {
            throw InvalidOption(name: option, value: text, reason: "'\(name)' means nothing here")
        }
        return isOn
    }

    private static func flag(_ value: String?, _ option: String, _ text: String) throws -> Bool {
        guard let isOn = value.map(SwitchWord.value) ?? true else {
            throw InvalidOption(name: option, value: text, reason: "'\(value ?? "")' is neither true nor false")
        }
        return isOn
    }
}
