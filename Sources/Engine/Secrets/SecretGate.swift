import Archive
import LinuxSystem
package import OCI
package import Secrets
package import Storage

/// Looks through an image that is in the store: each layer once, whatever number of images it is in.
package struct SecretGate {
    private let store: Store
    /// Seconds since 1970.
    private let now: Int64
    /// Values that may not be in what this build made; they are in this array alone.
    private let values: [KnownValue]
    /// Ends the search where nobody wants it any more.
    var pace: PackingPace?

    /// - Parameter values: wiped by whoever made them.
    package init(_ store: Store, values: [KnownValue] = [], now: Int64) {
        (self.store, self.values, self.now) = (store, values, now)
    }

    /// What stands beside an image's layers.
    package struct Documents {
        package var annotations: [String: String] = [:]
        /// What is said about it, by a name for each.
        package var statements: [(name: String, predicate: JSON)] = []

        package init() {}
    }

    /// - Parameters:
    ///   - name: how a person calls the image.
    ///   - includesBase: whether the base's layers are looked through too.
    package func report(
        _ image: Image, name: String, _ made: LayerInstructions, documents: Documents = Documents(), includesBase: Bool
    ) throws -> SecretReport {
        var report = SecretReport(image: name, platform: image.config.platform)
        report.layerCount = image.layers.count
        let scanner = SecretScanner(values)
        var lists = PackageLists(store: store, layers: image.layers)
        for (index, layer) in image.layers.enumerated() {
            let isBase = index < made.baseLayers
            if isBase, !includesBase { continue }
            let verdict = try verdict(layer, isOwn: !isBase, scanner, &lists)
            report.scannedLayers += 1
            report.unopened += verdict.unopened
            for finding in verdict.findings {
                var item = SecretReport.Item(
                    finding, level: finding.level(at: now), layer: index + 1, diffID: layer.diffID, isBase: isBase)
                item.instruction = (made.instructions.indices.contains(index) ? made.instructions[index] : nil)?
                    .redacted(by: scanner)
                report.items.append(item)
            }
        }
        try markHidden(&report.items, image)
        report.items += documentItems(image, made, documents, scanner)
        return report
    }

    /// Whether nothing is found in the last layer of a stack that a build made, whatever of it may be allowed.
    func isClean(_ stack: [Image.Layer]) throws -> Bool {
        guard let last = stack.last else { return true }
        var lists = PackageLists(store: store, layers: stack)
        return try verdict(last, isOwn: true, SecretScanner(values), &lists).findings.isEmpty
    }

    /// What a layer holds: kept from an earlier time, and of this build's own values found out anew.
    private func verdict(
        _ layer: Image.Layer, isOwn: Bool, _ scanner: SecretScanner, _ lists: inout PackageLists
    ) throws -> LayerVerdict {
        let subject = SecretNoteDirectory.Subject.layer(layer.diffID, isOwn: isOwn)
        let kept = try store.secretNotes.load(subject).flatMap(LayerVerdict.init)
        // A base is older than the values of the build that stands on it.
        let asksValues = isOwn && !values.isEmpty
        if let kept, !asksValues { return kept }
        let scan = try scan(layer, isOwn: isOwn, kept == nil ? scanner : SecretScanner(values, rules: false), &lists)
        var verdict = kept ?? LayerVerdict(isOwn: isOwn, findings: [], unopened: scan.unopened)
        for finding in scan.findings where !verdict.findings.contains(finding) { verdict.findings.append(finding) }
        if verdict != kept { try store.secretNotes.save(verdict.json, about: subject) }
        return verdict
    }

    private func scan(
        _ layer: Image.Layer, isOwn: Bool, _ scanner: SecretScanner, _ lists: inout PackageLists
    ) throws -> LayerScan.Result {
        var scan = LayerScan(scanner, isOwn: isOwn)
        try store.readArchive(of: layer, isChecked: false) {
            _ = try pace?()
            try scan.consume($0)
        }
        var result = try scan.finish()
        lists.add(result.packages, of: layer)
        // What a package brought is known by its digest, which costs a second look at the few files that matter.
        let suspects = Set(result.findings.filter { $0.part == .content && !$0.rule.isKnownValue }.map(\.path))
        guard !suspects.isEmpty else { return result }
        let checksums = try checksums(of: suspects, in: layer)
        var theirs = checksums.filter { result.packages.contains($0.value) }
        // A copy of it, or what a change of owners copied, lies in a layer without the package's list.
        if theirs.count < checksums.count {
            let packages = try lists.lists(upTo: layer)
            theirs = checksums.filter { packages.contains($0.value) }
        }
        // What was compiled from a package's file has the same value, and stands in no list.
        let published = Set(result.findings.filter { theirs[$0.path] != nil }.map(\.fingerprint))
        result.findings.removeAll {
            $0.part == .content && !$0.rule.isKnownValue
                && (theirs[$0.path] != nil || published.contains($0.fingerprint))
        }
        return result
    }

    private func checksums(of paths: Set<String>, in layer: Image.Layer) throws -> [String: FileChecksums] {
        guard try store.layers.hasFiles(layer.diffID) else {
            var checksums = LayerChecksums(paths)
            try store.readArchive(of: layer, isChecked: false) { try checksums.consume($0) }
            return checksums.files
        }
        let files = try store.layers.openFiles(layer.diffID)
        var result: [String: FileChecksums] = [:]
        for path in paths {
            // A name that is no text is not found again: its finding stays.
            guard let file = try? files.openFile(Array(path.utf8)) else { continue }
            var hasher = FileChecksumHasher()
            var offset: Int64 = 0
            while case let piece = try file.read(at: offset, count: 1 << 20), !piece.isEmpty {
                piece.withUnsafeBytes { hasher.update($0) }
                offset += Int64(piece.count)
            }
            result[path] = hasher.finish()
        }
        return result
    }

    /// Finds the layer above that takes away or replaces each file.
    private func markHidden(_ items: inout [SecretReport.Item], _ image: Image) throws {
        guard let lowest = items.compactMap(\.layer).min() else { return }
        for (index, layer) in image.layers.enumerated() where index + 1 > lowest {
            guard items.contains(where: { $0.visibility == .visible && ($0.layer ?? .max) <= index }) else { continue }
            var paths = LayerPaths()
            try store.readArchive(of: layer, isChecked: false) { try paths.consume($0) }
            for place in items.indices
            where items[place].visibility == .visible && (items[place].layer ?? .max) <= index {
                if paths.hides(items[place].finding.path) { items[place].visibility = .hidden(by: index + 1) }
            }
        }
    }

    private func documentItems(
        _ image: Image, _ made: LayerInstructions, _ documents: Documents, _ scanner: SecretScanner
    ) -> [SecretReport.Item] {
        var scan = DocumentScan(scanner)
        // What cannot be read as JSON is no config, and the image would not be here.
        if let config = try? JSON.parse(image.configBytes) { scan.add(config, name: "image") }
        if let manifest = image.manifestBytes.flatMap({ try? JSON.parse($0) })?["annotations"] {
            scan.add(manifest, name: "manifest.annotations")
        }
        var annotations = JSONObject()
        for (key, value) in documents.annotations.sorted(by: { $0.key < $1.key }) { annotations[key] = .string(value) }
        if !annotations.isEmpty { scan.add(.object(["annotations": .object(annotations)]), name: "manifest") }
        for statement in documents.statements { scan.add(statement.predicate, name: statement.name) }
        return scan.findings.map { finding in
            let line = Self.historyLine(finding.path)
            let isBase = line.map { $0 < made.baseHistory } ?? false
            var item = SecretReport.Item(
                finding, level: finding.level(at: now), layer: nil, diffID: nil, isBase: isBase)
            if let line, image.config.history.indices.contains(line) {
                item.instruction = instruction(of: line, image, made).redacted(by: scanner)
            }
            return item
        }
    }

    /// `image.history[12].created_by` is 12.
    private static func historyLine(_ place: String) -> Int? {
        guard place.hasPrefix("image.history[") else { return nil }
        return Int(place.dropFirst(14).prefix { $0.isNumber })
    }

    /// The instruction of a line of the history: with its place in the Dockerfile where it left a layer.
    private func instruction(of line: Int, _ image: Image, _ made: LayerInstructions) -> SecretReport.Instruction {
        let history = image.config.history
        let layer = history[...line].count { !$0.emptyLayer } - 1
        let total = history.count { !$0.emptyLayer }
        let place = layer + image.layers.count - total
        if !history[line].emptyLayer, made.instructions.indices.contains(place), let known = made.instructions[place] {
            return known
        }
        return SecretReport.Instruction(file: nil, line: nil, text: history[line].createdBy ?? "")
    }
}

/// What the packages of an image brought, read when a finding asks for it.
private struct PackageLists {
    let store: Store
    let layers: [Image.Layer]
    private var known: [DiffID: PackageChecksums] = [:]

    init(store: Store, layers: [Image.Layer]) { (self.store, self.layers) = (store, layers) }

    mutating func add(_ checksums: PackageChecksums, of layer: Image.Layer) { known[layer.diffID] = checksums }

    /// Those of a layer and of the ones below it: what is installed later says nothing of what was there before.
    mutating func lists(upTo last: Image.Layer) throws -> PackageChecksums {
        var result = PackageChecksums()
        for layer in layers.reversed().drop(while: { $0.diffID != last.diffID }) {
            if known[layer.diffID] == nil {
                var packages = LayerPackages()
                try store.readArchive(of: layer, isChecked: false) { try packages.consume($0) }
                known[layer.diffID] = packages.checksums
            }
            if let checksums = known[layer.diffID] { result.formUnion(checksums) }
        }
        return result
    }
}

extension SecretReport.Instruction {
    /// The instruction may hold the secret that it writes.
    fileprivate func redacted(by scanner: SecretScanner) -> SecretReport.Instruction {
        SecretReport.Instruction(file: file, line: line, text: scanner.redacted(text))
    }
}
