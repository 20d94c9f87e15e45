import Testing

@testable import Inspection

@Suite struct GroupingTests {
    /// One part behind the limit stands alone, for it takes no more room than "1 other".
    @Test(arguments: [1, 2, .max]) func limitIsAnyNumber(_ limit: Int) {
        let groups = [ByteGroup(.deleted, bytes: 1), ByteGroup(.overwritten, bytes: 2)]
        #expect(Explanation.limited(groups, limit).map(\.bytes) == [2, 1])
    }
}
