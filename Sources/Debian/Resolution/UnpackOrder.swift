/// In which order packages are unpacked: base-files first, because it knows the modes of the root's directories;
/// whoever replaces another's files before it, so that each file is written once; otherwise by name.
enum UnpackOrder {
    static func sort(_ packages: [BinaryPackage]) -> [BinaryPackage] {
        let byName = packages.sorted {
            ($0.name != "base-files" ? 1 : 0, $0.name) < ($1.name != "base-files" ? 1 : 0, $1.name)
        }
        var replacers: [Int: [Int]] = [:]
        let places = Dictionary(byName.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        for (place, package) in byName.enumerated() {
            for relation in package.replaces {
                guard let other = places[relation.name], other != place, byName[other].satisfies(relation) else {
                    continue
                }
                replacers[other, default: []].append(place)
            }
        }
        var order: [Int] = []
        var state = [Bool](repeating: false, count: byName.count)
        // Depth first without recursion; packages that replace each other keep the order of their names.
        for start in byName.indices {
            var stack = [(place: start, next: 0)]
            if state[start] { continue }
            state[start] = true
            while let (place, next) = stack.popLast() {
                let waiting = replacers[place] ?? []
                if let index = waiting.indices.dropFirst(next).first(where: { !state[waiting[$0]] }) {
                    stack.append((place, index + 1))
                    stack.append((waiting[index], 0))
                    state[waiting[index]] = true
                } else {
                    order.append(place)
                }
            }
        }
        return order.map { byName[$0] }
    }
}
