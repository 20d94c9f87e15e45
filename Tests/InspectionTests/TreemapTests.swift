import Inspection
import TestSupport
import Testing

@Suite struct TreemapTests {
    @Test(arguments: 1..<40) func areasAreAsTheWeights(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let weights = (0..<Int.random(in: 1...200, using: &generator)).map { _ in
            Double.random(in: 0.001...1000, using: &generator)
        }.sorted(by: >)
        let bounds = Treemap.Rectangle(x: 3, y: 5, width: 700, height: 300)
        let places = Treemap.layout(weights, in: bounds)
        let total = weights.reduce(0, +)
        for (weight, place) in zip(weights, places) {
            #expect(abs(place.area - weight / total * bounds.area) < 1e-6 * bounds.area)
            #expect(
                place.x >= 3 - 1e-9 && place.y >= 5 - 1e-9 && place.x + place.width <= 703 + 1e-6
                    && place.y + place.height <= 305 + 1e-6)
        }
    }

    @Test func nothingHasNoArea() {
        #expect(Treemap.layout([], in: .init(x: 0, y: 0, width: 1, height: 1)).isEmpty)
        #expect(Treemap.layout([0, -1], in: .init(x: 0, y: 0, width: 1, height: 1)).map(\.area) == [0, 0])
        #expect(Treemap.layout([1], in: .init(x: 0, y: 0, width: 0, height: 1)).map(\.area) == [0])
    }
}
