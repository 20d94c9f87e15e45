package import Inspection
import OCI
import Rendering

/// The words of reports: names of groups, reasons, and what a fix does.
extension FileReason {
    package var words: String {
        switch self {
        case .program: "what the entry point reads"
        case .requested: "packages that were asked for"
        case .dependency: "packages that others need"
        case .recommended: "packages that others only recommend"
        case .packaged: "packages that nothing is known to need"
        case .documentation: "documentation"
        case .locale: "messages in other languages"
        case .development: "headers, static libraries, source maps"
        case .cache: "caches, logs and temporary files"
        case .copied: "copied files"
        case .made: "made by RUN"
        case .base: "the base image's own files"
        case .unknown: "files that nothing tells of"
        }
    }
}

extension PathClass.Cache {
    package var words: String {
        switch self {
        case .aptLists: "apt's package lists"
        case .aptArchives: "apt's downloaded packages"
        case .apk: "apk's cache"
        case .dnf: "dnf's cache"
        case .pip: "pip's cache"
        case .uv: "uv's cache"
        case .poetry: "Poetry's cache"
        case .conda: "conda's package cache"
        case .npm: "npm's cache"
        case .yarn: "Yarn's cache"
        case .pnpm: "pnpm's store"
        case .goBuild: "Go's build cache"
        case .goModules: "Go's module cache"
        case .cargo: "Cargo's registry"
        case .maven: "Maven's repository"
        case .gradle: "Gradle's cache"
        case .composer: "Composer's cache"
        case .gem: "RubyGems' cache"
        case .nuget: "NuGet's packages"
        case .ccache: "ccache's cache"
        case .temporary: "temporary files"
        case .logs: "logs"
        case .backups: "backups of package databases"
        }
    }
}

/// What a report calls things of one image.
package struct InsightWords: Sendable {
    let explanation: Explanation

    package init(_ explanation: Explanation) { self.explanation = explanation }

    /// An instruction with its place: `RUN apt-get update (Dockerfile:3)`.
    package func step(_ layer: Int) -> String {
        guard layer < explanation.steps.count else { return "layer \(layer + 1)" }
        let step = explanation.steps[layer]
        let text =
            step.text.map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") } ?? "layer \(layer + 1)"
        if let place = step.place { return "\(text) (\(place))" }
        return step.isBase == true ? "\(text) (base image)" : text
    }

    /// A short name of the instruction: `line 3`, else `layer 2`.
    package func place(_ layer: Int) -> String {
        explanation.steps.indices.contains(layer)
            ? explanation.steps[layer].place ?? "layer \(layer + 1)" : "layer \(layer + 1)"
    }

    package func label(_ label: ByteGroup.Label) -> String {
        switch label {
        case .layer(let layer): "layer \(layer + 1) \(explanation.image(layer))"
        case .instruction(let layer): step(layer)
        case .package(let package): self.package(package)
        case .unpackaged(let path): "/" + String(decoding: path, as: UTF8.self)
        case .path(let path, let isDirectory): "/" + String(decoding: path, as: UTF8.self) + (isDirectory ? "/" : "")
        case .reason(let reason): reason.words
        case .overwritten: "overwritten by a later layer"
        case .deleted: "deleted by a later layer"
        case .others(let count): count == 1 ? "1 other" : "\(count) others"
        }
    }

    package func package(_ place: Int) -> String {
        let package = explanation.packages.packages[place]
        let version = package.version.isEmpty ? "" : " \(package.version)"
        return "\(package.displayName)\(version) (\(package.ecosystem.rawValue))"
    }

    /// What a fix does, as the beginning of a sentence.
    package func title(_ fix: Fix) -> String {
        switch fix.kind {
        case .secondStage(let program, "scratch"):
            "a second stage: FROM scratch with /\(String(decoding: program, as: UTF8.self)) alone, "
                + "which needs nothing else of the image"
        case .secondStage(let program, let base):
            "a second stage: FROM \(base) with /\(String(decoding: program, as: UTF8.self)) and what it loads"
        case .cache(let cache): "leave out \(cache.words)\(made(fix))"
        case .ownership(let layer):
            "set owners and modes where files are made or copied (COPY --chown, --chmod), not later at \(place(layer))"
        case .overwritten(let layer): "do not write files that \(place(layer)) writes again"
        case .deletedLater(let layer):
            "delete in the instruction that made them what \(place(layer)) deletes: it stays in the lower layer"
        case .documentation: "leave out documentation and manuals\(made(fix))"
        case .locales: "leave out messages in other languages\(made(fix))"
        case .headers: "leave out headers and static libraries\(made(fix))"
        case .tests: "leave out test suites of libraries\(made(fix))"
        case .sourceMaps: "leave out source maps\(made(fix))"
        case .recommends: "install without recommended packages (--no-install-recommends)\(made(fix))"
        case .buildTools(let names):
            "build in an earlier stage, without \(Self.list(names))\(made(fix)) in this one: starting reads nothing of it"
        case .contextLeftovers(let names): "ignore \(names.joined(separator: ", ")) of the context\(made(fix))"
        case .developmentPackages(let ecosystem): "leave out \(ecosystem.rawValue) packages for development\(made(fix))"
        case .duplicates: "link files that have the same bytes"
        }
    }

    private static func list(_ names: [String]) -> String {
        let told = names.count > 5 ? names.prefix(4) + ["\(names.count - 4) others"] : names
        guard let last = told.last, told.count > 1 else { return names.joined() }
        return told.dropLast().joined(separator: ", ") + " and " + last
    }

    private func made(_ fix: Fix) -> String { fix.layer.map { " (\(place($0)))" } ?? "" }
}

extension Explanation {
    /// The short diffID of a layer.
    func image(_ layer: Int) -> String {
        config.layers.indices.contains(layer) ? config.layers[layer].digest.short : ""
    }
}

/// A share of something, in tenths of a percent: `4.8 %`.
package enum Share {
    package static func text(_ part: Int64, of total: Int64) -> String {
        guard total > 0 else { return "0 %" }
        return (FixedPoint.text(Double(max(0, part)) / Double(total) * 100, decimals: 1) ?? "0") + " %"
    }
}
