/// Something that would make an image smaller, with what it would save.
package struct Fix: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The program needs nothing else of the image: a second stage on `scratch`, or on a base of the catalog.
        case secondStage(program: [UInt8], base: String)
        case cache(PathClass.Cache)
        /// Files that a later step overwrites with the same bytes, for owners or modes.
        case ownership(by: Int)
        case overwritten(by: Int)
        case deletedLater(by: Int)
        case documentation, locales, headers, tests, sourceMaps
        /// Packages that nothing but a recommendation asked for.
        case recommends
        /// Packages that somebody asked for to build with, and what they dragged in: starting reads none of it.
        case buildTools([String])
        /// What COPY brought and an ignore file would leave out.
        case contextLeftovers([String])
        case developmentPackages(PackageRecord.Ecosystem)
        /// The same bytes at several paths.
        case duplicates
    }

    package let kind: Kind
    /// The layer whose instruction is to change; nil where it is not one.
    package let layer: Int?
    /// Regular files that would not be there: layer and place of the entry.
    package let files: [File]
    /// Bytes on the disk.
    package var saving = Saving()
    /// Bytes to transfer; nil until somebody measures.
    package var transfer: Saving?
    package var method: Method
    /// How to do it in the files of the build.
    package var patch: Patch?

    package struct File: Hashable, Sendable {
        package let layer: Int
        package let entry: Int

        package init(layer: Int, entry: Int) { (self.layer, self.entry) = (layer, entry) }
    }

    package struct Saving: Hashable, Sendable {
        /// If nothing else is done.
        package var alone: Int64 = 0
        /// If everything above it in the list is done already.
        package var after: Int64 = 0

        package init(alone: Int64 = 0, after: Int64 = 0) { (self.alone, self.after) = (alone, after) }
    }

    package enum Method: String, Hashable, Sendable {
        /// The layers without these files.
        case layers
        /// The program alone.
        case program
        /// The image was built again.
        case rebuild
        /// Not computed: it is told without a number.
        case none
    }

    /// A change of one file of a build.
    package struct Patch: Hashable, Sendable {
        package enum Target: Hashable, Sendable { case dockerfile, ignoreFile }

        /// Lines that stand in the place of others.
        package struct Edit: Hashable, Sendable {
            /// By number from 1; nil for what is added behind the last line.
            package let lines: ClosedRange<Int>?
            package let replacement: [String]

            package init(_ lines: ClosedRange<Int>?, _ replacement: [String]) {
                (self.lines, self.replacement) = (lines, replacement)
            }
        }

        package let target: Target
        /// In the order of lines, none touching another.
        package let edits: [Edit]

        package init(_ target: Target, _ edits: [Edit]) { (self.target, self.edits) = (target, edits) }
    }

    init(_ kind: Kind, layer: Int?, files: [File], method: Method = .layers) {
        (self.kind, self.layer, self.files, self.method) = (kind, layer, files, method)
    }

    /// The finding's name, as it stands in JSON and SARIF.
    package var id: String {
        switch kind {
        case .secondStage: "SecondStage"
        case .cache(let cache):
            cache == .temporary || cache == .logs || cache == .backups ? "LeftoverFiles" : "PackageCacheKept"
        case .ownership: "OwnershipChangeCopies"
        case .overwritten: "OverwrittenLater"
        case .deletedLater: "DeletedLater"
        case .documentation: "Documentation"
        case .locales: "OtherLocales"
        case .headers: "Headers"
        case .tests: "Tests"
        case .sourceMaps: "SourceMaps"
        case .recommends: "RecommendedPackages"
        case .buildTools: "BuildToolsInFinalStage"
        case .contextLeftovers: "ContextLeftovers"
        case .developmentPackages: "DevelopmentPackages"
        case .duplicates: "Duplicates"
        }
    }

    package enum Severity: String, Hashable, Sendable { case warning, note }

    /// A twentieth of the image is worth a warning.
    package func severity(of total: Int64) -> Severity { saving.alone >= max(1, total / 20) ? .warning : .note }
}

extension [Fix] {
    /// Sorts by saving, computes each alone and after those above it, and leaves out what saves nothing.
    func ranked(_ account: ImageAccount) -> [Fix] {
        var fixes = self
        for index in fixes.indices { fixes[index].saving.alone = account.bytes(of: fixes[index].files) }
        fixes = fixes.filter { $0.saving.alone > 0 || $0.method == .none }
        fixes.sort { ($1.saving.alone, $0.id, $0.layer ?? -1) < ($0.saving.alone, $1.id, $1.layer ?? -1) }
        var done: Set<Fix.File> = []
        for index in fixes.indices {
            let fresh = fixes[index].files.filter { !done.contains($0) }
            fixes[index].saving.after = account.bytes(of: fresh)
            done.formUnion(fresh)
        }
        return fixes
    }
}

extension ImageAccount {
    /// Bytes of regular files.
    package func bytes(of files: some Sequence<Fix.File>) -> Int64 {
        files.reduce(0) { LayerRecord.sum($0, layers[$1.layer].entries[$1.entry].size) }
    }
}
