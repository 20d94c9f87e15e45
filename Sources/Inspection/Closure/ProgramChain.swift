package import OCI

/// The way from what an image starts to a file that this needs, by the libraries that programs name.
package enum ProgramChain {
    /// - Parameters:
    ///   - files: what starting the program is known to read.
    /// - Returns: from the program to the file, both included; the two alone where the way between them is another than that of
    ///   libraries; nil where nothing leads there.
    package static func find(
        _ file: ImagePath, from program: ImagePath, among files: Set<ImagePath>, in tree: ImageTree
    ) throws -> [ImagePath]? {
        if file == program { return [program] }
        guard files.contains(file) else { return nil }
        var byName: [[UInt8]: [ImagePath]] = [:]
        for path in files { byName[path.name ?? [], default: []].append(path) }
        var parents: [ImagePath: ImagePath] = [:]
        var queue = [program]
        var index = 0
        while index < queue.count {
            let path = queue[index]
            index += 1
            guard let node = try tree.lookUp(path), let elf = try tree.elf(node) else { continue }
            for name in elf.needed {
                for next in try targets(name, byName, beside: files, tree) where next != program && parents[next] == nil
                {
                    parents[next] = path
                    if next == file { return way(to: file, parents) }
                    queue.append(next)
                }
            }
        }
        return [program, file]
    }

    /// The files that a library's name stands for: of this name, or behind a link of this name.
    private static func targets(
        _ name: String, _ byName: [[UInt8]: [ImagePath]], beside files: Set<ImagePath>, _ tree: ImageTree
    ) throws -> [ImagePath] {
        let bytes = Array(name.utf8)
        if let found = byName[bytes] { return found.sorted() }
        for folder in Set(files.map(\.parent)).sorted() {
            if let node = try tree.lookUp(folder.appending(bytes)), files.contains(node.path) { return [node.path] }
        }
        return []
    }

    private static func way(to file: ImagePath, _ parents: [ImagePath: ImagePath]) -> [ImagePath] {
        var result = [file]
        while let parent = parents[result[result.count - 1]], result.count <= parents.count + 1 {
            result.append(parent)
        }
        return result.reversed()
    }
}
