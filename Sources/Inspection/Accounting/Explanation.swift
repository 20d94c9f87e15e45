package import OCI

/// What is in an image and why: every byte once, by layer, instruction, package, path and reason, and what would make it smaller.
package struct Explanation: Sendable {
    /// As a person named it.
    package let name: String
    package let id: Digest
    package let config: ImageConfig
    package let account: ImageAccount
    package let packages: PackageSet
    package let steps: [LayerStep]
    /// For each visible entry.
    package let reasons: [FileReason]
    package private(set) var fixes: [Fix]
    /// Bytes of each layer as it travels; nil where it was never packed.
    package private(set) var transferSizes: [Int64?]
    /// What the entry point is known to read; empty where nobody looked.
    package let program: Program
    /// The digest of the image's manifest, where it has one.
    package var manifest: Digest?

    /// What starting an image is known to need.
    package struct Program: Sendable {
        /// The file that is started.
        package var path: [UInt8]?
        /// Every file that starting it reads, the program among them.
        package var files: Set<[UInt8]> = []
        /// Whether the files that were found are all that it needs.
        package var isWhole = false
        /// The smallest base of the catalog on which it runs; `scratch` for a program that needs nothing.
        package var base: String?

        package init() {}
    }

    /// What an explanation is made of.
    package struct Source: Sendable {
        package var name: String
        package var image: Image
        package var records: [LayerRecord]
        package var steps: [LayerStep]
        package var transferSizes: [Int64?]
        package var program = Program()

        package init(name: String, image: Image, records: [LayerRecord], steps: [LayerStep], transferSizes: [Int64?]) {
            (self.name, self.image, self.records, self.steps, self.transferSizes) = (
                name, image, records, steps, transferSizes
            )
        }
    }

    package init(_ source: Source) {
        (name, id, config) = (source.name, source.image.id, source.image.config)
        (steps, transferSizes, program) = (source.steps, source.transferSizes, source.program)
        manifest = source.image.manifestBytes.map { Digest(sha256: $0) }
        account = ImageAccount(source.records)
        packages = PackageSet(account)
        reasons = ReasonFinder(account: account, packages: packages, steps: steps, program: program, config: config)
            .reasons()
        fixes = []
        let found = FixFinder(account, packages, steps, config).fixes(program)
        fixes = (found + [secondStage(), smallerBase()].compactMap { $0 }).ranked(account)
    }

    package var sums: ImageAccount.Sums { account.sums }

    /// Bytes that travel; nil where a layer was never packed.
    package var transfer: Int64? {
        transferSizes.reduce(Int64?.some(0)) { sum, size in sum.flatMap { sum in size.map { LayerRecord.sum(sum, $0) } }
        }
    }

    /// - Parameter sizes: one for each layer.
    package mutating func replaceTransferSizes(_ sizes: [Int64?]) { transferSizes = sizes }

    package mutating func replaceFixes(_ fixes: [Fix]) { self.fixes = fixes }

    /// The program with what it is known to read on a base of its own; only where it needs no base its saving is a number.
    private func secondStage() -> Fix? {
        guard program.isWhole, let path = program.path, let base = program.base, let place = account.place(of: path),
            program.files == [path], base == "scratch"
        else { return nil }
        let total = sums.total
        let own = account.visible[place].bytes
        // Of an image that is the program already, and little else, there is nothing to tell.
        guard total - own >= max(1 << 20, total / 10) else { return nil }
        let entry = account.visible[place].entry
        let (layer, keeps) = (account.visible[place].layer, account.entry(account.visible[place]).head ?? entry)
        var files: [Fix.File] = []
        for (index, record) in account.layers.enumerated() {
            for (place, entry) in record.entries.enumerated()
            where entry.kind == .file && !(index == layer && place == keeps) {
                files.append(Fix.File(layer: index, entry: place))
            }
        }
        return Fix(.secondStage(program: path, base: base), layer: nil, files: files, method: .program)
    }

    /// A base of the catalog in the place of one that has a package manager: told without a number, for nothing here computes
    /// what the base would add.
    private func smallerBase() -> Fix? {
        let managers = ["usr/bin/apt-get", "sbin/apk", "usr/bin/dnf", "usr/bin/microdnf", "usr/bin/yum"]
        guard program.isWhole, let path = program.path, let base = program.base, base != "scratch",
            managers.contains(where: { account.lookUp(Array($0.utf8)) != nil })
        else { return nil }
        return Fix(.secondStage(program: path, base: base), layer: nil, files: [], method: .none)
    }

    /// The instruction that brought a visible entry.
    package func step(of visible: ImageAccount.Visible) -> LayerStep? {
        visible.layer < steps.count ? steps[visible.layer] : nil
    }

    package func owner(_ place: Int) -> Int? { packages.owners[place] >= 0 ? packages.owners[place] : nil }
}

/// Says why each file is there.
struct ReasonFinder {
    let account: ImageAccount
    let packages: PackageSet
    let steps: [LayerStep]
    let program: Explanation.Program
    let config: ImageConfig

    func reasons() -> [FileReason] {
        let locale = config.container.environment.first { $0.hasPrefix("LANG=") }.map { String($0.dropFirst(5)) }
        return account.visible.indices.map { place in
            let visible = account.visible[place]
            if program.files.contains(visible.path) { return .program }
            if PathClass.cache(visible.path) != nil { return .cache }
            switch PathClass.use(visible.path, locale: locale) {
            case .documentation, .manual: return .documentation
            case .locale: return .locale
            case .headers, .staticLibrary, .sourceMap: return .development
            case .tests, .cache, .contextLeftover, nil: break
            }
            let owner = packages.owners[place]
            return owner >= 0
                ? reason(of: owner) : reason(of: visible.layer < steps.count ? steps[visible.layer] : LayerStep())
        }
    }

    private func reason(of owner: Int) -> FileReason {
        if packages.packages[owner].isRequested == true { return .requested }
        if packages.isOnlyRecommended(owner) { return .recommended }
        return packages.isReached(owner) ? .dependency : .packaged
    }

    private func reason(of step: LayerStep) -> FileReason {
        if step.isBase == true { return .base }
        switch step.kind {
        case .copy: return .copied
        case .run: return .made
        case .other: return .unknown
        }
    }
}
