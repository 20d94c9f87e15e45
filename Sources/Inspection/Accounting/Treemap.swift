/// Lays out areas in a rectangle so that they are nearly square (Bruls, Huizing, van Wijk: "Squarified Treemaps", 2000).
package enum Treemap {
    package struct Rectangle: Hashable, Sendable {
        package var x: Double
        package var y: Double
        package var width: Double
        package var height: Double

        package init(x: Double, y: Double, width: Double, height: Double) {
            (self.x, self.y, self.width, self.height) = (x, y, width, height)
        }

        package var area: Double { width * height }
    }

    /// - Parameter weights: the largest first; those that are not above zero get an empty rectangle.
    /// - Returns: one rectangle for each weight, whose areas are to each other as the weights are.
    package static func layout(_ weights: [Double], in bounds: Rectangle) -> [Rectangle] {
        let total = weights.reduce(0) { $0 + max(0, $1) }
        var result = weights.map { _ in Rectangle(x: bounds.x, y: bounds.y, width: 0, height: 0) }
        guard total > 0, total.isFinite, bounds.area > 0 else { return result }
        let areas = weights.map { max(0, $0) / total * bounds.area }
        var rest = bounds
        var start = 0
        while start < areas.count, areas[start] > 0 {
            let side = min(rest.width, rest.height)
            var end = start + 1
            var sum = areas[start]
            // A row grows as long as its worst rectangle gets no worse.
            while end < areas.count, areas[end] > 0,
                worst(areas[start], areas[end], sum + areas[end], side)
                    <= worst(areas[start], areas[end - 1], sum, side)
            {
                sum += areas[end]
                end += 1
            }
            place(areas[start..<end], sum, in: &rest) { result[$0] = $1 }
            start = end
        }
        return result
    }

    /// The largest ratio of sides in a row.
    private static func worst(_ largest: Double, _ smallest: Double, _ sum: Double, _ side: Double) -> Double {
        guard smallest > 0, sum > 0, side > 0 else { return .infinity }
        return max(side * side * largest / (sum * sum), sum * sum / (side * side * smallest))
    }

    /// Puts a row along the shorter side, and takes it from what is left.
    private static func place(
        _ row: ArraySlice<Double>, _ sum: Double, in rest: inout Rectangle, _ put: (Int, Rectangle) -> Void
    ) {
        let isWide = rest.width >= rest.height
        let side = isWide ? rest.height : rest.width
        guard side > 0 else { return }
        let thickness = min(isWide ? rest.width : rest.height, sum / side)
        var offset = 0.0
        for index in row.indices {
            let length = sum > 0 ? row[index] / sum * side : 0
            put(
                index,
                isWide
                    ? Rectangle(x: rest.x, y: rest.y + offset, width: thickness, height: length)
                    : Rectangle(x: rest.x + offset, y: rest.y, width: length, height: thickness))
            offset += length
        }
        if isWide {
            rest.x += thickness
            rest.width = max(0, rest.width - thickness)
        } else {
            rest.y += thickness
            rest.height = max(0, rest.height - thickness)
        }
    }
}
