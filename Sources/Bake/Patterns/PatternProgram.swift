/// A regular expression as steps, which are taken for all ways through it at once: each step at most once for each character.
struct PatternProgram {
    enum Step {
        case scalar(Int)
        case assertion(PatternAssertion)
        /// The first is tried first.
        case split(Int, Int)
        case jump(Int)
        case save(Int)
        case match
    }

    private static let sizeLimit = 20_000

    private(set) var steps: [Step] = []
    private(set) var sets: [PatternSet] = []
    private let places: Int

    init(_ node: PatternNode, groups: Int) throws(Pattern.Mistake) {
        places = 2 * (groups + 1)
        try add(.group(0, node))
        steps.append(.match)
    }

    private mutating func add(_ node: PatternNode) throws(Pattern.Mistake) {
        guard steps.count < Self.sizeLimit else { throw Pattern.Mistake() }
        switch node {
        case .empty: break
        case .scalar(let set):
            steps.append(.scalar(sets.count))
            sets.append(set)
        case .assertion(let assertion): steps.append(.assertion(assertion))
        case .sequence(let parts): for part in parts { try add(part) }
        case .choice(let parts): try add(choice: parts)
        case .repetition(let part, let least, let most, let isGreedy):
            // Of those without an end the last one is the one that repeats.
            for _ in 0..<(most == nil ? max(least - 1, 0) : least) { try add(part) }
            if let most {
                try add(part, upTo: most - least, isGreedy)
            } else if least > 0 {
                try add(endless: part, isGreedy)
            } else {
                // `x*` as `(?:x+)?`, so that a part which may be empty is gone through once.
                let split = open()
                try add(endless: part, isGreedy)
                close(split, isGreedy)
            }
        case .group(let number, let part):
            steps.append(.save(2 * number))
            try add(part)
            steps.append(.save(2 * number + 1))
        }
    }

    private mutating func add(choice parts: [PatternNode]) throws(Pattern.Mistake) {
        var ends: [Int] = []
        for part in parts.dropLast() {
            let split = open()
            try add(part)
            ends.append(open())
            close(split, true)
        }
        if let last = parts.last { try add(last) }
        for end in ends { steps[end] = .jump(steps.count) }
    }

    private mutating func add(_ part: PatternNode, upTo count: Int, _ isGreedy: Bool) throws(Pattern.Mistake) {
        var splits: [Int] = []
        for _ in 0..<count {
            splits.append(open())
            try add(part)
        }
        for split in splits { close(split, isGreedy) }
    }

    /// Once at least.
    private mutating func add(endless part: PatternNode, _ isGreedy: Bool) throws(Pattern.Mistake) {
        let start = steps.count
        try add(part)
        let next = steps.count + 1
        steps.append(isGreedy ? .split(start, next) : .split(next, start))
    }

    /// A step whose target comes later.
    private mutating func open() -> Int {
        steps.append(.match)
        return steps.count - 1
    }

    private mutating func close(_ split: Int, _ isGreedy: Bool) {
        steps[split] = isGreedy ? .split(split + 1, steps.count) : .split(steps.count, split + 1)
    }
}

extension PatternProgram {
    /// A search through one text, whose steps are counted over all its matches.
    struct Search {
        private struct Thread {
            let step: Int
            /// Where its groups begin and end; -1 for not yet.
            var places: [Int]
        }

        private let program: PatternProgram
        private let text: [Unicode.Scalar]
        /// How many may still be taken.
        private var steps: Int
        /// Where each step was last put into the list.
        private var seen: [Int]
        private var round = 0

        init(_ program: PatternProgram, _ text: [Unicode.Scalar], steps: Int) {
            (self.program, self.text, self.steps) = (program, text, steps)
            seen = Array(repeating: 0, count: program.steps.count)
        }

        /// The first match that begins at a place or behind it.
        mutating func first(from start: Int) throws(Pattern.TooLong) -> [Range<Int>?]? {
            var threads: [Thread] = []
            var found: [Int]?
            var place = start
            while true {
                if found == nil {
                    // A new way begins at each place, behind those that began before it.
                    if threads.isEmpty { round += 1 }
                    try follow(Thread(step: 0, places: Array(repeating: -1, count: program.places)), place, &threads)
                }
                guard !threads.isEmpty || (found == nil && place < text.count) else { break }
                let current = threads
                threads.removeAll(keepingCapacity: true)
                round += 1
                for thread in current {
                    guard case .scalar(let set) = program.steps[thread.step] else {
                        // Ways behind it are worse.
                        found = thread.places
                        break
                    }
                    guard place < text.count, program.sets[set].contains(text[place]) else { continue }
                    try follow(Thread(step: thread.step + 1, places: thread.places), place + 1, &threads)
                }
                guard place < text.count else { break }
                place += 1
            }
            return found.map { places in
                stride(from: 0, to: places.count, by: 2).map { index in
                    places[index] < 0 || places[index + 1] < 0 ? nil : places[index]..<places[index + 1]
                }
            }
        }

        /// Puts the steps that are reached without a character into the list, the best first.
        private mutating func follow(_ thread: Thread, _ place: Int, _ list: inout [Thread]) throws(Pattern.TooLong) {
            var open = [thread]
            while let next = open.popLast() {
                steps -= 1
                guard steps > 0 else { throw Pattern.TooLong() }
                guard seen[next.step] != round else { continue }
                seen[next.step] = round
                switch program.steps[next.step] {
                case .scalar, .match: list.append(next)
                case .jump(let step): open.append(Thread(step: step, places: next.places))
                case .split(let better, let worse):
                    open.append(Thread(step: worse, places: next.places))
                    open.append(Thread(step: better, places: next.places))
                case .save(let index):
                    var saved = Thread(step: next.step + 1, places: next.places)
                    saved.places[index] = place
                    open.append(saved)
                case .assertion(let assertion):
                    if holds(assertion, place) { open.append(Thread(step: next.step + 1, places: next.places)) }
                }
            }
        }

        private func holds(_ assertion: PatternAssertion, _ place: Int) -> Bool {
            let (before, after) = (place > 0 ? text[place - 1] : nil, place < text.count ? text[place] : nil)
            let isBoundary =
                (before.map(PatternSet.word.contains) ?? false) != (after.map(PatternSet.word.contains) ?? false)
            return switch assertion {
            case .textStart: before == nil
            case .textEnd: after == nil
            case .lineStart: before == nil || before == "\n"
            case .lineEnd: after == nil || after == "\n"
            case .wordBoundary: isBoundary
            case .noWordBoundary: !isBoundary
            }
        }
    }
}
